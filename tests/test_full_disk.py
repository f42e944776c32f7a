"""Nothing can be written any more: a clear page each, nothing half kept.

The operating system refuses (a limit on the size of files: EFBIG), or PostgreSQL, which writes in a process of its own,
says so (SQLSTATE 53100).
"""

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
from sqlalchemy import Engine, text

from market.accounts import people
from market.accounts import sessions as door
from market.commands.migrate import migrate
from market.db import connect, sessions
from market.values import utc_now
from market.viewer import OPERATOR
from tests import factories as make
from tests.conftest import empty
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


def rows(url: str) -> tuple[object, ...]:
    """Certificates, files and the firm's text."""
    engine = connect(url)
    with engine.connect().execution_options(market_read_only=True) as connection:
        wanted = ("count(*) from certificates", "count(*) from files", "about from organisations")
        found = tuple(connection.scalar(text(f"select {what}")) for what in wanted)
    engine.dispose()
    return found


def stored(var: Path) -> int:
    return sum(path.is_file() for path in (var / "files").rglob("*"))


def others_go_on(client: httpx2.Client) -> None:
    for path in ("/", "/categories", "/search?q=Probe", "/me/profile", "/healthz"):
        assert client.get(path).status_code == 200, path


def test_a_full_disk_is_a_clear_page_and_leaves_nothing_half(tmp_path: Path) -> None:
    database, var = tmp_path / "market.db", tmp_path / "var"
    url = f"sqlite:///{database}"
    migrate(url)
    token = member(url)
    with town(var, url, warm=True) as place:
        place.start("serve")
        base = f"http://127.0.0.1:{place.port}"
        with httpx2.Client(base_url=base, headers=OWN, cookies={"session": token}, timeout=60) as client:
            before = rows(url)
            room(place, 4096)
            refused = client.post("/me/profile", data=PROFILE)
            assert (refused.status_code, FULL in refused.text) == (507, True), "the database cannot write"
            small = upload(client, 50_000)
            assert (small.status_code, NO_FILE in small.text) == (503, True), "the store cannot write"
            assert "QM-1" in small.text
            large = upload(client, 3_000_000)
            assert (large.status_code, FULL in large.text) == (507, True), "not even while it comes in"
            others_go_on(client)
            assert (rows(url), stored(var)) == (before, 0)
            room(place, -1)
            assert client.post("/me/profile", data=PROFILE).status_code == 303
            assert upload(client, 3_000_000).status_code == 303
            assert (rows(url), stored(var)) == ((1, 1, '{"de": "Getippter Text"}'), 1)
    with sqlite3.connect(database) as connection:
        assert connection.execute("pragma integrity_check").fetchone()[0] == "ok"


@contextmanager
def full(engine: Engine) -> Iterator[None]:
    """The database has room for no row more, and says so as PostgreSQL does, here in the server's own language."""
    tables = ("organisations", "certificates", "files", "journal", "outbox", "sessions")
    raised = "'konnte Datei »base/5/2619« nicht erweitern: Kein Platz' using errcode = '53100'"
    with engine.begin() as connection:
        body = f"begin raise exception {raised}; end"
        connection.execute(text(f"create function full_disk() returns trigger language plpgsql as $$ {body} $$"))
        for table in tables:
            event = f"create trigger full_disk before insert or update or delete on {table}"
            connection.execute(text(f"{event} for each statement execute function full_disk()"))
    try:
        yield
    finally:
        with engine.begin() as connection:
            connection.execute(text("drop function full_disk() cascade"))


def test_with_postgresql_a_full_store_and_a_full_database_are_a_clear_page_each(
    postgres_url: str, tmp_path: Path
) -> None:
    engine = connect(postgres_url)
    empty(engine)
    token = member(postgres_url)
    with town(tmp_path, postgres_url, warm=True) as place:
        place.start("serve")
        base = f"http://127.0.0.1:{place.port}"
        with httpx2.Client(base_url=base, headers=OWN, cookies={"session": token}, timeout=60) as client:
            before = rows(postgres_url)
            room(place, 4096)
            small = upload(client, 50_000)
            assert (small.status_code, NO_FILE in small.text, "QM-1" in small.text) == (503, True, True)
            large = upload(client, 3_000_000)
            assert (large.status_code, FULL in large.text) == (507, True), "not even while it comes in"
            others_go_on(client)
            assert (rows(postgres_url), stored(tmp_path)) == (before, 0)
            assert client.post("/me/profile", data=PROFILE).status_code == 303, "what needs no file is kept"
            room(place, -1)
            before = rows(postgres_url)
            with full(engine):
                for refused in (client.post("/me/profile", data=PROFILE | {"about_de": "Neu"}), upload(client, 50_000)):
                    assert (refused.status_code, FULL in refused.text) == (507, True)
                others_go_on(client)
            assert (rows(postgres_url), stored(tmp_path)) == (before, 0)
            assert upload(client, 3_000_000).status_code == 303
            assert (rows(postgres_url)[:2], stored(tmp_path)) == ((1, 1), 1)
    engine.dispose()
