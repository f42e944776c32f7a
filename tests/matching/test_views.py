"""Matches on pages: shown to those they are for, and to nobody else; nothing that is not public is ever in a match."""

import re
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from market.accounts import people
from market.accounts import sessions as door
from market.accounts.models import Organisation
from market.app import create_app
from market.config import Settings
from market.db import Sessions
from market.matching import fitting
from market.needs.models import Need
from market.offerings.models import Offering
from market.values import local_day, utc_now
from market.viewer import OPERATOR
from tests import factories
from tests.deliveries.conftest import GUBEN, HUETTE, siding

Enter = Callable[..., TestClient]


class House:
    """A buyer with a need, a firm that fits, and what must never show."""

    def __init__(self, session: Session, now: datetime) -> None:
        day = local_day(now)
        self.buyer = factories.organisation(session, now, name="Probewerk Guben", is_partner=True)
        self.firm = factories.organisation(session, now, name="Musterrohr GmbH", verified_on=day)
        self.other = factories.organisation(session, now, name="Fremd GmbH", verified_on=day)
        self.offering = self._offering(session, now, self.firm, "Rohrleitungsbau und Schweißen")
        self.draft = self._offering(session, now, self.firm, "Rohrleitungsbau im Entwurf", status="draft")
        self.unchecked = self._offering(
            session, now, factories.organisation(session, now, name="Ungeprüft GmbH"), "Rohrleitungsbau ungeprüft"
        )
        self.late = self._offering(
            session,
            now,
            factories.organisation(session, now, name="Gesperrt GmbH", verified_on=day),
            "Rohrbau gesperrt",
        )
        self.late.organisation.suspended_at = now
        texts = {"title": "Rohrleitungen schweißen", "description": "Rohrleitungsbau in der Halle, 200 Nähte."}
        self.need = factories.need(session, now, self.buyer, execution_from=day + timedelta(days=30), **texts)
        self.hidden = factories.need(session, now, self.buyer, stage="draft", title="Rohrleitungen geheim")
        self.closed = factories.need(session, now, self.buyer, stage="closed", title="Rohrleitungen vorbei")
        session.flush()

    @staticmethod
    def _offering(session: Session, now: datetime, firm: Organisation, title: str, **fields: object) -> Offering:
        return factories.offering(session, now, firm, title=title, radius_km=50, **fields)


@pytest.fixture
def house(sessions: Sessions, deliver: Callable[[], int]) -> House:
    with sessions() as session:
        session.expire_on_commit = False
        made = House(session, utc_now())
        session.commit()
    deliver()
    return made


@pytest.fixture
def enter(settings: Settings, sessions: Sessions) -> Iterator[Enter]:
    """A window in which a member of the organisation is signed in; nobody for None."""
    opened: list[TestClient] = []

    def open_one(firm: Organisation | None, other: Settings | None = None) -> TestClient:
        client = TestClient(create_app(other or settings), follow_redirects=False)
        opened.append(client.__enter__())
        if firm is not None:
            with sessions.begin() as session:
                person = people.create(session, OPERATOR, utc_now(), f"p{firm.id}@example.org", name="Probe")
                own = session.get(Organisation, firm.id)
                assert own is not None
                people.join(session, OPERATOR, person, own, ("admin",), utc_now())
                token, _ = door.start(session, person, "link", utc_now(), agent="Firefox")
            client.cookies.set("session", token)
        return client

    yield open_one
    for client in opened:
        client.__exit__(None, None, None)


def needs_page(need: Need) -> str:
    return f"/needs/{need.ref}/matches"


def test_the_buyer_sees_who_fits_with_reasons_and_near_misses(house: House, enter: Enter) -> None:
    page = enter(house.buyer).get(needs_page(house.need))
    assert page.status_code == 200
    assert "Rohrleitungsbau und Schweißen" in page.text
    assert "Gleiches Gewerk" in page.text
    assert re.search(r"\d+ von 100", page.text)
    assert "Ungeprüft GmbH" in page.text
    assert "Der Betreiber hat den Betrieb noch nicht geprüft" in page.text
    assert page.headers["cache-control"] == "no-store"


def test_nothing_that_is_not_public_is_in_a_match(house: House, enter: Enter) -> None:
    text = enter(house.buyer).get(needs_page(house.need)).text
    assert "im Entwurf" not in text
    assert "gesperrt" not in text
    seen = enter(house.firm).get(f"/offerings/{house.offering.ref}/needs").text
    assert "Rohrleitungen geheim" not in seen
    assert "Rohrleitungen vorbei" not in seen


def test_the_firm_sees_the_needs_it_fits(house: House, enter: Enter) -> None:
    page = enter(house.firm).get(f"/pl/offerings/{house.offering.ref}/needs")
    assert page.status_code == 200
    assert "Rohrleitungen schweißen" in page.text
    assert "Ta sama branża" in page.text
    assert "Probewerk Guben" in page.text


def test_a_draft_fits_nothing_until_it_is_published(house: House, enter: Enter) -> None:
    page = enter(house.firm).get(f"/offerings/{house.draft.ref}/needs")
    assert page.status_code == 200
    assert "Veröffentlichen Sie das Angebot zuerst" in page.text


def test_the_way_to_the_matches_stands_on_the_pages_of_those_who_may_see_them(house: House, enter: Enter) -> None:
    need, offering = (
        f"/needs/{house.need.ref}/{house.need.slug}",
        f"/offerings/{house.offering.ref}/{house.offering.slug}",
    )
    assert needs_page(house.need) in enter(house.buyer).get(need).text
    assert f"/offerings/{house.offering.ref}/needs" in enter(house.firm).get(offering).text
    stranger = enter(None)
    assert needs_page(house.need) not in stranger.get(need).text
    assert f"/offerings/{house.offering.ref}/needs" not in stranger.get(offering).text


def test_others_and_strangers_see_no_matches(house: House, enter: Enter) -> None:
    for who in (house.other, None):
        client = enter(who)
        assert client.get(needs_page(house.need)).status_code == 403
        assert client.get(f"/offerings/{house.offering.ref}/needs").status_code == 403
        assert client.get(needs_page(house.hidden)).status_code == 404
        assert client.get(f"/offerings/{house.draft.ref}/needs").status_code == 404
        assert client.get("/needs/nosuchneed/matches").status_code == 404


def test_without_the_search_server_the_database_answers(house: House, settings: Settings) -> None:
    with TestClient(create_app(replace(settings, search_url="http://127.0.0.1:9"))) as client:
        need = {"title": "Rohrleitungen schweißen", "place": "Guben", "kind": "service"}
        answer = client.post("/api/v1/match", json=need).json()
        assert answer["limited"] is True
        assert [one["title"] for one in answer["matches"]] == ["Rohrleitungsbau und Schweißen"]
        assert [one["criterion"] for one in answer["near"]] == ["verified"]


def test_a_firm_finds_what_fits_on_its_own_pages(house: House, enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "PATIENCE", 60.0)  # what a page in a hurry says is the next test's
    firm = enter(house.firm)
    page = firm.get("/me/matches").text
    assert "Rohrleitungen schweißen" in page
    assert "Gleiches Gewerk" in page, "with its reasons"
    assert "1 passender Bedarf" in page
    assert "geheim" not in page
    assert re.search(r'data-l="Passende Bedarfe">\s*<a[^>]*>1<', firm.get("/me/figures").text)
    assert "Rohrleitungen schweißen" not in enter(house.other).get("/me/matches").text


def test_a_search_server_that_does_not_answer_holds_no_page_up(house: House, enter: Enter, settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        deaf = replace(settings, search_url=f"http://127.0.0.1:{mute.getsockname()[1]}")
        firm = enter(house.firm, deaf)
        begun = time.monotonic()
        page = firm.get("/me/matches").text
        waited = time.monotonic() - begun
        assert "1 Angebot konnte nicht rechtzeitig verglichen werden" in page
        assert "noch nicht verglichen" in page
        assert "Zurzeit passt kein" not in page, "what was not compared is not said to fit nothing"
        while "Rohrleitungen schweißen" not in firm.get("/me/matches").text:
            assert time.monotonic() - begun < 60, f"the database answers in the end; the first page took {waited:.1f} s"
            time.sleep(0.3)


def test_a_match_of_a_stream_says_how_it_could_go_by_rail(
    sessions: Sessions, deliver: Callable[[], int], enter: Enter
) -> None:
    now = utc_now()
    with sessions() as session:
        session.expire_on_commit = False
        buyer = factories.organisation(session, now, name="Probewerk Guben", is_partner=True)
        material = {"kind": "residual", "trades": ("gypsum-lime",), "cpv": ("14800000",)}
        asked = material | {"quantity": 36_100.0, "unit": "TNE", "title": "Gips aus der Neutralisation abzugeben"}
        needs = [factories.need(session, now, buyer, **(asked | {"quantity": tonnes})) for tonnes in (36_100.0, 1200.0)]
        details = {"direction": "wanted", "material": "Gips", "legal_status": "by_product"}
        for name, anonymous in (("Gipswerk Muster GmbH", False), ("Geheim GmbH", True)):
            firm = factories.organisation(session, now, name=name, verified_on=local_day(now))
            told = {"title": "Annahme von Gips aus der Neutralisation", "details": details | {"anonymous": anonymous}}
            factories.offering(session, now, firm, **(material | told | HUETTE))
        siding(session, now, GUBEN, "Süd")
        siding(session, now, HUETTE, "Kanal")
        session.commit()
    deliver()
    reader = enter(buyer)
    much, little = (reader.get(needs_page(need)) for need in needs)
    assert much.status_code == 200
    assert much.text.count("Annahme von Gips aus der Neutralisation</a>") == 2
    assert much.text.count("51 Wagen im Monat, je 60 t.") == 1, "of the one that says who it is"
    assert "Mit der Bahn" not in little.text
