"""The doors: register, sign in by link or code, sign out, and what strangers learn (nothing)."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from market.accounts import people
from market.accounts.models import Member, Organisation, Person
from market.accounts.sessions import BrowserSession
from market.db import Sessions
from market.journal import Entry
from market.mail.models import Letter
from market.viewer import OPERATOR

Window = Callable[[], TestClient]
Mailed = Callable[[], tuple[str, str]]
FORM = {
    "firm": "Probe & Söhne GmbH",
    "trade": "Gerüstbau",
    "place": "03172 Guben",
    "name": "Ute Probe",
    "email": "ute@probe-soehne.example",
}


def join(client: TestClient, mailed: Mailed, **more: str) -> None:
    """Register and follow the letter."""
    assert client.post("/register", data=FORM | more).status_code == 303
    link, _ = mailed()
    answer = client.post(link)
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"] == "/me"


def test_a_firm_registers_and_is_signed_in(window: Window, mailed: Mailed, sessions: Sessions) -> None:
    client = window()
    join(client, mailed)
    page = client.get("/me")
    assert page.status_code == 200
    assert "Ute Probe" in page.text
    assert "Probe &amp; Söhne GmbH" in page.text
    assert page.headers["cache-control"] == "no-store"
    with sessions() as session:
        firm = session.scalars(select(Organisation)).one()
        assert (firm.town, firm.postcode, firm.country, firm.verified_on) == ("Guben", "03172", "DE", None)
        assert firm.trades == ("scaffolding",)
        assert firm.lat is not None
        assert session.scalars(select(Member)).one().roles == ("admin",)
        assert "accounts.signed_in" in session.scalars(select(Entry.verb)).all()


def test_registering_twice_makes_one_firm(window: Window, mailed: Mailed, sessions: Sessions) -> None:
    for _ in range(2):
        join(window(), mailed)
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Organisation)) == 1
        assert session.scalar(select(func.count()).select_from(Person)) == 1


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("firm", "", "Bitte füllen Sie dieses Feld aus."),
        ("email", "ute@", "Schreiben Sie die E-Mail-Adresse so"),
        ("email", "a@b.example\r\nBcc: x@y.example", "Schreiben Sie die E-Mail-Adresse so"),
        ("place", "Atlantis", "Wir kennen diesen Ort nicht."),
        ("name", "x" * 121, "Bitte schreiben Sie es kürzer"),
    ],
)
def test_a_wrong_entry_is_named_at_its_field_and_nothing_typed_is_lost(
    window: Window, sessions: Sessions, field: str, value: str, sentence: str
) -> None:
    answer = window().post("/register", data=FORM | {field: value})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "<title>Fehler:" in answer.text
    assert f'href="#{field}"' in answer.text
    for name, kept in FORM.items():
        if name != field:
            assert kept.replace("&", "&amp;") in answer.text
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Letter)) == 0


def test_the_link_of_a_letter_changes_nothing_when_looked_at(window: Window, mailed: Mailed) -> None:
    client, scanner = window(), window()
    client.post("/register", data=FORM)
    link, _ = mailed()
    for _ in range(3):
        assert scanner.get(link).status_code == 200
        assert scanner.head(link).status_code in (200, 405)
    assert scanner.post(link).status_code == 403
    assert client.post(link).status_code == 303
    assert client.get(link).status_code == 410
    assert client.post(link).status_code in (403, 410)


def test_on_another_device_the_code_is_typed_into_the_first_window(window: Window, mailed: Mailed) -> None:
    desk = window()
    desk.post("/register", data=FORM)
    _, code = mailed()
    assert desk.post("/sign-in/code", data={"code": "AAAA-AAAA"}).status_code == 422
    assert window().post("/sign-in/code", data={"code": code}).status_code == 422
    assert desk.post("/sign-in/code", data={"code": code.lower().replace("-", " ")}).status_code == 303
    assert desk.get("/me").status_code == 200


def test_known_and_unknown_addresses_look_alike(
    window: Window, sessions: Sessions, now: datetime, last_letter: Callable[[], Letter]
) -> None:
    with sessions.begin() as session:
        people.create(session, OPERATOR, now, "known@probe.example", name="Bea Bekannt")
    answers = []
    for address in ("known@probe.example", "other@probe.example"):
        answer = window().post("/sign-in", data={"email": address})
        cookie = answer.headers["set-cookie"].partition("=")[0]
        answers.append(
            (answer.status_code, answer.headers["location"].replace(quote(address), ""), cookie, answer.text)
        )
        event = "accounts/sign_in" if address.startswith("known") else "accounts/not_known"
        assert last_letter().event == event
        assert last_letter().to == address
    assert answers[0] == answers[1]
    assert "/sign-in/link/" not in last_letter().text


def test_too_many_links_are_refused_with_a_page(window: Window) -> None:
    for _ in range(3):
        assert window().post("/sign-in", data={"email": "ute@probe.example"}).status_code == 303
    answer = window().post("/sign-in", data={"email": "ute@probe.example"})
    assert answer.status_code == 429
    assert "15 Minuten" in answer.text


@pytest.mark.parametrize(
    ("onward", "lands"),
    [
        ("/me", "/me"),
        ("/search?q=Kran", "/search?q=Kran"),
        ("https://evil.example/", "/me"),
        ("//evil.example", "/me"),
        ("/\\evil.example", "/me"),
        ("javascript:alert(1)", "/me"),
    ],
)
def test_signing_in_leads_on_within_this_site_only(
    window: Window, mailed: Mailed, sessions: Sessions, now: datetime, onward: str, lands: str
) -> None:
    with sessions.begin() as session:
        people.create(session, OPERATOR, now, "ute@probe.example")
    client = window()
    client.post("/sign-in", data={"email": "ute@probe.example", "next": onward})
    link, _ = mailed()
    assert client.post(link).headers["location"] == lands


def test_a_page_for_members_leads_to_the_sign_in_and_back(window: Window) -> None:
    answer = window().get("/pl/me")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/pl/sign-in?next=%2Fpl%2Fme"


def test_signing_out_ends_the_session_for_good(window: Window, mailed: Mailed) -> None:
    client = window()
    join(client, mailed)
    token = client.cookies["session"]
    assert client.post("/sign-out").status_code == 303
    thief = window()
    thief.cookies.set("session", token)
    assert thief.get("/me").status_code == 303


def test_a_new_sign_in_has_a_new_token_and_ends_the_old_one(window: Window, mailed: Mailed, sessions: Sessions) -> None:
    client = window()
    join(client, mailed)
    first = client.cookies["session"]
    client.post("/sign-in", data={"email": FORM["email"]})
    link, _ = mailed()
    client.post(link)
    assert client.cookies["session"] != first
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(BrowserSession)) == 1


def test_a_form_from_another_site_is_refused(window: Window) -> None:
    answer = window().post("/sign-in", data={"email": "ute@probe.example"}, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403


def test_public_pages_name_the_viewer_and_are_not_kept(window: Window, mailed: Mailed) -> None:
    client = window()
    join(client, mailed)
    for path in ("/", "/search?q=Kran", "/categories", "/no-such-page"):
        page = client.get(path)
        assert "Ute Probe" in page.text, path
        assert page.headers["cache-control"] == "no-store", path
    stranger = window().get("/")
    assert "Ute Probe" not in stranger.text
    assert stranger.headers["cache-control"] != "no-store"


def test_letters_of_a_local_run_can_be_read_and_those_of_production_not(window: Window) -> None:
    client = window()
    client.post("/sign-in", data={"email": "ute@probe.example"})
    page = client.get("/dev/mail")
    assert "ute@probe.example" in page.text
