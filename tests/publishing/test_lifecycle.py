"""What a firm does with its offerings, and what the operator does: before they are online or after."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from market.accounts import people
from market.accounts import sessions as door
from market.db import Sessions
from market.mail.models import Letter
from market.offerings.models import Offering
from market.values import local_day, utc_now, week_of
from market.viewer import OPERATOR
from tests.publishing.conftest import KINDS, through
from tests.publishing.test_wizard import kept

Enter = Callable[..., TestClient]


@pytest.fixture
def operator(window: Callable[[], TestClient], sessions: Sessions) -> TestClient:
    client = window()
    now = utc_now()
    with sessions.begin() as session:
        person = people.make_operator(session, OPERATOR, "olga@werkplatz.example", "Olga", now)
        token, _ = door.start(session, person, "link", now)
    client.cookies.set("session", token)
    return client


def written(sessions: Sessions, event: str) -> list[Letter]:
    with sessions() as session:
        return list(session.scalars(select(Letter).where(Letter.event == f"publishing/{event}")))


def test_looked_at_after_it_is_online(enter: Enter, operator: TestClient, sessions: Sessions) -> None:
    firm = enter("adm@probe.example", "admin")
    ref = through(firm, "service")
    firm.post(f"/me/offerings/{ref}/publish")
    assert KINDS["service"]["title"] in operator.get("/operator/offerings").text
    assert kept(sessions, ref).status == "published"
    assert operator.post(f"/operator/offerings/{ref}/accept").status_code == 303
    assert KINDS["service"]["title"] not in operator.get("/operator/offerings").text
    assert operator.post(f"/operator/offerings/{ref}/accept").status_code == 409
    assert kept(sessions, ref).status == "published"
    assert not written(sessions, "published"), "nobody waited for it"


def test_looked_at_before_it_is_online(
    enter: Enter, operator: TestClient, sessions: Sessions, client: TestClient
) -> None:
    operator.post("/operator/offerings", data={"when": "before"})
    firm = enter("adm@probe.example", "admin")
    ref = through(firm, "service")
    firm.post(f"/me/offerings/{ref}/publish")
    assert kept(sessions, ref).status == "submitted"
    assert client.get(f"/offerings/{ref}/x").status_code == 404
    refused = operator.post(f"/operator/offerings/{ref}/return", data={"reason": "whatever"})
    assert refused.status_code == 422
    note = {"reason": "proof", "note_de": "Welches Zertifikat ist das?"}
    assert operator.post(f"/operator/offerings/{ref}/return", data=note).status_code == 303
    assert kept(sessions, ref).status == "draft"
    (letter,) = written(sessions, "returned")
    assert "Nachweis" in letter.text
    assert "Welches Zertifikat ist das?" in letter.text
    page = firm.get(f"/me/offerings/{ref}").text
    assert "Welches Zertifikat ist das?" in page
    firm.post(f"/me/offerings/{ref}/publish")
    assert "Welches Zertifikat" not in firm.get(f"/me/offerings/{ref}").text
    assert operator.post(f"/operator/offerings/{ref}/accept").status_code == 303
    assert kept(sessions, ref).status == "published"
    (online,) = written(sessions, "published")
    assert f"/offerings/{ref}/" in online.text
    firm.post(f"/me/offerings/{ref}/availability", data={})
    firm.post(f"/me/offerings/{ref}/publish")
    assert kept(sessions, ref).status == "published", "what was looked at comes back by itself"


def test_pause_weeks_copy_and_archive(enter: Enter, sessions: Sessions) -> None:
    firm, today = enter("adm@probe.example", "editor"), local_day(utc_now())
    ref = through(firm, "training")
    firm.post(f"/me/offerings/{ref}/publish")
    url = f"/me/offerings/{ref}/availability"
    monday = today + timedelta(days=7 - today.weekday())
    firm.post(url, data={"what": "weeks", "weeks": [week_of(monday), "2020-W01"]})
    assert kept(sessions, ref).blocked_weeks == (week_of(monday),)
    past = firm.post(url, data={"until": today.isoformat()})
    assert past.status_code == 422
    assert f'value="{today.isoformat()}"' in past.text
    until = today + timedelta(days=40)
    assert firm.post(url, data={"until": f"{until:%d.%m.%Y}"}).status_code == 303
    assert (kept(sessions, ref).status, kept(sessions, ref).paused_until) == ("paused", until)
    copied = firm.post(f"/me/offerings/{ref}/copy").headers["location"].split("/")[3]
    copy = kept(sessions, copied)
    assert (copy.status, copy.title) == ("draft", f"{KINDS['training']['title']} (Kopie)")
    assert "sessions" not in copy.details_json
    assert firm.get(f"/me/offerings/{ref}/archive").status_code == 200
    assert kept(sessions, ref).status == "paused"
    firm.post(f"/me/offerings/{ref}/archive")
    assert kept(sessions, ref).status == "archived"
    assert firm.post(f"/me/offerings/{ref}/publish").status_code == 409
    assert firm.get(f"/me/offerings/{ref}/what").status_code == 404


def test_what_is_online_keeps_what_it_needs(enter: Enter, sessions: Sessions) -> None:
    firm = enter("adm@probe.example", "editor")
    ref = through(firm, "lab_test")
    firm.post(f"/me/offerings/{ref}/publish")
    empty = {"rows-methods": "1", "methods-0-parameter": ""}
    assert firm.post(f"/me/offerings/{ref}/facts", data=empty | {"later": "1"}).status_code == 422
    assert firm.post(f"/me/offerings/{ref}/what", data={"title": "", "later": "1"}).status_code == 422
    assert firm.post(f"/me/offerings/{ref}/what", data={"title": "Neu", "kind": "rail"}).status_code == 303
    offering = kept(sessions, ref)
    assert (offering.title, offering.kind) == ("Neu", "lab_test"), "what is online stays of its kind"


def test_my_pages_say_what_waits(enter: Enter, sessions: Sessions) -> None:
    firm = enter("adm@probe.example", "editor")
    ref = through(firm, "service")
    assert "Entwurf ist noch nicht online" in firm.get("/me").text
    firm.post(f"/me/offerings/{ref}/publish")
    with sessions.begin() as session:
        session.scalars(select(Offering).where(Offering.ref == ref)).one().asked_on = local_day(utc_now())
    assert "Stimmt es noch?" in firm.get("/me").text
    assert firm.post(f"/me/offerings/{ref}/confirm").status_code == 303
    assert "Stimmt es noch?" not in firm.get("/me").text
    assert "Angebote" in enter("rea@probe.example", "reader").get("/me/offerings").text
