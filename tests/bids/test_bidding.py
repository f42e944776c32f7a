"""What a bidder does, through the pages: write, save, look once more, hand in, confirm, take back."""

import base64
import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine, event, select, update
from starlette.testclient import TestClient

from market.accounts.models import Organisation
from market.accounts.sessions import BrowserSession
from market.bids import keys as keys_module
from market.bids import log, receipts, reminders, sealing
from market.bids.draft_models import Draft, DraftFile
from market.bids.models import Bid, Seal
from market.config import Settings
from market.db import Sessions
from market.journal import Entry
from market.mail.models import Letter
from market.needs import amendments, questions
from market.needs import service as needs
from market.needs.models import Need
from market.notifications import own_bids
from market.values import utc_now
from market.viewer import OPERATOR
from tests.bids.stand import Stand
from tests.files.test_checks import PDF
from tests.support.keyroom import key_process

Enter = Callable[..., TestClient]
BO = ("bo@rohr.example", "bidder")
MARK = "Kupferglanz-4711"
MS = timedelta(milliseconds=1)


@pytest.fixture(autouse=True)
def keyroom(settings: Settings, cheap: None) -> Iterator[None]:
    with key_process(settings.var, utc_now):
        yield


class Edge:
    """The clock of the edge: the present, unless a test has put it."""

    at: datetime | None = None

    def __call__(self) -> datetime:
        return self.at or utc_now()


@pytest.fixture(autouse=True)
def edge(monkeypatch: pytest.MonkeyPatch) -> Edge:
    edge = Edge()
    monkeypatch.setattr("market.app.utc_now", edge)
    return edge


@pytest.fixture
def stand(sessions: Sessions, settings: Settings) -> Stand:
    return Stand(sessions, settings)


@pytest.mark.parametrize("procedure", ["tender", "quotation"])
def test_a_bid_is_written_looked_at_handed_in_and_answered_with_a_receipt_that_holds(
    stand: Stand, enter: Enter, procedure: str
) -> None:
    stand.post(procedure)
    window = enter(*BO)
    assert "412" not in window.get(stand.page).text
    kept = window.post(stand.page, data=stand.typed(**{f"value.{stand.requirement}": "yes", "quote_number": "A-7"}))
    assert (kept.status_code, kept.headers["location"]) == (303, f"{stand.page}?edit=1")
    page = window.get(f"{stand.page}?edit=1").text
    assert 'value="412,50"' in page
    assert "74.250\xa0€" in page  # 180 m
    upload = window.post(
        stand.page,
        data=stand.typed(seen="1", do="attach"),
        files={"files": ("Konzept.pdf", PDF, "application/pdf")},
    )
    assert upload.status_code == 303, upload.text
    check = window.get(f"{stand.page}/check").text
    assert "Konzept.pdf" in check
    assert "1 Position ohne Preis" in check
    unsigned = stand.hand_in(window, binding="")
    assert unsigned.status_code == 422
    done = stand.hand_in(window)
    assert done.status_code == 303, done.text
    receipt = window.get(done.headers["location"])
    assert receipt.status_code == 200
    said = json.loads(window.get(done.headers["location"] + "/json").content)
    public = keys_module.Keys(stand.settings.keys_socket).public()
    assert receipts.fault(said, {said["key"]: public}) == ""
    assert said["signature"] in receipt.text
    assert [(bid.state, bid.content) for bid in stand.bids()] == [("submitted", {})]
    with stand.sessions() as session:
        assert session.scalars(select(Draft)).all() == []
        assert session.scalars(select(DraftFile)).all() == []
    assert "Ihr Gebot" in window.get(stand.page).text
    assert done.headers["location"] in window.get("/me/bids").text


def test_two_windows_are_told_of_each_other_and_nothing_typed_is_lost(stand: Stand, enter: Enter) -> None:
    stand.post()
    window = enter(*BO)
    first = window.post(stand.page, data=stand.typed(do="autosave")).json()
    assert (first["version"], first["outputs"]["whole"], first["faults"]) == (1, "74.250\xa0€", {})
    again = window.post(stand.page, data=stand.typed(do="autosave"))  # sent twice: no contradiction
    assert (again.status_code, again.json()["version"]) == (200, 1)
    assert window.post(stand.page, data=stand.typed("9", do="autosave")).status_code == 409
    other = window.post(stand.page, data=stand.typed("9,99"))
    assert other.status_code == 409
    assert 'value="9,99"' in other.text
    assert 'name="seen" value="1"' in other.text  # so that the next save is meant
    assert window.post(stand.page, data=stand.typed("zwölf", seen="1", do="autosave")).json()["faults"]
    page = window.get(f"{stand.page}?edit=1").text
    assert 'value="zwölf"' in page
    back = window.post(stand.page, data=stand.typed("zwölf", seen="2", do="check"))
    assert back.status_code == 422


def test_whose_sign_in_has_run_out_gets_the_words_back(stand: Stand, enter: Enter, window: Callable[[], Any]) -> None:
    stand.post()
    outside = window()
    assert outside.post(stand.page, data=stand.typed(do="autosave")).status_code == 401
    back = outside.post(stand.page, data=stand.typed(remark=MARK))
    assert back.status_code == 401
    fields = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', back.text))
    assert fields["remark"] == MARK
    assert enter(*BO).post(stand.page, data=fields | {"do": "save"}).status_code == 303


@pytest.mark.parametrize("act", ["hand in", "withdraw"])
def test_the_last_byte_decides_to_the_millisecond(stand: Stand, edge: Edge, enter: Enter, act: str) -> None:
    """The clock at the edge stands where we put it; all else goes by the present."""
    until = utc_now() - timedelta(seconds=1)
    stand.post()
    window = enter(*BO)
    window.post(stand.page, data=stand.typed())
    if act == "withdraw":
        stand.hand_in(window)
    page = window.get(f"{stand.page}/check").text
    hidden = dict(re.findall(r'name="(version|draft)" value="(\d+)"', page)) | {"binding": "yes"}
    stand.deadline(until)
    way = f"{stand.page}/{'check' if act == 'hand in' else 'withdraw'}"
    for at, status in ((until + MS, 409), (until, 409), (until - MS, 303)):
        edge.at = at
        answer = window.post(way, data=hidden)
        assert answer.status_code == status, (at - until, answer.text)
        if status == 409:
            assert "zählt nicht" in answer.text
    assert [bid.state for bid in stand.bids()] == ["submitted" if act == "hand in" else "withdrawn"]


def test_nobody_else_sees_a_word_of_it(stand: Stand, enter: Enter) -> None:
    stand.post("quotation")
    window, other = enter(*BO), enter("cy@andere.example", "admin", firm="Andere AG")
    buyer = enter("bea@werk.example", "admin", firm="Werk Probe SE")
    window.post(stand.page, data=stand.typed(remark=MARK, do="save"))
    receipt = stand.hand_in(window, keep="yes").headers["location"]
    for way in (receipt, f"{receipt}/json", f"{stand.page}/withdraw"):
        assert other.get(way).status_code == buyer.get(way).status_code == 404, way
    for way in (stand.page, f"{stand.page}?edit=1"):
        assert MARK not in other.get(way).text
        assert buyer.get(way).status_code == 404
    for way in (f"/needs/{stand.ref}", f"/me/needs/{stand.ref}", "/me"):
        assert MARK not in buyer.get(way, follow_redirects=True).text
    assert MARK in window.get(f"{stand.page}?edit=1").text  # the working copy
    with stand.sessions() as session:
        assert all(MARK not in letter.text for letter in session.scalars(select(Letter)))
        assert all(MARK not in str(entry.data) for entry in session.scalars(select(Entry)))


def test_what_was_never_sealed_is_read_when_the_evaluation_begins(stand: Stand, enter: Enter) -> None:
    stand.post("quotation")
    window = enter(*BO)
    files = {"files": ("Konzept.pdf", PDF, "application/pdf")}
    window.post(stand.page, data=stand.typed(remark=MARK), files=files)
    stand.hand_in(window)
    with stand.sessions.begin() as session:
        need = session.scalars(select(Need).where(Need.ref == stand.ref)).one()
        for move in ("close", "evaluate"):
            assert [bid.content for bid in session.scalars(select(Bid))] == [{}]
            needs.move(session, OPERATOR, need, move, utc_now())
        (bid,) = session.scalars(select(Bid))
        assert (bid.state, bid.content["remark"], bid.key) == ("opened", MARK, "")
        assert bid.content["lines"][stand.items[0]]["price"] == "412.50"
        content = sealing.pack(bid.content, [PDF])
        assert sealing.commitment(base64.b64decode(bid.salt), content) == bid.commitment
        seal = session.scalars(select(Seal)).one()
        assert (seal.wrapped, log.broken_at(session, seal)) == (None, 0)
    page = window.get(stand.page).text
    assert MARK in page
    assert "Konzept.pdf" in page


def test_after_a_change_the_difference_is_shown_and_the_bid_confirmed(stand: Stand, enter: Enter) -> None:
    stand.post()
    window = enter(*BO)
    window.post(stand.page, data=stand.typed())
    stand.hand_in(window)
    assert window.get(f"{stand.page}/confirm").status_code == 409
    with stand.sessions.begin() as session:
        need = session.scalars(select(Need).where(Need.ref == stand.ref)).one()
        now = utc_now()
        change = partial(needs.change, session, OPERATOR, need, now, site="Tor 7")
        amendments.amend(session, OPERATOR, need, "Tor 2 ist zu.", now, change)
    assert "Bitte bestätigen" in window.get(stand.page).text
    page = window.get(f"{stand.page}/confirm").text
    assert "Tor 7" in page
    assert window.post(f"{stand.page}/confirm", data={"version": "1"}).status_code == 409
    assert window.post(f"{stand.page}/confirm", data={"version": "2"}).status_code == 303
    assert [(bid.state, bid.need_version) for bid in stand.bids()] == [("submitted", 2)]
    with stand.sessions() as session:
        firm = session.scalars(select(Organisation).where(Organisation.name == "Probe GmbH")).one()
        need = session.scalars(select(Need).where(Need.ref == stand.ref)).one()
        assert own_bids.states(session, firm.id, [need.id]) == {need.id: "submitted"}
        assert firm in questions.followers(session, need)


def test_handing_in_looks_at_the_seal_once_a_pass_and_once_with_its_row_held(
    stand: Stand, enter: Enter, engine: Engine
) -> None:
    stand.post()
    window = enter(*BO)
    typed = stand.typed(**{f"value.{stand.requirement}": "yes"})
    assert window.post(stand.page, data=typed).status_code == 303
    asked: list[str] = []

    def note(conn: Any, cursor: Any, statement: str, *more: Any) -> None:
        if "FROM seals" in statement:
            asked.append(statement)

    hidden = dict(re.findall(r'name="(version|draft)" value="(\d+)"', window.get(f"{stand.page}/check").text))
    event.listen(engine, "before_cursor_execute", note)
    answer = window.post(f"{stand.page}/check", data=hidden | {"binding": "yes"})
    event.remove(engine, "before_cursor_execute", note)
    assert "/receipts/" in answer.headers["location"]
    assert len(asked) == 3  # two passes around the work in the store


def test_an_old_proof_of_who_one_is_hands_nothing_in(stand: Stand, enter: Enter) -> None:
    stand.post()
    window = enter(*BO)
    window.post(stand.page, data=stand.typed())
    with stand.sessions.begin() as session:
        session.execute(update(BrowserSession).values(authenticated_at=utc_now() - timedelta(hours=1)))
    assert 'name="binding"' not in window.get(f"{stand.page}/check").text
    sent = window.post(f"{stand.page}/check", data={"version": "1", "draft": "1", "binding": "yes"})
    assert sent.headers["location"].startswith("/sign-in/step-up?")
    assert stand.bids() == []


def test_an_unsent_draft_is_thought_of_a_day_and_two_hours_before_each_once(stand: Stand, enter: Enter) -> None:
    stand.post()
    enter(*BO).post(stand.page, data=stand.typed(remark=MARK))
    with stand.sessions.begin() as session:
        until = session.scalars(select(Need.bids_until).where(Need.ref == stand.ref)).one()
        assert until is not None
        hours = (25, 24, 23, 3, 2, 1)
        told = [reminders.write(session, until - timedelta(hours=hour), "http://testserver") for hour in hours]
        assert told == [0, 1, 0, 0, 1, 0]
        letter = session.scalars(select(Letter).where(Letter.event == "bids/news")).all()[-1]
        assert stand.page in letter.text
        assert MARK not in letter.text
