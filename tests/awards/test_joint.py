"""A joint bid after the opening: both firms and what each does wherever bids are read, and an answer to both."""

import io
import json
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from pypdf import PdfReader
from sqlalchemy import select
from starlette.testclient import TestClient

from market.bids.models import Bid
from market.db import Sessions
from market.mail.models import Letter
from market.needs.parts import Item
from market.teams.models import Pair
from market.values import utc_now
from tests import factories as make
from tests.awards.conftest import join
from tests.awards.test_pages import House

ROLE = "Klappen samt Einbau"
ASKED = {"title": "Qualität", "type": "certificate", "limits": {"type": "iso-9001"}, "knock_out": True}
Window = Callable[[], TestClient]


class Joint(House):
    """The second bid is for two: the firm that handed it in and Zweit GmbH, which has the certificate."""

    def __init__(self, sessions: Sessions, window: Window) -> None:
        super().__init__(sessions, window, criteria=False, requirement=ASKED)
        now = utc_now()
        with sessions.begin() as session:
            bid = session.scalars(select(Bid).where(Bid.ref == self.bids[1])).one()
            other = make.organisation(session, now, name="Zweit GmbH")
            session.flush()
            person = join(session, other, "zoe", "admin", now)
            person.language = "pl"
            self.people["zoe"] = person.id
            make.certificate(session, now, other, valid_until=date(2099, 12, 31))
            pipe, flap = session.scalars(select(Item.ref).where(Item.need_id == bid.need_id).order_by(Item.id))
            firms = [(bid.organisation, "Rohre", pipe), (other, ROLE, flap)]
            lead, partner = (
                {"firm": firm.ref, "name": firm.name, "role": role, "parts": [part]} for firm, role, part in firms
            )
            said = {"lead": lead, "partner": partner, "consented_at": (now - timedelta(days=3)).isoformat()}
            bid.content = bid.content | {"joint": said}
            agreed = {"need": bid.need, "lead": bid.organisation, "partner": other, "state": "agreed", "kept": b""}
            bid.pair = Pair(**agreed, proposer_id=other.id, proposed_at=now, answered_at=now)


@pytest.fixture
def house(sessions: Sessions, window: Window) -> Joint:
    return Joint(sessions, window)


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def test_the_buyer_reads_both_firms_their_roles_and_whose_certificate_counts(house: Joint) -> None:
    house.declare("bea")
    grid = house.page("bea", "bids")
    assert "Bieter 2 GmbH + Zweit GmbH" in grid
    assert "Gemeinsames Gebot" in grid
    assert "in der Nachweismappe von Zweit GmbH" in grid
    assert grid.count("in der Nachweismappe") == 1
    page = house.page("bea", f"bids/{house.bids[1]}")
    assert ROLE in page
    assert "Der Partner hat am" in page
    assert "Gemeinsames Gebot" not in house.page("bea", f"bids/{house.bids[0]}")


def test_whoever_declares_reads_both_names_and_no_price_and_with_an_interest_neither(house: Joint) -> None:
    page = house.page("bea", "declaration")
    for name in ("Bieter 1 GmbH", "Bieter 2 GmbH + Zweit GmbH"):
        assert name in page
    assert ROLE not in page
    assert house.post("ada", "declaration", conflict="yes", note="Schwester arbeitet bei Zweit") == 303
    assert "Bieter 2 GmbH" not in house.page("ada", "declaration")


def test_both_get_their_answer_each_in_its_language_and_hand_over_and_record_name_both(
    house: Joint, sessions: Sessions
) -> None:
    house.declare("bea", "ada")
    assert house.post("bea", "evaluation") == 303
    assert house.post("bea", "award", form="whole", winner=house.bids[1], reason="Einzige mit Nachweis") == 303
    assert house.post("ada", "award/decision", do="approve") == 303
    with sessions() as session:
        found = select(Letter).where(Letter.event == "awards/decision")
        letters = {one.to.partition("@")[0]: one for one in session.scalars(found)}
    assert letters["bidder1"].language == "de"
    assert letters["zoe"].language == "pl"
    assert "Bieter 2 GmbH" in letters["zoe"].text
    assert "?joint=1" in letters["zoe"].text
    outcome = house["zoe"].get(f"/needs/{house.ref}/outcome?joint=1")
    assert outcome.status_code == 200
    assert "Bieter 2 GmbH + Zweit GmbH" in outcome.text
    assert "250,00" not in outcome.text  # no sum of the bid
    for name in ("zoe", "bidder1"):
        assert "Sie haben gewonnen" in house[name].get("/me/bids").text
    assert "Geöffnet, die Entscheidung steht noch aus" not in house["bidder1"].get(f"/needs/{house.ref}/bid").text
    order = json.loads(house["bea"].get(f"/me/needs/{house.ref}/award.json").content)["orders"][0]
    assert order["supplier"]["name"] == "Bieter 2 GmbH"
    told = [(one["name"], one["lead"], one["role"]) for one in order["suppliers"]]
    assert told == [("Bieter 2 GmbH", True, "Rohre"), ("Zweit GmbH", False, ROLE)]
    head, line, *_ = house["bea"].get(f"/me/needs/{house.ref}/award.csv").text.splitlines()
    row = dict(zip(head.split(";"), line.split(";"), strict=True))
    assert (row["supplier_name"], row["partner_name"], row["partner_role"]) == ("Bieter 2 GmbH", "Zweit GmbH", ROLE)
    record = text_of(house.pdf("bea"))
    assert f"Zweit GmbH: {ROLE}" in record
    assert "Bieter 2 GmbH + Zweit GmbH" in record


def test_who_is_no_longer_part_of_it_gets_no_answer(house: Joint, sessions: Sessions) -> None:
    with sessions.begin() as session:
        session.scalars(select(Pair)).one().state = "ended"
    house.declare("bea", "ada")
    house.post("bea", "evaluation")
    house.post("bea", "award", form="none", reason="Zu teuer")
    house.post("ada", "award/decision", do="approve")
    with sessions() as session:
        told = {one.to.partition("@")[0] for one in session.scalars(select(Letter))}
    assert "bidder1" in told
    assert "zoe" not in told
    assert house["zoe"].get(f"/needs/{house.ref}/outcome?joint=1").status_code == 404
