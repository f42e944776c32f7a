"""A firm answers a request for quotation from its letter, without an account."""

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from market.accounts import people
from market.accounts.models import Organisation
from market.bids import keys as keys_module
from market.bids import links, receipts, tenders
from market.bids.models import Bid, LogEntry, QuoteLink, Receipt, Seal
from market.config import Settings
from market.db import Sessions
from market.files.stores import store_at
from market.journal import Entry
from market.mail.models import Letter
from market.needs import contents, letters
from market.needs import service as needs
from market.needs.models import Invitation, Need
from market.needs.parts import Item, Lot
from market.values import utc_now
from market.viewer import OPERATOR
from tests import factories as make
from tests.support.keyroom import key_process

MS = timedelta(milliseconds=1)
MARK = "Kupferglanz-4712"


@pytest.fixture(autouse=True)
def keyroom(settings: Settings) -> Iterator[None]:
    with key_process(settings.var, utc_now):
        yield


class Edge:
    """The clock of the edge: the present, unless a test has put it."""

    at: datetime | None = None

    def __call__(self) -> datetime:
        return self.at or utc_now()


@pytest.fixture
def edge(monkeypatch: pytest.MonkeyPatch) -> Edge:
    edge = Edge()
    monkeypatch.setattr("market.app.utc_now", edge)
    return edge


class Mailbox:
    """A need that is out, a firm without members that is invited to it, and the letters it gets."""

    def __init__(self, sessions: Sessions, settings: Settings, procedure: str = "quotation") -> None:
        self.sessions, self.settings, now = sessions, settings, utc_now()
        lent = {"keys": keys_module.Keys(settings.keys_socket), "secret": settings.secret}
        sessions.configure(info=lent | {"store": store_at(settings.files_url), "base_url": "http://testserver"})
        with sessions.begin() as session:
            buyer = make.organisation(session, now, name="Werk Probe SE", is_partner=True)
            firm = make.organisation(session, now, name="Zweimann Probe GmbH", email="buero@zweimann.example")
            need = make.need(session, now, buyer, procedure=procedure, title="Geländer streichen")
            session.flush()
            rows = [
                {"title": title, "quantity": 40, "unit": "MTR", "lot_id": None} for title in ("Handlauf", "Pfosten")
            ]
            rows = [row | {"required_on": None} for row in rows]
            self.items = [one.ref for one in contents.write(session, OPERATOR, need, Item, rows, now)]
            session.add(Invitation(need=need, organisation=firm, at=now))
            letters.to_invited(session, need, now, "http://testserver")
            self.ref, self.firm = need.ref, firm.id

    def rows(self, model: Any, *more: Any) -> list[Any]:
        with self.sessions() as session:
            return list(session.scalars(select(model).where(*more).order_by(model.id)))

    @property
    def path(self) -> str:
        found = re.search(r"http://testserver(/quote/\S+)", self.rows(Letter)[0].text)
        assert found is not None, self.rows(Letter)[0].text
        return found[1]

    def typed(self, price: str = "12,50", **more: str) -> dict[str, str]:
        prices = {f"price.{self.items[0]}": price, f"price.{self.items[1]}": "1.234,5 €"}
        return prices | {"version": "1", "valid_until": "31.12.2099", "name": "Nora Probe"} | more

    def states(self) -> list[tuple[str, int | None]]:
        return [(bid.state, bid.person_id) for bid in self.rows(Bid)]


@pytest.fixture(autouse=True)
def own_pages(edge: Edge, client: TestClient) -> None:
    """Forms come from our own pages."""
    client.headers["sec-fetch-site"] = "same-origin"


@pytest.fixture
def box(sessions: Sessions, settings: Settings) -> Mailbox:
    return Mailbox(sessions, settings)


def test_a_firm_answers_from_its_letter_and_keeps_a_receipt_that_holds(client: TestClient, box: Mailbox) -> None:
    assert "Handlauf" in client.get(box.path).text
    done = client.post(box.path, data=box.typed(remark=MARK), follow_redirects=False)
    assert (done.status_code, done.headers["location"]) == (303, f"{box.path}/receipt")
    page = client.get(done.headers["location"])
    assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
    assert "/claim" in page.text
    said = json.loads(client.get(f"{box.path}/receipt/json").content)
    public = keys_module.Keys(box.settings.keys_socket).public()
    assert receipts.fault(said, {said["key"]: public}) == ""
    assert said["signature"] in page.text
    letter = box.rows(Letter)[-1]
    assert (letter.to, letter.event, letter.secret) == ("buero@zweimann.example", "bids/news", True)
    assert said["signature"] in letter.text
    assert box.path in letter.text
    (link,) = box.rows(QuoteLink)
    assert [entry.actor for entry in box.rows(Entry, Entry.verb == "bids.handed_in")] == [f"link:{link.ref}"]


def test_nobody_reads_it_before_the_comparison_and_then_it_says_who_answered(client: TestClient, box: Mailbox) -> None:
    client.post(box.path, data=box.typed(remark=MARK))
    for model in (Bid, Receipt, LogEntry, Entry, Letter, QuoteLink):
        assert MARK not in str([vars(row) for row in box.rows(model)])
    with box.sessions.begin() as session:
        need = session.scalars(select(Need)).one()
        for move in ("close", "evaluate"):
            needs.move(session, OPERATOR, need, move, utc_now())
    (bid,) = box.rows(Bid)
    assert bid.state == "opened"
    assert bid.content["lines"][box.items[1]]["price"] == "1234.50"
    assert bid.content["remark"] == f"{MARK}\n\nAus der E-Mail beantwortet von Nora Probe."
    assert client.get(box.path).status_code == 410
    assert client.get(f"{box.path}/receipt").status_code == 200


def test_scanners_change_nothing(client: TestClient, box: Mailbox) -> None:
    before = [len(box.rows(model)) for model in (Bid, Seal, Entry, QuoteLink, Letter)]
    for _ in range(3):
        assert client.get(box.path).status_code == 200
        assert client.head(box.path).status_code == 200
    assert client.get(f"{box.path}/withdraw").status_code == 405
    assert [len(box.rows(model)) for model in (Bid, Seal, Entry, QuoteLink, Letter)] == before


def test_a_later_quotation_takes_its_place_and_can_be_withdrawn(client: TestClient, box: Mailbox) -> None:
    for price in ("10", "11"):
        client.post(box.path, data=box.typed(price))
    assert box.states() == [("replaced", None), ("submitted", None)]
    assert client.post(f"{box.path}/withdraw").status_code == 200
    assert client.post(f"{box.path}/withdraw").status_code == 200
    assert box.states() == [("replaced", None), ("withdrawn", None)]
    assert [receipt.kind for receipt in box.rows(Receipt)] == ["received", "received", "withdrawn"]
    client.post(box.path, data=box.typed("12"))
    assert box.states()[-1] == ("submitted", None)


def test_bad_input_keeps_what_was_typed_with_a_sentence_at_the_field(client: TestClient, box: Mailbox) -> None:
    answer = client.post(f"/en{box.path}", data=box.typed("1,234", name="", remark=MARK, valid_until="bald"))
    assert answer.status_code == 422
    for said in ("two ways", "Write a day", "name of the person", MARK, 'value="1,234"', 'value="bald"'):
        assert said in answer.text, said
    assert box.states() == []


@pytest.mark.parametrize(("late", "status"), [(-MS, 303), (timedelta(0), 409), (MS, 409)])
def test_the_deadline_counts_to_the_millisecond(
    client: TestClient, box: Mailbox, edge: Edge, late: timedelta, status: int
) -> None:
    path, until = box.path, utc_now()
    with box.sessions.begin() as session:
        session.scalars(select(Need)).one().bids_until = until
    edge.at = until + late
    answer = client.post(path, data=box.typed(), follow_redirects=False)
    assert answer.status_code == status
    assert len(box.states()) == (status == 303)
    if status == 303:
        edge.at = until + MS
        assert client.post(f"{path}/withdraw", data={"sure": "yes"}).status_code == 409
        assert box.states() == [("submitted", None)]


def test_a_bid_of_a_colleague_is_only_replaced_when_that_is_said(client: TestClient, box: Mailbox) -> None:
    with box.sessions.begin() as session:
        need, firm = session.scalars(select(Need)).one(), session.get(Organisation, box.firm)
        assert firm is not None
        person = people.create(session, OPERATOR, utc_now(), "bo@zweimann.example", name="Bo")
        people.join(session, OPERATOR, person, firm, ("admin",), utc_now())
        make.bid(session, utc_now(), need, organisation=firm, person_id=person.id)
    assert client.post(f"{box.path}/withdraw").status_code == 404
    refused = client.post(f"/en{box.path}", data=box.typed(), follow_redirects=False)
    assert refused.status_code == 422
    assert "has handed in a bid on" in refused.text
    assert client.post(box.path, data=box.typed(replace="yes"), follow_redirects=False).status_code == 303
    assert [state for state, _ in box.states()] == ["replaced", "submitted"]
    told = [letter.to for letter in box.rows(Letter, Letter.event == "bids/news")]
    assert sorted(told) == ["bo@zweimann.example", "buero@zweimann.example"]


def test_forged_tokens_and_firms_that_are_no_longer_asked_find_nothing(client: TestClient, box: Mailbox) -> None:
    token = box.path.rpartition("/")[2]
    other = token[:-1] + ("0" if token[-1] != "0" else "1")
    for wrong in (other, token[:-1], token[-links.MARK :], "nosuchtoken", "ü"):
        for path in (f"/quote/{wrong}", f"/quote/{wrong}/receipt", f"/quote/{wrong}/receipt/json"):
            assert client.get(path).status_code == 404
        assert client.post(f"/quote/{wrong}", data=box.typed()).status_code == 404
        assert client.post(f"/quote/{wrong}/withdraw").status_code == 404
    with box.sessions.begin() as session:
        session.delete(session.scalars(select(Invitation)).one())
    assert client.get(box.path).status_code == 404


def test_a_changed_need_is_told_with_the_same_link_and_answered_anew(client: TestClient, box: Mailbox) -> None:
    client.post(box.path, data=box.typed())
    with box.sessions.begin() as session:
        need = session.scalars(select(Need)).one()
        need.version = 2
        tenders.told(session, OPERATOR, need, "amend", utc_now())
    assert box.path in box.rows(Letter)[-1].text
    assert "only counts if you send it again" in client.get(f"/en{box.path}").text
    assert client.post(box.path, data=box.typed()).status_code == 409
    assert client.post(box.path, data=box.typed(version="2"), follow_redirects=False).status_code == 303
    assert [state for state, _ in box.states()] == ["replaced", "submitted"]


def test_a_lot_is_bid_for_where_an_item_of_it_has_a_price(client: TestClient, box: Mailbox) -> None:
    with box.sessions.begin() as session:
        need = session.scalars(select(Need)).one()
        rows = [{"title": "Innen"}, {"title": "Außen"}]
        lots = contents.write(session, OPERATOR, need, Lot, rows, utc_now())
        for item, lot in zip(session.scalars(select(Item).order_by(Item.id)), lots, strict=True):
            item.lot_id = lot.id
        inside = lots[0].ref
    nothing = client.post(f"/en{box.path}", data={"version": "1", "name": "Nora Probe"})
    assert nothing.status_code == 422
    assert "Enter at least one price." in nothing.text
    one = box.typed() | {f"price.{box.items[1]}": ""}
    assert client.post(box.path, data=one, follow_redirects=False).status_code == 303
    with box.sessions.begin() as session:
        need = session.scalars(select(Need)).one()
        for move in ("close", "evaluate"):
            needs.move(session, OPERATOR, need, move, utc_now())
    assert box.rows(Bid)[0].content["lots"] == [inside]


def test_a_link_of_a_cancelled_need_says_so(client: TestClient, box: Mailbox) -> None:
    with box.sessions.begin() as session:
        needs.move(session, OPERATOR, session.scalars(select(Need)).one(), "cancel", utc_now())
    for answer in (client.get(f"/en{box.path}"), client.post(f"/en{box.path}", data=box.typed())):
        assert answer.status_code == 410
        assert "cancelled" in answer.text
    assert box.states() == []


def test_too_many_within_an_hour_wait(client: TestClient, box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "AN_HOUR", 1)
    sent = [client.post(box.path, data=box.typed(), follow_redirects=False).status_code for _ in range(2)]
    assert sent == [303, 429]


@pytest.mark.parametrize("procedure", ["information", "tender", "call_off"])
def test_only_requests_for_quotation_are_answered_from_the_letter(
    sessions: Sessions, settings: Settings, procedure: str
) -> None:
    box = Mailbox(sessions, settings, procedure)
    (letter,) = box.rows(Letter)
    assert "/quote/" not in letter.text
    assert box.rows(QuoteLink) == []
