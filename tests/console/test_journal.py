"""The journal's page: filters, pages, exports, the state of the chain."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

from market import journal, seals
from market.accounts.models import Organisation
from market.console import journal as journal_page
from market.console import trail
from market.db import Sessions
from market.journal import Entry
from market.viewer import SYSTEM
from tests import factories as make

DAY = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@pytest.fixture
def firm(sessions: Sessions) -> Organisation:
    with sessions.begin() as session:
        return make.organisation(session, DAY, name="Probe GmbH")


def rows(answer: str) -> int:
    return answer.count('<th scope="row">')


def test_filters_narrow_what_is_shown(operator: TestClient, firm: Organisation, sessions: Sessions) -> None:
    with sessions.begin() as session:
        make.offering(session, DAY + timedelta(days=1), session.get_one(Organisation, firm.id))
    every = rows(operator.get("/operator/journal").text)
    assert every > 2
    assert rows(operator.get("/operator/journal?verb=offerings.").text) == 1
    assert rows(operator.get(f"/operator/journal?subject=organisations+{firm.id}").text) == 1
    assert rows(operator.get("/operator/journal?actor=tester").text) == 2
    assert rows(operator.get("/operator/journal?actor=ole@betrieb.example").text) == 1  # its own sign-in
    assert rows(operator.get("/operator/journal?since=2026-03-10&until=2026-03-10").text) == 1
    assert rows(operator.get("/operator/journal?since=2026-03-11&until=2026-03-11").text) == 1
    assert rows(operator.get("/operator/journal?until=2026-03-09").text) == 0
    assert rows(operator.get("/operator/journal?verb=%25").text) == 0
    assert rows(operator.get("/operator/journal?subject=offerings+x").text) == 0


def test_days_are_those_of_the_region(operator: TestClient, firm: Organisation, sessions: Sessions) -> None:
    with sessions.begin() as session:
        late = datetime(2026, 3, 31, 22, 30, tzinfo=UTC)  # April has begun here
        journal.record(session, SYSTEM, "accounts.changed", session.get_one(Organisation, firm.id), late, tell=())
    assert rows(operator.get("/operator/journal?since=2026-04-01&until=2026-04-01").text) == 1
    assert rows(operator.get("/operator/journal?since=2026-03-31&until=2026-03-31").text) == 0


def test_a_day_that_is_none_is_named(operator: TestClient, firm: Organisation) -> None:
    answer = operator.get("/operator/journal?since=gestern&verb=accounts.")
    assert answer.status_code == 422
    assert 'value="gestern"' in answer.text
    assert 'id="since-error"' in answer.text


def test_pages_hold_fifty_entries(operator: TestClient, firm: Organisation, sessions: Sessions) -> None:
    with sessions.begin() as session:
        for number in range(trail.PER_PAGE + 10):
            subject = session.get_one(Organisation, firm.id)
            journal.record(session, SYSTEM, "accounts.changed", subject, DAY, tell=(), data={"number": number})
    address = "/operator/journal?verb=accounts.changed"
    first = operator.get(address).text
    assert rows(first) == trail.PER_PAGE
    assert "verb=accounts.changed&amp;page=2" in first
    assert rows(operator.get(address + "&page=2").text) == 10
    assert rows(operator.get(address + "&page=999").text) == 10
    assert rows(operator.get(address + "&page=x").text) == trail.PER_PAGE


def test_exports_hold_what_the_filter_lets_through(
    operator: TestClient, firm: Organisation, sessions: Sessions
) -> None:
    with sessions.begin() as session:
        subject = session.get_one(Organisation, firm.id)
        evil = SYSTEM.__class__("=cmd|'/c calc'!A1", "system")
        journal.record(session, evil, "accounts.suspended", subject, DAY, tell=(), data={"reason": 'a "b";\nc'})
    answer = operator.get("/operator/journal.csv?verb=accounts.suspended")
    assert answer.headers["content-disposition"].startswith('attachment; filename="journal-')
    (row,) = csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";")
    assert row["actor"] == "'=cmd|'/c calc'!A1"
    assert json.loads(row["data"]) == {"reason": 'a "b";\nc'}
    assert row["subject_id"] == str(firm.id)
    found = operator.get("/operator/journal.json?verb=accounts.").json()
    assert {entry["verb"] for entry in found} >= {"accounts.created", "accounts.suspended"}
    assert operator.get("/operator/journal.xml").status_code == 404


def test_an_export_that_is_too_large_is_refused_with_a_sentence(
    operator: TestClient, firm: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trail, "MOST_EXPORTED", 0)
    answer = operator.get("/operator/journal.csv")
    assert answer.headers["content-type"].startswith("text/html")
    assert "können nicht auf einmal gespeichert werden" in answer.text


def test_the_chain_is_verified_and_a_change_is_found(
    operator: TestClient, firm: Organisation, sessions: Sessions
) -> None:
    assert "Noch nichts ist versiegelt." in operator.get("/operator/journal?verify=1").text
    with sessions.begin() as session:
        sealed = seals.seal(session)
    page = operator.get("/operator/journal?verify=1").text
    assert f"Einträge 1 bis {sealed}" in page
    with sessions() as session:
        assert seals.head(session).hash in page
    with sessions.begin() as session:
        changed = session.scalars(select(Entry.id).where(Entry.verb == "accounts.created")).one()
        session.execute(update(Entry).where(Entry.id == changed).values(actor="somebody"))
    assert "Die Kette ist bei Eintrag" in operator.get("/operator/journal?verify=1").text


def test_a_long_chain_is_verified_at_its_end(
    operator: TestClient, firm: Organisation, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_page, "MOST_VERIFIED", 2)
    with sessions.begin() as session:
        sealed = seals.seal(session)
    page = operator.get("/operator/journal?verify=1").text
    assert f"Einträge {sealed - 1} bis {sealed}" in page
    assert "market journal verify" in page
    with sessions.begin() as session:
        session.execute(update(Entry).where(Entry.place == sealed).values(actor="somebody"))
    assert f"bei Eintrag {sealed}" in operator.get("/operator/journal?verify=1").text


def test_looking_at_the_journal_writes_nothing(
    operator: TestClient, firm: Organisation, sessions: Sessions, enter: Callable[..., TestClient]
) -> None:
    with sessions() as session:
        before = session.scalars(select(Entry.id).order_by(Entry.id)).all()
    operator.get("/operator/journal?verify=1")
    with sessions() as session:
        assert session.scalars(select(Entry.id).order_by(Entry.id)).all() == before
