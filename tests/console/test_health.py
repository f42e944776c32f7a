"""The pages of health and of searches."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

from market import clock, journal, uptime
from market.accounts.models import Organisation
from market.app import create_app
from market.catalogue import missed
from market.catalogue.missed import MissedSearch
from market.config import Settings
from market.db import Sessions
from market.journal import Errand
from market.mail import letters
from market.mail.models import Letter
from market.relay import Relay
from market.values import utc_now
from tests import factories as make
from tests.console.conftest import sign_in
from tests.support.windows import OWN


@pytest.fixture
def live(settings: Settings, sessions: Sessions, relay: Relay) -> TestClient:
    """The operator before an application with a search server."""
    client = TestClient(create_app(settings), follow_redirects=False, headers=OWN)
    return sign_in(client, sessions)


def test_index_sizes_stand_beside_the_database(
    live: TestClient, sessions: Sessions, deliver: Callable[[], int]
) -> None:
    with live:
        assert "arbeitet normal" in live.get("/operator/health").text
        with sessions.begin() as session:
            make.offering(session, utc_now())
        page = live.get("/operator/health").text
        assert "weicht ab" in page
        deliver()
        assert "weicht ab" not in live.get("/operator/health").text


def test_a_search_server_that_is_away_is_said(settings: Settings, sessions: Sessions) -> None:
    away = replace(settings, search_url="http://127.0.0.1:9")
    client = TestClient(create_app(away), follow_redirects=False, headers=OWN)
    page = sign_in(client, sessions).get("/operator/health")
    assert page.status_code == 200
    assert "Der Suchserver antwortet nicht" in page.text


def test_what_failed_is_shown_and_tried_again(operator: TestClient, sessions: Sessions) -> None:
    later = utc_now() + timedelta(hours=2)
    with sessions.begin() as session:
        firm = make.organisation(session, utc_now())
        session.flush()
        failed = update(Errand).values(attempts=4, not_before=later, error="invalid_document <b>")
        session.execute(failed)
        journal.promise(session, "search", "organisations", firm.id + 1, utc_now())
    page = operator.get("/operator/health").text
    assert "invalid_document &lt;b&gt;" in page
    assert "4 Versuche" in page
    assert operator.post("/operator/health/outbox").status_code == 303
    with sessions() as session:
        errand = session.scalars(select(Errand).where(Errand.attempts == 4, Errand.channel == "search")).one()
        assert errand.not_before <= utc_now()


def test_a_bounced_letter_is_sent_again_but_not_one_that_was_emptied(operator: TestClient, sessions: Sessions) -> None:
    old = utc_now() - timedelta(days=5)
    with sessions.begin() as session:
        for secret in (False, True):
            context: dict[str, Any] = {"day": old.date(), "place": 3, "hash": "ab"}
            letter = letters.write(session, old, "voll@firma.example", "de", "journal/anchor", secret=secret, **context)
            letter.bounced_at, letter.error, letter.attempts = old, "550 mailbox full", 3
            if secret:
                letter.text = letter.html = ""
        session.flush()
        kept, emptied = session.scalars(select(Letter.ref).order_by(Letter.id))
    page = operator.get("/operator/health").text
    assert page.count("550 mailbox full") == 2
    assert "unter /dev/mail zu lesen" in page
    assert operator.post(f"/operator/health/letters/{kept}").status_code == 303
    assert operator.post(f"/operator/health/letters/{emptied}").status_code == 409
    assert operator.post("/operator/health/letters/unknown").status_code == 404
    with sessions() as session:
        again = session.scalars(select(Letter).where(Letter.ref == kept)).one()
        assert again.state == "waiting"
        assert again.not_before <= utc_now()
        assert utc_now() - again.created_at < timedelta(minutes=1)


def test_the_relays_last_round_is_shown(operator: TestClient, sessions: Sessions) -> None:
    assert "läuft nicht" in operator.get("/operator/health").text
    with sessions.begin() as session:
        clock.tick(session, utc_now())
    assert "läuft nicht" not in operator.get("/operator/health").text
    with sessions.begin() as session:
        clock.tick(session, utc_now() - timedelta(minutes=5))
    assert "läuft nicht" in operator.get("/operator/health").text


def counted(sessions: Sessions) -> dict[str, int]:
    with sessions() as session:
        return {row.query: row.count for row in session.scalars(select(MissedSearch))}


def test_searches_without_hits_are_counted_by_their_words_alone(
    live: TestClient, sessions: Sessions, deliver: Callable[[], int]
) -> None:
    with sessions.begin() as session:
        make.offering(session, utc_now(), title="Kranprüfung")
    deliver()
    with live:
        live.get("/search?q=Kranprüfung")
        for _ in range(2):
            assert live.get("/search?q=Quantenhobel++GROSS").status_code == 200
        live.get("/search?q=Quantenhobel+GROSS&kind=rail")
        live.get("/search?q=zzyx", headers={"hx-request": "true", "x-typing": "1"})
        live.get("/search?q=max.muster@firma.example")
        live.get("/search?q=0335+1234567")
        page = live.get("/operator/searches").text
    with sessions() as session:
        rows = session.scalars(select(MissedSearch).order_by(MissedSearch.id)).all()
        assert [(row.query, row.narrowed, row.count) for row in rows] == [
            ("quantenhobel gross", False, 2),
            ("quantenhobel gross", True, 1),
        ]
    assert "quantenhobel gross" in page
    assert "mit Filtern oder Ort" in page


def test_old_searches_are_forgotten_and_the_table_has_an_end(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = utc_now()
    missed.note(sessions, "alt", "de", narrowed=False, now=now - missed.KEPT - timedelta(days=1))
    missed.note(sessions, "neu", "de", narrowed=False, now=now)
    assert counted(sessions) == {"neu": 1}
    monkeypatch.setattr(missed, "MOST", 1)
    missed.note(sessions, "noch eines", "de", narrowed=False, now=now)
    missed.note(sessions, "NEU ", "de", narrowed=False, now=now)
    assert counted(sessions) == {"neu": 2}


def test_a_synonym_is_tried_without_changing_anything(
    live: TestClient, sessions: Sessions, deliver: Callable[[], int]
) -> None:
    with sessions.begin() as session:
        make.offering(session, utc_now(), title="Feuerschutztor einbauen", trades=(), cpv=())
        make.offering(session, utc_now(), title="Etwas ganz anderes", trades=(), cpv=())
    deliver()
    with live:
        page = live.get("/operator/searches?word=Quantenhobel&synonym=Feuerschutztor").text
        assert "Feuerschutztor einbauen" in page
        assert "Etwas ganz anderes" not in page
        assert "quantenhobel = feuerschutztor" in page
        assert "würde nichts ändern" in live.get("/operator/searches?word=Feuerschutztor&synonym=Feuerschutztor").text
        assert live.get("/operator/searches?word=&synonym=x").status_code == 422
    assert counted(sessions) == {}


def test_without_the_search_server_nothing_is_compared(operator: TestClient, sessions: Sessions) -> None:
    with sessions.begin() as session:
        make.organisation(session, utc_now())
    page = operator.get("/operator/searches?word=a1&synonym=b1")
    assert page.status_code == 200
    assert "Der Suchserver antwortet nicht" in page.text


def test_code_lists_are_counted(operator: TestClient, sessions: Sessions) -> None:
    page = operator.get("/operator/taxonomy")
    assert page.status_code == 200
    assert "CPV-Codes" in page.text
    assert "Noch wurde keine amtliche Liste geladen" in page.text
    with sessions() as session:
        assert session.scalars(select(Organisation)).all() == []


def test_outages_of_the_marketplace_are_listed_with_what_was_away(operator: TestClient, sessions: Sessions) -> None:
    assert "Ausfälle der letzten sieben Tage" in operator.get("/operator/health").text
    now = uptime.minute_of(utc_now())
    with sessions.begin() as session:
        for ago, away in ((9, ()), (8, ("keys",)), (7, ("keys", "files")), (6, ()), (2 * 24 * 60, ()), (5, ())):
            uptime.note(session, now - ago * uptime.MINUTE, away)
    page = operator.get("/operator/health").text
    assert "2 Minuten, die Dateiablage, die Versiegelung der Gebote" in page
    assert "alles" in page  # what nobody watched counts as away
