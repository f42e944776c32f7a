"""The wallet as its firm sees it: hand in, correct, replace, withdraw."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from market.accounts.models import Organisation
from market.certificates.models import Certificate
from market.config import Settings
from market.db import Sessions
from market.files.models import File
from market.journal import Entry
from market.values import local_day, utc_now
from tests import factories as make
from tests.certificates.conftest import PDF, Enter, facts, paper, picture

Held = Callable[[], list[Certificate]]
HandIn = Callable[..., Certificate]


def files(sessions: Sessions) -> list[File]:
    with sessions() as session:
        return list(session.scalars(select(File).order_by(File.id)))


def test_a_certificate_is_handed_in_and_waits(firm: TestClient, handed_in: HandIn, sessions: Sessions) -> None:
    certificate = handed_in()
    assert (certificate.state, certificate.issuer, certificate.number) == ("uploaded", "Prüfstelle Beispiel", "QM-1")
    page = firm.get("/me/certificates").text
    assert "ISO 9001" in page
    assert "1 in Prüfung" in page
    kept = files(sessions)
    assert [(file.purpose, file.name) for file in kept] == [("certificate", "iso.pdf")]
    got = firm.get(f"/files/{kept[0].ref}/iso.pdf")
    assert got.content == PDF
    assert got.headers["content-disposition"].startswith("attachment")
    with sessions() as session:
        entry = session.scalars(select(Entry).where(Entry.verb == "certificates.uploaded")).one()
    assert entry.data["type"] == "iso-9001"


def test_a_photo_is_taken_as_well(firm: TestClient, held: Held) -> None:
    answer = firm.post("/me/certificates/new", data=facts(), files=paper("foto.jpg", picture(), "image/jpeg"))
    assert answer.status_code == 303
    page = firm.get(answer.headers["location"]).text
    assert "foto.jpg" in page
    assert "<img" in page
    assert held()[0].state == "uploaded"


def test_a_type_is_found_by_letters_and_by_group(firm: TestClient) -> None:
    page = firm.get("/me/certificates/new").text
    assert page.count("?type=") >= 60
    assert "Nachweise von Personen" in page
    assert "?type=en-1090-2" in firm.get("/me/certificates/new?q=1090").text
    exact = firm.get("/me/certificates/new?q=EN 1090 EXC3").text
    assert '<option value="EXC3" selected>' in exact
    assert "passt nichts" in firm.get("/me/certificates/new?q=xyzzy").text
    assert "Gabelstapler" in firm.get("/me/certificates/new?q=stapler").text


def test_what_was_typed_and_the_file_stay_when_the_form_comes_back(
    firm: TestClient, held: Held, sessions: Sessions
) -> None:
    answer = firm.post("/me/certificates/new", data=facts(issuer="", scope="Rohrbau <b>"), files=paper("mein.pdf"))
    assert answer.status_code == 422
    assert "Rohrbau &lt;b&gt;" in answer.text
    assert "„mein.pdf“ ist gespeichert" in answer.text
    waiting = files(sessions)[0]
    assert waiting.purpose == "certificate-pending"
    assert f'value="{waiting.ref}"' in answer.text
    again = firm.post("/me/certificates/new", data=facts(kept=waiting.ref))
    assert again.status_code == 303
    certificate = held()[0]
    assert certificate.file_id == waiting.id
    assert [file.purpose for file in files(sessions)] == ["certificate"]


def test_a_second_file_takes_the_place_of_the_one_that_waits(
    firm: TestClient, sessions: Sessions, settings: Settings
) -> None:
    firm.post("/me/certificates/new", data=facts(issuer=""), files=paper("alt.pdf"))
    waiting = files(sessions)[0].ref
    answer = firm.post("/me/certificates/new", data=facts(kept=waiting), files=paper("neu.pdf", PDF + b"%2"))
    assert answer.status_code == 303
    assert [file.name for file in files(sessions)] == ["neu.pdf"]
    assert len([path for path in Path(settings.files_url.removeprefix("file:")).rglob("*") if path.is_file()]) == 1


def test_a_file_that_waits_is_nobody_elses(enter: Enter, firm: TestClient, sessions: Sessions, held: Held) -> None:
    firm.post("/me/certificates/new", data=facts(issuer=""), files=paper())
    waiting = files(sessions)[0]
    stranger = enter("str@andere.example", "admin", firm="Andere AG")
    assert stranger.post("/me/certificates/new", data=facts(kept=waiting.ref)).status_code == 422
    assert stranger.get(f"/files/{waiting.ref}/iso.pdf").status_code == 404
    assert held() == []


def test_files_whose_form_never_came_back_are_cleared_away(firm: TestClient, sessions: Sessions) -> None:
    firm.post("/me/certificates/new", data=facts(issuer=""), files=paper("alt.pdf"))
    with sessions.begin() as session:
        session.scalars(select(File)).one().created_at = utc_now() - timedelta(days=2)
    firm.post("/me/certificates/new", data=facts(issuer=""), files=paper("neu.pdf"))
    assert [file.name for file in files(sessions)] == ["neu.pdf"]


@pytest.mark.parametrize(
    ("name", "content", "kind", "sentence"),
    [
        ("liste.docx", b"PK\x03\x04", "application/vnd.ms-word", "Nehmen Sie ein PDF"),
        ("seite.html", b"<html>", "text/html", "Nehmen Sie ein PDF"),
        ("schein.pdf", b"<html><script>", "application/pdf", "passt nicht"),
        ("schein.pdf", picture(), "application/pdf", "passt nicht"),
        ("leer.pdf", b"", "application/pdf", "leer"),
        ("bild.jpg", b"\xff\xd8\xff\xe0kaputt", "image/jpeg", "beschädigt"),
    ],
)
def test_other_kinds_of_file_are_named_and_the_form_stays(
    firm: TestClient, held: Held, name: str, content: bytes, kind: str, sentence: str
) -> None:
    answer = firm.post("/me/certificates/new", data=facts(), files=paper(name, content, kind))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "QM-1" in answer.text
    assert held() == []


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"valid_until": ""}, "kreuzen Sie an"),
        ({"valid_until": "2020-01-01"}, "Dieser Tag ist vorbei"),
        ({"valid_until": "2999-01-01"}, "Jahr"),
        ({"valid_until": "bald"}, "Tag"),
        ({"valid_from": "2090-01-01"}, "Jahr"),
        ({"issuer": "x" * 201}, "höchstens 200"),
        ({"type": "en-1090-2", "level": ""}, "Wählen Sie die Stufe"),
        ({"type": "en-1090-2", "level": "EXC9"}, "eine der Möglichkeiten"),
        ({"type": "iso-9606-1"}, "Wessen Nachweis"),
    ],
)
def test_what_is_wrong_stands_at_its_field(firm: TestClient, held: Held, more: dict[str, str], sentence: str) -> None:
    answer = firm.post("/me/certificates/new", data=facts(**more), files=paper())
    assert answer.status_code == 422
    assert sentence in answer.text
    assert held() == []


def test_days_are_understood_as_people_write_them(handed_in: HandIn) -> None:
    year = local_day(utc_now()).year + 2
    assert handed_in(valid_until=f"1.3.{year}").valid_until == local_day(utc_now()).replace(year, 3, 1)
    assert handed_in(endless="yes").valid_until is None


def test_a_disk_that_refuses_keeps_the_form(
    firm: TestClient, held: Held, sessions: Sessions, settings: Settings
) -> None:
    place = Path(settings.files_url.removeprefix("file:"))
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("no folder")  # every write below fails with "not a directory", whoever runs the tests
    answer = firm.post("/me/certificates/new", data=facts(scope="Rohrbau"), files=paper())
    assert answer.status_code == 503
    assert "ließ sich gerade nicht speichern" in answer.text
    assert "Rohrbau" in answer.text
    assert held() == []
    assert files(sessions) == []
    place.unlink()
    assert firm.post("/me/certificates/new", data=facts(scope="Rohrbau"), files=paper()).status_code == 303


def test_a_correction_is_looked_at_anew(firm: TestClient, handed_in: HandIn, operator: TestClient, held: Held) -> None:
    certificate = handed_in()
    look(operator, certificate, "verify")
    assert held()[0].state == "verified"
    page = firm.get(f"/me/certificates/{certificate.ref}/edit").text
    assert 'value="QM-1"' in page
    assert "bis dahin zählt der Nachweis nicht" in page
    same = facts(valid_until=certificate.valid_until.isoformat() if certificate.valid_until else "")
    assert firm.post(f"/me/certificates/{certificate.ref}/edit", data=same).status_code == 303
    assert held()[0].state == "verified"
    assert firm.post(f"/me/certificates/{certificate.ref}/edit", data=facts(number="QM-2")).status_code == 303
    changed = held()[0]
    assert (changed.state, changed.number, changed.decided_at) == ("uploaded", "QM-2", None)


def test_another_file_takes_the_place_of_the_old_one(
    firm: TestClient, handed_in: HandIn, sessions: Sessions, held: Held
) -> None:
    certificate = handed_in()
    answer = firm.post(f"/me/certificates/{certificate.ref}/edit", data=facts(), files=paper("neu.pdf", PDF + b"%2"))
    assert answer.status_code == 303
    assert [file.name for file in files(sessions)] == ["neu.pdf"]
    assert held()[0].file_id == files(sessions)[0].id


def test_the_old_one_counts_until_the_new_one_is_verified(
    firm: TestClient, handed_in: HandIn, operator: TestClient, held: Held
) -> None:
    old = handed_in()
    look(operator, old, "verify")
    answer = firm.post(f"/me/certificates/{old.ref}/replace", data=facts(number="QM-2"), files=paper())
    assert answer.status_code == 303
    assert [c.state for c in held()] == ["verified", "uploaded"]
    assert "Der neue wird geprüft" in firm.get("/me/certificates").text
    twice = firm.post(f"/me/certificates/{old.ref}/replace", data=facts(number="QM-3"), files=paper())
    assert twice.headers["location"].endswith(held()[1].ref)
    look(operator, held()[1], "verify")
    assert [(c.number, c.state) for c in held()] == [("QM-1", "replaced"), ("QM-2", "verified")]
    assert firm.get(f"/me/certificates/{old.ref}").status_code == 404


def test_a_withdrawn_one_leaves_no_file_and_no_person(
    firm: TestClient, handed_in: HandIn, sessions: Sessions, held: Held, settings: Settings
) -> None:
    certificate = handed_in(type="iso-9606-1", holder="Petra Muster")
    assert "Petra Muster" in firm.get("/me/certificates").text
    asked = firm.get(f"/me/certificates/{certificate.ref}/withdraw")
    assert "zurückziehen?" in asked.text
    assert held()[0].state == "uploaded"
    assert firm.post(f"/me/certificates/{certificate.ref}/withdraw").status_code == 303
    gone = held()[0]
    assert (gone.state, gone.holder, gone.file_id) == ("withdrawn", "", None)
    assert files(sessions) == []
    assert not [path for path in Path(settings.files_url.removeprefix("file:")).rglob("*") if path.is_file()]
    assert firm.get(f"/me/certificates/{certificate.ref}").status_code == 404
    assert "Petra" not in firm.get("/me/certificates").text


def test_what_there_is_to_do_stands_on_the_first_page(
    firm: TestClient, enter: Enter, handed_in: HandIn, sessions: Sessions
) -> None:
    handed_in()
    today = local_day(utc_now())
    with sessions.begin() as session:
        owner = session.scalars(select(Certificate)).one()
        make.certificate(session, utc_now(), owner.organisation, type="scc", valid_until=today + timedelta(days=20))
        make.certificate(
            session, utc_now(), owner.organisation, type="iso-14001", valid_until=today - timedelta(days=1)
        )
        make.certificate(session, utc_now(), owner.organisation, type="iso-50001", state="declined", reason="other")
        make.offering(session, utc_now(), owner.organisation).asked_on = today
    page = firm.get("/me").text
    shown, folded = re.split(r"und \d weitere", page)  # one more where needs could not be compared in time
    assert shown.count('class="sub"') == 5
    assert "Profil:" in folded, "the least urgent stands last, and is not cut off"
    for text in ("Nachweise in Prüfung", "Nachweise, die ablaufen", "Nachweise abgelaufen", "Nachweise abgelehnt"):
        assert text in page
    assert "Nachweise, die ablaufen" not in enter("les@probe.example", "reader").get("/me").text


def test_a_course_that_leads_to_it_stands_beside_what_runs_out(firm: TestClient, sessions: Sessions) -> None:
    today = local_day(utc_now())
    with sessions.begin() as session:
        school = make.organisation(session, utc_now(), name="Schule Beispiel")
        details = make.DETAILS["training"] | {"qualification": "Schweißerprüfung DIN EN ISO 9606-1"}
        make.offering(
            session, utc_now(), school, kind="training", details=details, price_mode="fixed", price_cents=123400
        )
    with sessions.begin() as session:
        probe = session.scalars(select(Organisation).where(Organisation.name == "Probe GmbH")).one()
        until = today + timedelta(days=30)
        make.certificate(session, utc_now(), probe, type="iso-9606-1", holder="Petra Muster", valid_until=until)
    page = firm.get("/me/certificates").text
    assert "1 Kurs in der Region" in page
    assert "1.234" in page
    assert "/search?kind=training" in page


def look(operator: TestClient, certificate: Certificate, verb: str, **form: str) -> None:
    """Decide as the operator, on what is there now."""
    seen = certificate.updated_at.isoformat()
    answer = operator.post(f"/operator/certificates/{certificate.ref}/{verb}", data={"seen": seen} | form)
    assert answer.status_code == 303, answer.text
