"""Scanner or store away: every form that takes a file says so at its field, keeps what was typed and nothing else."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update
from starlette.testclient import TestClient

from market.accounts.models import Organisation
from market.config import Settings
from market.db import Sessions
from market.files.models import File
from market.files.scan import Clamd, Scanned
from market.files.stores import Folder
from market.intake.models import Import
from market.offerings.models import Offering
from market.values import utc_now
from tests import factories as make
from tests.certificates.conftest import facts
from tests.files.test_checks import PDF, picture
from tests.matrix.test_matrix import starlette_of
from tests.samples.test_views import KEYS, METHODS
from tests.support.clamd import Scanner, clamd

UNSCANNED = "konnte eben nicht auf Viren geprüft werden"
UNKEPT = "ließ sich gerade nicht speichern"


@dataclass
class Doors:
    """A firm's window, and what is there to be given a file: path, fields, file and what has to come back."""

    client: TestClient
    of: dict[str, tuple[str, dict[str, Any], dict[str, Any], str]]


@pytest.fixture
def doors(enter: Callable[..., TestClient], sessions: Sessions) -> Doors:
    client = enter("adm@probe.example", "admin")
    buyer = enter("einkauf@kauf.example", "admin", firm="Kauf GmbH")
    now = utc_now()
    with sessions.begin() as session:
        firm = session.scalars(select(Organisation).where(Organisation.name == "Probe GmbH")).one()
        pipes = make.offering(session, now, firm, title="Rohre biegen")
        lab = make.offering(session, now, firm, kind="lab_test", title="Labor", details={"methods": METHODS}).ref
    order = {"methods": KEYS, "description": "Bleche", "count": "1", "wanted_on": ""}
    placed = buyer.post(f"/me/samples/new/{lab}", data=order).headers["location"]
    for step in ("receive", "begin"):
        assert client.post(f"{placed}/{step}").status_code == 303
    files = f"/me/offerings/{pipes.ref}/files"
    paper, photo = ("a.pdf", PDF, "application/pdf"), ("a.png", picture(), "image/png")
    table = ("a.csv", "Nr;Titel\n1;Schweißen\n".encode(), "text/csv")
    profile = {"name": "Probe GmbH", "place": "03172 Guben", "about_de": "Getippter Text"}
    return Doors(
        client,
        {
            "certificate": ("/me/certificates/new", facts(scope="Getippter Text"), {"file": paper}, "Getippter Text"),
            "logo": ("/me/profile", profile, {"logo": photo}, "Getippter Text"),
            "picture": (files, {"kind": "picture", "text": "Getippter Text"}, {"file": photo}, "Getippter Text"),
            "document": (files, {"kind": "document", "text": "Getippter Text"}, {"file": paper}, "Getippter Text"),
            "report": (f"{placed}/report", {}, {"file": paper}, ""),
            "table": ("/me/import", {}, {"file": table}, ""),
        },
    )


def kept(sessions: Sessions, settings: Settings) -> tuple[int, int, int]:
    """Files, imports and stored bytes."""
    folder = Path(settings.files_url.removeprefix("file:"))
    with sessions() as session:
        rows = [session.scalar(select(func.count()).select_from(model)) or 0 for model in (File, Import)]
    return rows[0], rows[1], sum(path.is_file() for path in folder.rglob("*"))


@pytest.fixture
def scanner() -> Iterator[Scanner]:
    with clamd() as server:
        yield server


def test_every_form_says_at_its_field_what_is_away_and_loses_nothing(
    doors: Doors, sessions: Sessions, settings: Settings, scanner: Scanner
) -> None:
    state = starlette_of(doors.client.app).state
    place = Path(settings.files_url.removeprefix("file:"))
    blocked = place.parent / "in the way"
    blocked.parent.mkdir(parents=True, exist_ok=True)
    blocked.write_text("no folder")
    stores = {
        UNSCANNED: Scanned(Folder(place), Clamd(scanner.url, patience=0.3)),
        UNKEPT: Folder(blocked),
        "": Scanned(Folder(place), Clamd(scanner.url)),
    }
    before = kept(sessions, settings)
    for sentence, store in stores.items():
        state.store, scanner.manner = store, "hangs" if sentence == UNSCANNED else "well"
        for name, (path, fields, files, typed) in doors.of.items():
            answer = doors.client.post(path, data=fields, files=files)
            if not sentence:
                assert answer.status_code == 303, (name, answer.text[:2000])
                continue
            assert answer.status_code in (422, 503), name
            assert sentence in answer.text, name
            assert 'aria-invalid="true"' in answer.text, name
            assert typed in answer.text, name
            assert kept(sessions, settings) == before, name
    # A picture lies there in two sizes; everything else once.
    assert kept(sessions, settings) == (before[0] + 6, before[1] + 1, before[2] + 7)


def test_what_the_scanner_took_and_no_row_speaks_of_is_dropped_again(
    doors: Doors, sessions: Sessions, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The firm's roles end, the room is gone or somebody was faster while the file was on its way."""
    before = kept(sessions, settings)
    path, fields, files, _ = doors.of["document"]
    put = Folder.put

    def put_late(store: Folder, key: str, content: Any) -> None:
        put(store, key, content)
        with sessions.begin() as session:
            session.execute(update(Offering).values(status="archived"))

    monkeypatch.setattr(Folder, "put", put_late)
    assert doors.client.post(path, data=fields, files=files).status_code == 409
    assert kept(sessions, settings) == before


def test_nobody_makes_the_scanner_work_who_may_not_hand_in(
    doors: Doors, enter: Callable[..., TestClient], scanner: Scanner, settings: Settings
) -> None:
    starlette_of(doors.client.app).state.store = Scanned(Folder(Path("/nowhere")), Clamd(scanner.url))
    stranger, reader = enter("fremd@probe.example", "admin", firm="Fremd GmbH"), enter("les@probe.example", "reader")
    stranger.cookies.clear()
    for path, fields, files, _ in doors.of.values():
        assert stranger.post(path, data=fields, files=files).status_code == 303, "to the sign-in"
        assert reader.post(path, data=fields, files=files).status_code == 403, path
    assert scanner.asked == 0
