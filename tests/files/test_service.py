"""Rows and bytes come and go together; nobody else gets them."""

import io
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.datastructures import Headers, UploadFile
from starlette.testclient import TestClient

from market.accounts import people, sessions
from market.accounts.models import Organisation
from market.config import Settings
from market.db import Sessions
from market.files import service
from market.files.checks import Unfit
from market.files.models import File
from market.files.stores import Folder, store_at
from market.viewer import OPERATOR
from tests import factories as make
from tests.files.test_checks import PDF, picture


def upload(name: str = "Urkunde.pdf", content: bytes = PDF, declared: str = "application/pdf") -> UploadFile:
    return UploadFile(io.BytesIO(content), filename=name, headers=Headers({"content-type": declared}))


def bytes_in(folder: Path) -> int:
    return sum(1 for path in folder.rglob("*") if path.is_file())


def test_a_rolled_back_change_leaves_no_bytes(sessions: Sessions, now: datetime, tmp_path: Path) -> None:
    store = Folder(tmp_path)
    session = sessions()
    firm = make.organisation(session, now)
    taken = service.take(store, upload())
    file = service.keep(session, OPERATOR, firm, taken, "certificate", now)
    assert b"".join(store.read(file.key)) == PDF
    session.rollback()
    taken.leave()
    assert bytes_in(tmp_path) == 0


def test_bytes_go_only_when_the_removal_is_certain(sessions: Sessions, now: datetime, tmp_path: Path) -> None:
    store = Folder(tmp_path)
    with sessions.begin() as session:
        firm = make.organisation(session, now)
        file = service.keep(session, OPERATOR, firm, service.take(store, upload()), "certificate", now)
    session = sessions()
    service.remove(session, OPERATOR, store, session.get_one(File, file.id), now)
    session.rollback()
    assert bytes_in(tmp_path) == 1
    with sessions.begin() as session:
        service.remove(session, OPERATOR, store, session.get_one(File, file.id), now)
    assert bytes_in(tmp_path) == 0


@pytest.mark.parametrize("given", [None, "text", UploadFile(io.BytesIO(b""), filename="")])
def test_no_file_is_a_sentence(tmp_path: Path, given: object) -> None:
    with pytest.raises(Unfit, match="choose a file"):
        service.take(Folder(tmp_path), given)


@pytest.fixture
def firms(sessions: Sessions, now: datetime, settings: Settings) -> tuple[Organisation, Organisation, File, File]:
    """Two firms, and of the first a certificate and a logo."""
    store, png = store_at(settings.files_url), upload("l.png", picture(), "image/png")
    with sessions.begin() as session:
        one, two = make.organisation(session, now), make.organisation(session, now)
        paper = service.keep(session, OPERATOR, one, service.take(store, upload()), "certificate", now)
        logo = service.keep(session, OPERATOR, one, service.take(store, png), "logo", now)
    return one, two, paper, logo


def as_member(client: TestClient, factory: Sessions, firm: Organisation, email: str, operator: bool = False) -> None:
    with factory.begin() as session:
        moment = datetime.now().astimezone()
        person = people.create(session, OPERATOR, moment, email)
        person.is_operator = operator
        if not operator:
            people.join(session, OPERATOR, person, session.merge(firm), ("reader",), moment)
        token, _ = sessions.start(session, person, "link", moment)
    client.cookies.set("session", token)


def test_who_may_have_which_file(
    client: TestClient, sessions: Sessions, firms: tuple[Organisation, Organisation, File, File]
) -> None:
    one, two, paper, logo = firms
    address, picture_at = f"/files/{paper.ref}/{paper.name}", f"/files/{logo.ref}/{logo.name}"
    cast: dict[str, Callable[[], None]] = {
        "anonymous": lambda: None,
        "stranger": lambda: as_member(client, sessions, two, "two@probe.example"),
        "member": lambda: as_member(client, sessions, one, "one@probe.example"),
        "operator": lambda: as_member(client, sessions, one, "op@probe.example", operator=True),
    }
    missing = client.get("/files/nothing/here.pdf")
    for who, enter in cast.items():
        client.cookies.clear()
        enter()
        answer = client.get(address)
        assert answer.status_code == (200 if who in ("member", "operator") else 404), who
        if answer.status_code == 200:
            assert answer.content == PDF
            assert answer.headers["content-disposition"].startswith("attachment;")
            assert "sandbox" in answer.headers["content-security-policy"]
            assert answer.headers["cache-control"] == "no-store"
        elif who == "anonymous":
            assert answer.text.replace(quote(address), "") == missing.text.replace("/files/nothing/here.pdf", "")
        assert client.get(picture_at).status_code == 200, who


def test_a_store_that_is_away_is_a_503_and_nothing_else(
    client: TestClient, firms: tuple[Organisation, Organisation, File, File], settings: Settings
) -> None:
    logo = firms[3]
    Folder(Path(settings.files_url.removeprefix("file:"))).drop(logo.key)
    assert client.get(f"/files/{logo.ref}/{logo.name}").status_code == 503
    assert client.get("/").status_code == 200
