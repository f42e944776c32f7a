"""The profile: filled in by the firm, checked, countable, with a logo; and its one page as PDF."""

import io
import logging
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from market.accounts.models import Organisation
from market.catalogue import statement
from market.catalogue.providers import offerings_of
from market.catalogue.rules import visible
from market.certificates.service import of_organisations
from market.config import Settings
from market.db import Sessions, connect, read_only
from market.db import sessions as make_sessions
from market.files.models import File
from market.files.scan import guarded
from market.files.stores import store_at
from market.i18n import words
from market.profiles.registers import SCHEMES
from market.values import LANGUAGES, local_day, utc_now
from tests.files.test_checks import PDF, picture
from tests.matrix.test_matrix import starlette_of
from tests.support.clamd import clamd

Enter = Callable[..., TestClient]
FORM: dict[str, Any] = {
    "name": "Probe GmbH",
    "about_de": "Wir schweißen Rohre.",
    "about_pl": "Spawamy rury.",
    "street": "Werkstraße 1",
    "place": "15890 Eisenhüttenstadt",
    "languages": ["pl", "de"],
    "employees": "6",
    "founded": "1998",
    "phone": "+49 30 23125-100",
    "email": "info@probe.example",
    "website": "www.probe.example",
    "contact": "Ute Probe",
    "court": "Frankfurt (Oder)",
    "hrb": "99001 ff",
    "vat": "DE 136695976",
    "nip": "123-456-32-18",
    "krs": "1234",
    "regon": "123456785",
}


def firm(sessions: Sessions) -> Organisation:
    with sessions() as session:
        return session.scalars(select(Organisation).where(Organisation.name == "Probe GmbH")).one()


def test_a_profile_is_kept_in_its_right_spelling(enter: Enter, sessions: Sessions) -> None:
    client = enter("adm@probe.example", "editor")
    assert client.post("/me/profile", data=FORM).status_code == 303
    kept = firm(sessions)
    assert (kept.postcode, kept.town, kept.district) == ("15890", "Eisenhüttenstadt", "DE40C")
    assert kept.about == {"de": "Wir schweißen Rohre.", "pl": "Spawamy rury."}
    assert kept.languages == ("de", "pl")
    assert (kept.employees, kept.founded, kept.website) == (6, 1998, "https://www.probe.example")
    assert {entry["scheme"]: entry["number"] for entry in kept.registers} == {
        "DE-HRB": "HRB 99001 FF",
        "EU-VAT": "DE136695976",
        "PL-NIP": "1234563218",
        "PL-KRS": "0000001234",
        "PL-REGON": "123456785",
    }
    page = client.get("/me/profile").text
    for shown in ("Werkstraße 1", "HRB 99001 FF", "Frankfurt (Oder)", "Spawamy rury."):
        assert shown in page


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "Bitte füllen Sie dieses Feld aus."),
        ("place", "Atlantis", "Wir kennen diesen Ort nicht."),
        ("employees", "sechs", "ganze Zahl"),
        ("employees", "0", "wie viele Menschen"),
        ("founded", "98", "vier Ziffern"),
        ("founded", "2199", "liegt in der Zukunft"),
        ("phone", "ruf mich an", "mit Ziffern"),
        ("email", "info@", "name@betrieb.example"),
        ("website", "javascript:alert(1)", "www.betrieb.example"),
        ("hrb", "12345678", "HRB 1234"),
        ("vat", "DE136695977", "Prüfziffer"),
        ("nip", "1234563219", "Prüfziffer"),
        ("krs", "12345678901", "10 Ziffern"),
        ("regon", "123456784", "Prüfziffer"),
        ("imprint", "x" * 1501, "1.500 Zeichen"),
    ],
)
def test_a_wrong_entry_is_named_and_the_rest_is_kept(
    enter: Enter, sessions: Sessions, field: str, value: str, sentence: str
) -> None:
    client = enter("adm@probe.example", "admin")
    answer = client.post("/me/profile", data=FORM | {field: value})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'id="{field}-error"' in answer.text
    assert "Wir schweißen Rohre." in answer.text
    assert firm(sessions).about == {}


def test_a_logo_is_set_replaced_refused_and_dropped(enter: Enter, sessions: Sessions) -> None:
    client = enter("adm@probe.example", "admin")

    def send(name: str, content: bytes, kind: str, **more: str) -> int:
        upload = {"logo": (name, io.BytesIO(content), kind)}
        return client.post("/me/profile", data=FORM | more, files=upload).status_code

    def logos() -> int:
        with sessions() as session:
            return session.scalar(select(func.count()).select_from(File)) or 0

    assert send("logo.png", picture(), "image/png") == 303
    assert send("logo.jpg", picture("JPEG"), "image/jpeg") == 303
    assert logos() == 1
    assert send("logo.pdf", PDF, "application/pdf") == 422
    assert logos() == 1
    assert client.post("/me/profile", data=FORM | {"drop_logo": "1"}).status_code == 303
    assert logos() == 0


def test_who_reads_and_who_edits(enter: Enter, window: Callable[[], TestClient]) -> None:
    enter("adm@probe.example", "admin")
    reader = enter("rea@probe.example", "reader")
    assert reader.get("/me/profile").status_code == 200
    assert reader.post("/me/profile", data=FORM).status_code == 403
    assert window().get("/me/profile").status_code == window().post("/me/profile", data=FORM).status_code == 303


def test_what_is_missing_is_counted_and_named(enter: Enter) -> None:
    client = enter("adm@probe.example", "admin", phone="", about={})
    assert "Ein Text über den Betrieb" in client.get("/me").text
    before = client.get("/me/profile").text
    client.post("/me/profile", data=FORM)
    after = client.get("/me/profile").text
    assert before.count('class="off"') > after.count('class="off"') > 0
    assert "Ein Text über den Betrieb: ausgefüllt" in after


@pytest.mark.parametrize(
    ("scheme", "written", "kept"),
    [
        ("DE-HRB", "HRB 1234 FF", "HRB 1234 FF"),
        ("DE-HRB", "hrb1234", "HRB 1234"),
        ("EU-VAT", "de136695976", "DE136695976"),
        ("PL-KRS", "0000 123 456", "0000123456"),
        ("PL-NIP", "123 456 32 18", "1234563218"),
        ("PL-REGON", "12345678512347", "12345678512347"),
    ],
)
def test_register_numbers_have_one_spelling(scheme: str, written: str, kept: str) -> None:
    assert SCHEMES[scheme](written) == kept


def test_every_firm_has_one_page_in_three_languages(
    seeded: TestClient, seeded_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """One page each, no letter missing in our fonts, and the lists end above the foot."""
    caplog.set_level(logging.WARNING, "fpdf")
    engine = connect(seeded_url)
    with read_only(make_sessions(engine)) as session:
        firms = list(session.scalars(visible()))
        held = of_organisations(session, [one.id for one in firms])
        for number, one in enumerate(firms):
            language = LANGUAGES[number % 3]
            call: Any = SimpleNamespace(
                session=session, words=words(language), language=language, today=local_day(utc_now())
            )
            content = statement.draw(call, one, offerings_of(call, one), held[one.id], "https://werkplatz.example/p")
            assert content.startswith(b"%PDF-1."), one.name
            assert b"/Count 1" in content, one.name
    engine.dispose()
    assert len(firms) > 50
    assert not caplog.records, caplog.text


def test_the_pdf_is_there_for_listed_firms_only(seeded: TestClient) -> None:
    ref = seeded.get("/api/v1/search/providers", params={"q": "Rohrbau"}).json()["hits"][0]["ref"]
    answer = seeded.get(f"/en/providers/{ref}/statement.pdf")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert seeded.get("/providers/nobody/statement.pdf").status_code == 404


@pytest.mark.parametrize("language", ["", "/en", "/pl"])
def test_without_a_virus_scanner_no_logo_is_kept_and_nothing_typed_is_lost(
    enter: Enter, sessions: Sessions, settings: Settings, language: str
) -> None:
    sentences = {"": "nicht auf Viren", "/en": "checked for viruses", "/pl": "antywirusem"}
    with clamd() as server:
        server.manner = "garbage"
        window = enter("adm@probe.example", "admin")
        starlette_of(window.app).state.store = guarded(store_at(settings.files_url), server.url)
        typed = FORM | {"contact": "Neue Person"}
        answer = window.post(f"{language}/me/profile", data=typed, files={"logo": ("l.png", picture(), "image/png")})
        assert answer.status_code == 422
        assert sentences[language] in answer.text
        assert "Neue Person" in answer.text
        with sessions() as session:
            assert session.scalar(select(func.count()).select_from(File)) == 0
        server.manner = "well"
        answer = window.post("/me/profile", data=typed, files={"logo": ("l.png", picture(), "image/png")})
        assert answer.status_code == 303
