"""A firm brings a table: nothing before the confirmation, every fault by its row, a second time nothing."""

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine, func, select
from starlette.testclient import TestClient

from market.accounts.models import Organisation
from market.config import Settings
from market.db import Sessions
from market.files.stores import store_at
from market.i18n import words
from market.intake import columns, service, sheets
from market.intake.models import FaultyRow, Import
from market.intake.worker import CHUNK, Run, Worker
from market.journal import Entry
from market.mail.models import Letter
from market.offerings.models import Offering
from market.publishing import policy
from market.values import LANGUAGES, utc_now
from market.viewer import OPERATOR, SYSTEM
from tests import factories as make
from tests.intake.tables import rows, written, xlsx

Enter = Callable[..., TestClient]


@pytest.fixture
def worker(engine: Engine, settings: Settings) -> Worker:
    return Worker(engine, store_at(settings.files_url), settings.base_url, utc_now)


def upload(client: TestClient, name: str, raw: bytes, prefix: str = "") -> str:
    """The address of the import that begins."""
    answer = client.post(f"{prefix}/me/import", files={"file": (name, raw)})
    assert answer.status_code == 303, answer.text[:3000]
    return answer.headers["location"]


def choice(sessions: Sessions, where: str, **other: str) -> dict[str, str]:
    one = kept(sessions, where)
    return {f"c{place}": key for place, key in enumerate(one.columns)} | {"kind": one.kind} | other


def kept(sessions: Sessions, where: str) -> Import:
    with sessions() as session:
        return session.scalars(select(Import).where(Import.ref == where.rpartition("/")[2])).one()


def checked(client: TestClient, sessions: Sessions, worker: Worker, name: str, raw: bytes) -> str:
    where = upload(client, name, raw)
    assert client.post(f"{where}/columns", data=choice(sessions, where)).status_code == 303
    assert worker.step()
    assert not worker.step()
    return where


def count(sessions: Sessions, model: Any) -> int:
    with sessions() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def stored(settings: Settings) -> list[Path]:
    folder = Path(settings.files_url.removeprefix("file:"))
    return [path for path in folder.rglob("*") if path.is_file()]


def test_four_hundred_rows_with_forty_faults(
    enter: Enter, sessions: Sessions, worker: Worker, settings: Settings
) -> None:
    client = enter("adm@probe.example", "editor")
    lines, wrong = rows(400)
    where = upload(client, "leistungen.xlsx", xlsx(lines))
    page = client.get(where).text
    assert "Interne Notiz" in page
    assert kept(sessions, where).columns[:6] == ["external_id", "title", "summary", "kind", "cpv", "price"]
    assert client.post(f"{where}/columns", data=choice(sessions, where)).status_code == 303
    assert 'id="progress"' in client.get(where).text
    entries = count(sessions, Entry)
    assert worker.step()
    one = kept(sessions, where)
    assert (one.state, one.rows, one.created, one.faulty) == ("checked", 400, 360, 40)
    assert count(sessions, Offering) == 0, "nothing is saved before the confirmation"
    assert count(sessions, Entry) == entries
    with sessions() as session:
        found = {row.line: row for row in session.scalars(select(FaultyRow))}
    assert set(found) == set(wrong)
    page = client.get(where).text
    for line, column in wrong.items():
        assert f'<th scope="row">{line}</th><td data-l="Spalte">{column}</td>' in page
    assert client.post(f"{where}/confirm").status_code == 303
    assert worker.step()
    one = kept(sessions, where)
    assert (one.state, one.created, one.faulty, one.key) == ("done", 360, 40, "")
    assert count(sessions, Offering) == 360
    assert not stored(settings), "the file is deleted"
    with sessions() as session:
        offering = session.scalars(select(Offering).where(Offering.external_id == "A-00000")).one()
        assert (offering.status, offering.price_cents, offering.unit) == ("published", 5850, "HUR")
        assert offering.languages == ("de", "pl")
        assert offering.details_json["emergency_24_7"] is False
        assert offering.organisation.name == "Probe GmbH"
        assert offering.town == "Eisenhüttenstadt"
    page = client.get(where).text
    assert "Arbeit 0" in page
    assert "geheim" not in page
    # a second time nothing changes, and there is nothing to confirm
    entries = count(sessions, Entry)
    where = checked(client, sessions, worker, "leistungen.xlsx", xlsx(lines))
    one = kept(sessions, where)
    assert (one.created, one.changed, one.unchanged, one.faulty) == (0, 0, 360, 40)
    assert f'action="{where}/confirm"' not in client.get(where).text
    assert count(sessions, Entry) == entries + 1, "only the upload is in the journal"


def test_rows_that_were_not_taken_come_back_as_a_table(enter: Enter, sessions: Sessions, worker: Worker) -> None:
    client = enter("adm@probe.example", "admin")
    lines, wrong = rows(81)
    where = checked(client, sessions, worker, "liste.csv", written(lines))
    for form in ("xlsx", "csv"):
        answer = client.get(f"{where}/faults.{form}")
        assert answer.status_code == 200
        if form == "xlsx":
            table = [
                list(line) for line in load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True)
            ]
        else:
            table = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
        assert [int(line[-2]) for line in table[1:]] == list(wrong)
        assert table[0][:2] == ["Artikelnr.", "Bezeichnung"]
        reasons = " ".join(str(line[-1]) for line in table[1:])
        assert "Zeile 2" in reasons
        assert "acht Ziffern" in reasons
    assert "nie jest kodem CPV" in client.get(f"/pl{where}").text
    again = upload(client, "korrigiert.xlsx", client.get(f"{where}/faults.xlsx").content)
    assert kept(sessions, again).columns[:2] == ["external_id", "title"]


def test_a_run_that_is_killed_goes_on_without_doubling(
    enter: Enter, sessions: Sessions, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = enter("adm@probe.example", "editor")
    lines, _ = rows(3 * CHUNK + 7, faults=False)
    lines[-1][0] = lines[0][0]  # named twice, long before
    where = checked(client, sessions, worker, "liste.csv", written(lines))
    client.post(f"{where}/confirm")
    whole = Run._count

    def dies(self: Run, session: Any, one: Import, part: Any, cells: Any) -> None:
        whole(self, session, one, part, cells)
        if one.seen >= CHUNK:
            raise MemoryError

    monkeypatch.setattr(Run, "_count", dies)
    with pytest.raises(MemoryError):
        worker.step()
    monkeypatch.setattr(Run, "_count", whole)
    assert kept(sessions, where).seen == CHUNK, "what was committed is counted, what was not is not"
    assert count(sessions, Offering) == CHUNK
    stops = iter([False, True])
    worker.step(lambda: next(stops))
    assert kept(sessions, where).seen == 2 * CHUNK
    assert worker.step()
    one = kept(sessions, where)
    assert (one.state, one.created, one.changed, one.faulty) == ("done", 3 * CHUNK + 6, 0, 1)
    assert count(sessions, Offering) == 3 * CHUNK + 6


def test_a_table_can_be_dropped_and_chosen_anew(
    enter: Enter, sessions: Sessions, worker: Worker, settings: Settings
) -> None:
    client = enter("adm@probe.example", "editor")
    lines, _ = rows(3, faults=False)
    where = checked(client, sessions, worker, "liste.csv", written(lines))
    assert 'name="c0"' in client.get(f"{where}?columns=1").text
    columns_ = choice(sessions, where, c1="summary", c2="title")
    assert client.post(f"{where}/columns", data=columns_).status_code == 303
    worker.step()
    with sessions() as session:
        assert session.scalars(select(Import.created)).one() == 3
    for wrong in ({"c2": ""}, {"c1": "title"}):
        answer = client.post(f"{where}/columns", data=columns_ | wrong)
        assert answer.status_code == 422
        assert "Fehler:" in answer.text
    assert client.post(f"{where}/drop").status_code == 303
    assert client.get(where).status_code == 404
    assert client.post(f"{where}/confirm").status_code == 409
    assert not stored(settings)
    assert count(sessions, Offering) == 0


@pytest.mark.parametrize(
    ("encoding", "language", "text"),
    [
        ("cp1252", "", "Schweißgeräte prüfen"),
        ("cp1250", "/pl", "Usługi spawalnicze łączeń"),
        ("utf-8", "", "Köln & Guß"),
    ],
)
def test_letters_of_every_code_page_arrive(
    enter: Enter, sessions: Sessions, encoding: str, language: str, text: str
) -> None:
    client = enter("adm@probe.example", "editor")
    raw = f"Nr,Nazwa\n1,{text}\n".encode(encoding)
    where = upload(client, "x.csv", raw, language)
    assert text.replace("&", "&amp;") in client.get(where).text
    assert kept(sessions, where).separator == ","
    # another choice is shown before anything happens
    answer = client.post(f"{where}/columns", data={"encoding": "cp1252", "separator": ";", "do": "look"})
    assert answer.status_code == 303
    one = kept(sessions, where)
    assert (one.encoding, one.separator, one.state) == ("cp1252", ";", "uploaded")
    assert len(one.head) == 1


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 30_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "raw", "sentence"),
    [
        ("", b"", "Datei"),
        ("liste.xlsx", bomb(), "xlsx"),
        ("liste.xlsx", b"PK\x03\x04 no workbook", "xlsx"),
        ("liste.xls", b"\xd0\xcf\x11\xe0", "xlsx"),
        ("liste.csv", b"a;b\x00\n", "CSV"),
        ("liste.csv", b" \n \n", "leer"),
        ("liste.csv", b"x" * (10 * 1024 * 1024 + 1), "10\u00a0MB"),
    ],
    ids=["none", "bomb", "broken", "old", "binary", "empty", "large"],
)
def test_what_is_no_table_is_refused_with_a_sentence(
    enter: Enter, sessions: Sessions, name: str, raw: bytes, sentence: str
) -> None:
    client = enter("adm@probe.example", "editor")
    answer = client.post("/me/import", files={"file": (name, raw)} if name else None, data={})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert count(sessions, Import) == 0


def test_nothing_of_another_firm_is_touched(enter: Enter, sessions: Sessions, worker: Worker) -> None:
    client = enter("adm@probe.example", "editor")
    stranger = enter("fre@fremd.example", "admin", firm="Fremde AG")
    with sessions.begin() as session:
        other = session.scalars(select(Organisation).where(Organisation.name == "Fremde AG")).one()
        theirs = make.offering(session, utc_now(), other, external_id="F-1", title="Fremde Arbeit")
    raw = (
        "Nummer;Titel;Firma;Referenz;Zustand;Zertifikate;provider_email\n"
        f"1;Eigene Arbeit;;;;;\n2;Anmaßung;Fremde AG;;;;\n3;Anmaßung;;{theirs.ref};;;\n"
        "4;Abgelaufen;;;expired;;\nF-1;Gleiche Nummer;PROBE  gmbh;;Entwurf;iso-9001;a@b.example\n"
    ).encode()
    where = checked(client, sessions, worker, "x.csv", raw)
    client.post(f"{where}/confirm")
    worker.step()
    with sessions() as session:
        mine = session.scalars(select(Offering).join(Organisation).where(Organisation.name == "Probe GmbH")).all()
        assert {(o.external_id, o.status) for o in mine} == {("1", "published"), ("F-1", "draft")}
        assert {row.line for row in session.scalars(select(FaultyRow))} == {3, 4, 5}
        assert session.get_one(Offering, theirs.id).title == "Fremde Arbeit"
        assert session.scalar(select(func.count()).select_from(Organisation)) == 2
    for path in ("", "/faults.csv"):
        assert stranger.get(where + path).status_code == 404
    for verb in ("columns", "confirm", "drop"):
        assert stranger.post(f"{where}/{verb}").status_code == 404


def test_details_come_from_columns_and_stay_where_none_speaks_of_them(
    enter: Enter, sessions: Sessions, worker: Worker
) -> None:
    client = enter("adm@probe.example", "editor")
    raw = (
        "Nr;Titel;Art;Verfahren;Termine;Qualifikation;title_pl\n"
        "L;Zugversuch;Laborprüfung;Zugversuch | Stahl | DIN EN ISO 6892-1 | ja | | | 5 | 120 | 1 MPa | ± 2 %"
        ";;;Próba rozciągania\n"
        "T;Kurs;Schulung;;11.01.2027 | 15.01.2027 | 4 | 12;Schweißer;\n"
        "X;Kurs;Schulung;;11.01.2027 | 10.01.2027 | 4 | 12;Schweißer;\n"
        "Y;Bahn;Dienstleistung;Zugversuch;;;\n"
    ).encode()
    where = checked(client, sessions, worker, "x.csv", raw)
    client.post(f"{where}/confirm")
    worker.step()
    with sessions.begin() as session:
        by_id = {o.external_id: o for o in session.scalars(select(Offering))}
        assert set(by_id) == {"L", "T"}
        method = by_id["L"].details_json["methods"][0]  # type: ignore[index]
        assert (method["standard"], method["accredited"], method["turnaround_days"]) == ("DIN EN ISO 6892-1", True, 5)
        assert (method["detection_limit"], method["uncertainty"]) == ("1 MPa", "± 2 %")
        assert by_id["L"].texts == {"pl": {"title": "Próba rozciągania"}}
        booked = dict(by_id["T"].details_json)
        booked["sessions"][0] |= {"seats_taken": 3}  # type: ignore[index]
        by_id["T"].details_json = {**booked, "venue": "Guben"}
    raw = b"Nr;Titel;Art;Termine\nT;Kurs;Schulung;11.01.2027 | 15.01.2027 | 4 | 10\n"
    where = checked(client, sessions, worker, "y.csv", raw)
    client.post(f"{where}/confirm")
    worker.step()
    with sessions() as session:
        course = session.scalars(select(Offering).where(Offering.external_id == "T")).one()
        assert course.details_json["venue"] == "Guben"
        dates = course.details_json["sessions"]
        assert (dates[0]["seats_taken"], dates[0]["seats_max"]) == (3, 10)  # type: ignore[index]


def test_json_lines_are_those_of_the_command(enter: Enter, sessions: Sessions, worker: Worker) -> None:
    client = enter("adm@probe.example", "editor")
    raw = (
        b'{"external_id": "1", "title": "Arbeit", "certificates": ["iso-9001"]}\n{"external_id": "2", "titel": "x"}\n{'
    )
    where = checked(client, sessions, worker, "x.jsonl", raw)
    one = kept(sessions, where)
    assert (one.created, one.faulty) == (1, 2)
    assert client.get(f"{where}/faults.xlsx").status_code == 200


def test_a_long_import_ends_in_a_letter_and_old_things_go(
    enter: Enter, sessions: Sessions, worker: Worker, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setattr("market.intake.letters.MANY", 3)
    client = enter("adm@probe.example", "editor")
    lines, _ = rows(3, faults=False)
    where = checked(client, sessions, worker, "liste.csv", written(lines))
    assert count(sessions, Letter) == 0
    client.post(f"{where}/confirm")
    worker.step()
    with sessions() as session:
        letter = session.scalars(select(Letter)).one()
    assert letter.to == "adm@probe.example"
    assert f"http://testserver{where}" in letter.text
    upload(client, "zwei.csv", written(lines))
    with sessions.begin() as session:
        assert service.tidy(session, SYSTEM, worker.store, utc_now() + timedelta(days=1)) == 0
        assert service.tidy(session, SYSTEM, worker.store, utc_now() + timedelta(days=3)) == 1
    assert not stored(settings)
    with sessions.begin() as session:
        assert service.tidy(session, SYSTEM, worker.store, utc_now() + timedelta(days=40)) == 2
    assert count(sessions, Import) == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_template_is_understood_again(language: Any) -> None:
    from market.intake.reading import Plan
    from market.offerings.kinds import KINDS

    for kind in KINDS:
        raw = sheets.template(words(language), kind, "xlsx")
        head = [str(cell.value) for cell in load_workbook(io.BytesIO(raw)).active[1]]
        found = columns.guess(head)
        assert all(found), [name for name, key in zip(head, found, strict=True) if not key]
        for form in ("xlsx", "csv"):
            raw = sheets.template(words(language), kind, form)
            assert list(Plan(form, "utf-8-sig", ";", found, kind).rows(raw)) == []  # type: ignore[arg-type]


def test_where_the_operator_looks_first_nothing_is_public_by_an_import(
    enter: Enter, sessions: Sessions, worker: Worker
) -> None:
    client = enter("adm@probe.example", "editor")
    with sessions.begin() as session:
        policy.set_moderation(session, OPERATOR, "before", utc_now())
    raw = b"Nr;Titel;Zustand\n1;Arbeit;\n2;Arbeit;pausiert\n3;Arbeit;Entwurf\n4;Arbeit;online\n"
    wanted = {"1": "submitted", "2": "submitted", "3": "draft", "4": "submitted"}
    for again in (raw, raw, b"Nr;Titel;Zustand\n1;Arbeit;online\n2;Arbeit;pausiert\n3;Neu;\n"):
        where = checked(client, sessions, worker, "x.csv", again)
        if kept(sessions, where).created + kept(sessions, where).changed:
            client.post(f"{where}/confirm")
            worker.step()
        with sessions() as session:
            found = {o.external_id: (o.status, bool(o.queued_at)) for o in session.scalars(select(Offering))}
        assert found == {name: (state, state == "submitted") for name, state in wanted.items()}
