"""What people who open bids do, in their windows: the key, the two parts, the record; and what others find there."""

import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select, update
from starlette.testclient import TestClient

from market.accounts import sessions as door
from market.accounts.models import Person
from market.accounts.sessions import BrowserSession
from market.bids import opening_keys, sealing
from market.bids.models import Bid, OpeningKey, OpeningRecord, Receipt, Seal
from market.cli import main
from market.db import Sessions
from market.values import utc_now
from tests import factories as make
from tests.bids.conftest import LASTS, Clock, Scene

Window = Callable[[], TestClient]
Sit = Callable[[Person], TestClient]
GOOD = "Elster Kandis Waage Moor"


@pytest.fixture
def clock() -> Clock:
    """The tender's deadline was two minutes ago by the clock of the pages."""
    return Clock(utc_now() - LASTS - timedelta(minutes=2))


@pytest.fixture
def sit(window: Window, kept: Scene) -> Sit:
    """A window in which the person has just signed in."""

    def open_one(person: Person) -> TestClient:
        token, _ = door.start(kept.session, person, "link", utc_now())
        kept.session.commit()
        client = window()
        client.cookies.set("session", token)
        return client

    return open_one


@pytest.fixture
def tender(kept: Scene) -> str:
    """Address of the opening of a tender with two bids, whose deadline is over for all clocks."""
    other = make.organisation(kept.session, kept.start, name="Stahlbau Probe GmbH")
    kept.hand_in("MARKE-EINS", files=(b"%PDF-MARKE",))
    kept.hand_in("MARKE-ZWEI", firm=other)
    kept.session.commit()
    kept.clock.now = utc_now()
    return f"/me/needs/{kept.need.ref}/opening"


def part(client: TestClient, path: str, passphrase: str) -> int:
    return client.post(path, data={"passphrase": passphrase}).status_code


def found(kept: Scene, *columns: Any) -> list[Any]:
    """Values as they are now; afterwards nobody waits for us."""
    values = list(kept.session.scalars(select(*columns)))
    kept.session.commit()
    return values


def states(kept: Scene) -> list[str]:
    return found(kept, Bid.state)


def test_two_people_open_the_bids_in_two_windows(kept: Scene, sit: Sit, tender: str) -> None:
    ada, ben, cyd = (sit(kept.people[name]) for name in ("ada", "ben", "cyd"))
    assert ben.get("/en/me").text.count("1 opening waits for you") == 1
    before = ada.get(f"/en{tender}").text
    assert "0 of 2" in before
    assert "Bid 2" in before
    assert "Stahlbau" not in before
    assert part(ada, tender, "ada opens bids") == 303
    assert "Your part is done" in ada.get(f"/en{tender}").text
    assert "waits for you" not in ada.get("/en/me").text
    seen = ben.get(f"/en{tender}").text
    assert "This cannot be undone" in seen
    assert "Ada" in seen
    assert states(kept) == ["submitted", "submitted"]
    assert part(ben, tender, "ben opens bids") == 303
    assert states(kept) == ["opened", "opened"]
    (head,) = found(kept, OpeningRecord.log_head)
    for person in (ada, ben, cyd):
        after = person.get(f"/en{tender}").text
        assert "Stahlbau Probe GmbH" in after
        assert head in after
        assert "MARKE" not in after
    assert part(cyd, tender, "cyd opens bids") == 409


def test_the_record_is_whole_for_the_buyer_and_one_line_for_a_bidder(kept: Scene, sit: Sit, tender: str) -> None:
    path = f"/en/needs/{kept.need.ref}/opening.pdf"
    ada, bidder, stranger = sit(kept.people["ada"]), sit(kept.bidder), sit(kept.person("eve", kept.buyer, "reader"))
    assert [client.get(path).status_code for client in (ada, bidder)] == [404, 404]
    part(ada, tender, "ada opens bids")
    part(sit(kept.people["ben"]), tender, "ben opens bids")
    whole, own = text_of(ada.get(path).content), text_of(bidder.get(path).content)
    (head,) = found(kept, OpeningRecord.log_head)
    for said in ("Ada", "Ben", "Stahlbau Probe GmbH", "Rohrbau Probe GmbH", "the log is without a gap", head):
        assert said in whole
    assert "Rohrbau Probe GmbH" in own
    assert "Stahlbau" not in own
    assert "MARKE" not in whole + own
    assert stranger.get(path).status_code == 404


def test_the_published_keys_check_receipts_without_us(
    kept: Scene, window: Window, tender: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = window().get("/.well-known/receipt-keys.json")
    assert answer.headers["cache-control"] == "public, max-age=300"
    (tmp_path / "keys.json").write_bytes(answer.content)
    (said, _) = found(kept, Receipt.said)
    for name, receipt, code in (("good", said, 0), ("bad", said | {"bytes": 1}, 1)):
        (tmp_path / name).write_text(json.dumps(receipt))
        assert main(["verify-receipt", str(tmp_path / name), "--keys", str(tmp_path / "keys.json")]) == code
    assert "in time" in capsys.readouterr().out


def text_of(pdf: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).replace("\n", " ")


def test_a_wrong_passphrase_opens_nothing_is_not_shown_again_nor_tried_for_ever(
    kept: Scene, sit: Sit, tender: str
) -> None:
    ada = sit(kept.people["ada"])
    answer = ada.post(tender, data={"passphrase": "ben opens bids"})
    assert answer.status_code == 422
    assert "ben opens bids" not in answer.text
    assert part(ada, tender, "") == 422
    assert [part(ada, tender, "ben opens bids") for _ in range(10)] == [422] * 9 + [429]
    assert part(ada, tender, "ada opens bids") == 429
    assert found(kept, Seal.giver_id) == [None]


def test_the_same_person_does_not_do_both_parts(kept: Scene, sit: Sit, tender: str) -> None:
    ada = sit(kept.people["ada"])
    assert part(ada, tender, "ada opens bids") == 303
    assert part(ada, tender, "ada opens bids") == 409
    assert states(kept) == ["submitted", "submitted"]


def test_whoever_has_not_just_proved_who_they_are_is_asked_first(kept: Scene, sit: Sit, tender: str) -> None:
    ada = sit(kept.people["ada"])
    kept.session.execute(update(BrowserSession).values(authenticated_at=utc_now() - timedelta(minutes=16)))
    kept.session.commit()
    for path, form in ((tender, {"passphrase": "ada opens bids"}), ("/me/opening-key", {"do": "replace"})):
        assert "passphrase" not in ada.get(path).text.partition('<form class="col')[2]
        answer = ada.post(path, data=form)
        assert answer.status_code == 303
        assert "/sign-in/step-up" in answer.headers["location"]
    assert found(kept, Seal.giver_id) == [None]


def test_before_the_deadline_nobody_opens_and_nobody_learns_how_many_there_are(kept: Scene, sit: Sit) -> None:
    late = kept.tender(utc_now() + timedelta(hours=1))
    kept.hand_in("MARKE", need=late)
    kept.session.commit()
    path = f"/me/needs/{late.ref}/opening"
    ada = sit(kept.people["ada"])
    page = ada.get(f"/en{path}").text
    assert "Possible from" in page
    assert "What has come" not in page
    assert part(ada, path, "ada opens bids") == 409
    # The web process and its database believe that it is over: the key process does not.
    kept.session.execute(update(Seal).values(deadline=utc_now() - timedelta(hours=1)))
    kept.session.commit()
    assert part(ada, path, "ada opens bids") == 303
    assert part(sit(kept.people["ben"]), path, "ben opens bids") == 409
    assert states(kept) == ["submitted"]


def test_others_find_no_opening(kept: Scene, sit: Sit, tender: str) -> None:
    partner = make.organisation(kept.session, kept.start, name="Anderes Werk SE", is_partner=True)
    strangers = [
        kept.bidder,
        kept.person("eve", partner, "admin"),
        kept.person("rea", kept.buyer, "reader"),
        kept.person("opa", kept.buyer, "opener"),
    ]
    for person in strangers:
        client = sit(person)
        assert client.get(tender).status_code == 404
        assert part(client, tender, "ada opens bids") == 404
    buyer = sit(kept.person("bea", kept.buyer, "buyer"))
    assert "1 opening waits for others" in buyer.get("/en/me").text
    assert buyer.get(tender).status_code == 200
    assert part(buyer, tender, "ada opens bids") == 403


def test_a_key_is_made_once_changed_and_replaced(kept: Scene, sit: Sit, sessions: Sessions) -> None:
    person = kept.person("neu", kept.buyer, "opener")
    client, path = sit(person), "/me/opening-key"
    assert "Make your key" in client.get(f"/en{path}").text
    for first, second in (("zu kurz", "zu kurz"), ("aaaaaaaaaaaaaaaaaaaa",) * 2, (GOOD, GOOD + "x"), (GOOD, "")):
        answer = client.post(path, data={"do": "make", "passphrase": first, "again": second})
        assert answer.status_code == 422
        assert first not in answer.text
    assert client.post(path, data={"do": "change"}).status_code == 404
    assert client.post(path, data={"do": "make", "passphrase": GOOD, "again": GOOD}).status_code == 303
    changed = {"do": "change", "passphrase": GOOD + " zwei", "again": GOOD + " zwei"}
    assert client.post(path, data=changed | {"old": "nicht der alte Satz"}).status_code == 422
    assert client.post(path, data=changed | {"old": GOOD}).status_code == 303
    with sessions() as session:
        key = opening_keys.of_person(session, person.id)
        assert key is not None
        assert sealing.unlock(key.key, GOOD + " zwei")
    assert client.post(path, data={"do": "replace", "passphrase": GOOD, "again": GOOD}).status_code == 303
    assert key.public not in found(kept, OpeningKey.public)


def test_whoever_is_named_without_a_key_is_told_what_to_do(kept: Scene, sit: Sit) -> None:
    person = kept.person("neu", kept.buyer, "opener")
    kept.people["neu"] = person
    need = kept.tender(openers=("ada", "ben", "neu"))
    need.stage = "draft"
    kept.session.commit()
    client = sit(person)
    assert "waits for your opening key" in client.get("/en/me").text
    client.post("/me/opening-key", data={"do": "make", "passphrase": GOOD, "again": GOOD})
    assert "waits for your opening key" not in client.get("/en/me").text


def test_a_replaced_key_still_opens_the_tenders_it_was_named_in(kept: Scene, sit: Sit, tender: str) -> None:
    ada = sit(kept.people["ada"])
    assert ada.post("/me/opening-key", data={"do": "replace", "passphrase": GOOD, "again": GOOD}).status_code == 303
    assert "Still with your old key" in ada.get("/en/me/opening-key").text
    assert part(ada, tender, GOOD) == 422
    assert part(ada, tender, "ada opens bids") == 303


def test_firms_have_no_opening_keys(kept: Scene, sit: Sit) -> None:
    assert sit(kept.bidder).get("/me/opening-key").status_code == 404
