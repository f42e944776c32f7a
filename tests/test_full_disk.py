"""The operating system refuses to write (a limit on the size of files: EFBIG): a clear page each, nothing half kept."""

import resource
import sqlite3
from pathlib import Path

import httpx2

from market.accounts import people
from market.accounts import sessions as door
from market.commands.migrate import migrate
from market.db import connect, sessions
from market.values import utc_now
from market.viewer import OPERATOR
from tests import factories as make
from tests.support.town import Town, town
from tests.support.windows import OWN

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n%% {}\ntrailer<</Root 1 0 R>>\n%%EOF\n"
FACTS = {"type": "iso-9001", "issuer": "Prüfstelle Beispiel", "number": "QM-1", "endless": "yes"}
PROFILE = {"name": "Probe GmbH", "place": "Guben", "about_de": "Getippter Text"}
NO_FILE = "ließ sich gerade nicht speichern"
FULL = "Unser Speicher nimmt gerade nichts an"


def member(url: str) -> str:
    """A session of a firm's admin."""
    engine, now = connect(url), utc_now()
    with sessions(engine).begin() as session:
        firm = make.organisation(session, now, name="Probe GmbH")
        person = people.create(session, OPERATOR, now, "adm@probe.example", name="Adm")
        people.join(session, OPERATOR, person, firm, ("admin",), now)
        token, _ = door.start(session, person, "link", now)
    engine.dispose()
    return token


def room(place: Town, size: int) -> None:
    """The web process can make no file larger than this from now on; -1: as it was."""
    process = place.children["serve"].process
    assert process is not None
    hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)[1]
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (hard if size < 0 else size, hard))


def upload(client: httpx2.Client, size: int) -> httpx2.Response:
    content = PDF.replace(b"{}", b"x" * size)
    return client.post("/me/certificates/new", data=FACTS, files={"file": ("iso.pdf", content, "application/pdf")})


def rows(database: Path) -> tuple[str, int, int, str]:
    """What the database says of itself, certificates, files and the firm's text."""
    with sqlite3.connect(database) as connection:
        one = [
            connection.execute(f"select {what}").fetchone()[0]
            for what in ("count(*) from certificates", "count(*) from files", "about from organisations")
        ]
        sound = connection.execute("pragma integrity_check").fetchone()[0]
    return (sound, *one)


def test_a_full_disk_is_a_clear_page_and_leaves_nothing_half(tmp_path: Path) -> None:
    database, var = tmp_path / "market.db", tmp_path / "var"
    url = f"sqlite:///{database}"
    migrate(url)
    token = member(url)
    with town(var, url) as place:
        place.start("serve")
        base = f"http://127.0.0.1:{place.port}"
        with httpx2.Client(base_url=base, headers=OWN, cookies={"session": token}, timeout=60) as client:
            before = rows(database)
            room(place, 4096)
            refused = client.post("/me/profile", data=PROFILE)
            assert (refused.status_code, FULL in refused.text) == (507, True), "the database cannot write"
            small = upload(client, 50_000)
            assert (small.status_code, NO_FILE in small.text) == (503, True), "the store cannot write"
            assert "QM-1" in small.text
            large = upload(client, 3_000_000)
            assert (large.status_code, FULL in large.text) == (507, True), "not even while it comes in"
            for path in ("/", "/categories", "/search?q=Probe", "/me/profile", "/healthz"):
                assert client.get(path).status_code == 200, path
            assert rows(database) == before
            assert not [path for path in (var / "files").rglob("*") if path.is_file()]
            room(place, -1)
            assert client.post("/me/profile", data=PROFILE).status_code == 303
            assert upload(client, 3_000_000).status_code == 303
            assert rows(database) == ("ok", 1, 1, '{"de": "Getippter Text"}')
            assert len([path for path in (var / "files").rglob("*") if path.is_file()]) == 1
