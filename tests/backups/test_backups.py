"""A backup and the way back, on either database and from one to the other."""

import gzip
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, make_url, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from market import seals
from market.accounts.models import Organisation
from market.backups import manifest, rows
from market.backups.making import make
from market.backups.manifest import Manifest, kept_file, table_file
from market.backups.restoring import restore
from market.commands.migrate import migrate, upgrade
from market.db import Sessions, connect, sessions
from market.errors import Conflict, Invalid, Unavailable
from market.files.models import File
from market.files.stores import Folder, store_at
from market.journal import record
from seeds import pictures, plant
from tests import factories
from tests.factories import TESTER

OLD = "0150"
"""A revision of before."""


def heard(part: str) -> None:
    """Nobody listens."""


@pytest.fixture
def store(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "store")


@pytest.fixture
def filled(engine: Engine, store: Folder, now: datetime) -> Sessions:
    """The demo with its pictures, and a sealed journal with every sort of value."""
    factory = sessions(engine)
    plant.plant(factory, datetime.now(UTC))
    pictures.hang(factory, store, datetime.now(UTC))
    with factory.begin() as session:
        said = {"ł": "ß \u2028", "n": 0.1, "none": None, "list": [1, True, "2"]}
        record(session, TESTER, "tests.said", session.scalars(select(Organisation)).all()[0], now, data=said)
        session.flush()
        seals.seal(session, 10_000)
    return factory


def fresh(kind: str, postgres_url: str, folder: Path) -> Engine:
    """A database in which nothing is, not even a table."""
    if kind == "sqlite":
        return connect(f"sqlite:///{folder / 'fresh' / 'market.db'}")
    url = make_url(postgres_url)
    with psycopg.connect(host=str(url.query["host"]), user=url.username, dbname=url.database, autocommit=True) as admin:
        admin.execute("drop database if exists fresh")
        admin.execute("create database fresh")
    return connect(url.set(database="fresh").render_as_string(hide_password=False))


@pytest.fixture
def other(engine: Engine, postgres_url: str, tmp_path: Path) -> Iterator[Engine]:
    """An empty database of the other kind."""
    made = fresh("sqlite" if engine.dialect.name == "postgresql" else "postgresql", postgres_url, tmp_path)
    yield made
    made.dispose()


def test_what_is_restored_is_what_was_there_on_the_other_database_too(
    filled: Sessions, engine: Engine, store: Folder, other: Engine, tmp_path: Path, now: datetime
) -> None:
    made = make(engine, store, tmp_path / "a", now, heard)
    assert made.rows > 5000
    assert len(made.files) >= 4
    assert made.missing == []
    assert (tmp_path / "a").stat().st_mode & 0o077 == 0
    found = manifest.read(tmp_path / "a")
    assert found == made
    assert list(manifest.faults(tmp_path / "a", found)) == []
    with filled() as session:
        last = seals.head(session).hash
    kept = Folder(tmp_path / "kept")
    restore(other, kept, tmp_path / "a", found, partial(upgrade, other), heard)
    again = make(other, kept, tmp_path / "b", now, heard)
    assert again.tables == made.tables, "byte by byte"
    assert again.files == made.files
    with sessions(other).begin() as session:
        assert seals.verify(session) is None
        assert seals.head(session).hash == last
        assert session.scalars(select(Organisation.name)).all()
        new = factories.organisation(session, now, name="Nachher GmbH")  # the keys go on behind those that came
        session.flush()
        assert new.id == max(session.scalars(select(Organisation.id)))
    restored_again = make(other, kept, tmp_path / "c", now, heard)
    assert restored_again.tables["organisations"]["rows"] == made.tables["organisations"]["rows"] + 1


def test_a_backup_is_of_one_moment(
    filled: Sessions, engine: Engine, store: Folder, tmp_path: Path, now: datetime
) -> None:
    """A firm that comes while tables are written is in none of them, and is not held up."""
    came = []

    def tell(part: str) -> None:
        if part == "organisations" and not came:
            with filled.begin() as session:
                came.append(factories.organisation(session, now, name="Zwischendurch GmbH").name)

    made = make(engine, store, tmp_path / "a", now, tell)
    with gzip.open(table_file(tmp_path / "a", "organisations")) as lines:
        names = [json.loads(line)["name"] for line in lines]
    assert came == ["Zwischendurch GmbH"]
    assert came[0] not in names
    assert len(names) == made.tables["organisations"]["rows"]


def test_a_file_that_is_lost_is_named_and_one_dropped_meanwhile_is_not(
    session: Session, engine: Engine, store: Folder, tmp_path: Path, now: datetime
) -> None:
    firm = factories.organisation(session, now)
    kept = []
    for n in range(3):
        key = f"{n}" * 40
        store.put(key, io.BytesIO(f"file {n}".encode()))
        row = {"name": "a.pdf", "media_type": "application/pdf", "size": 6, "sha256": "0" * 64, "created_by": "x"}
        kept.append(File(key=key, organisation=firm, purpose="certificate", created_at=now, **row))
    session.add_all(kept)
    session.commit()
    store.drop("1" * 40)

    def tell(part: str) -> None:
        if part == "files" and session.get(File, kept[2].id) is not None:
            session.delete(kept[2])
            session.commit()
            store.drop("2" * 40)

    made = make(engine, store, tmp_path / "a", now, tell)
    assert made.missing == ["1" * 40]
    assert set(made.files) == {"0" * 40}
    assert kept_file(tmp_path / "a", "0" * 40).read_bytes() == b"file 0"
    session.delete(firm)
    session.commit()


def test_a_backup_of_an_older_shape_comes_back_in_the_present_one(tmp_path: Path, now: datetime) -> None:
    old = connect(f"sqlite:///{tmp_path / 'old.db'}")
    upgrade(old, OLD)
    with old.begin() as connection:
        (firms,) = [one for one in rows.tables(connection) if one.name == "organisations"]
        plain = {"String": "x", "Text": "", "Integer": 0, "Boolean": False, "Double": 0.0, "JSON": {}}
        plain |= {"DateTime": now, "Date": now.date()}
        given = {
            column.name: next((value for kind, value in plain.items() if kind.lower() in repr(column.type).lower()), "")
            for column in firms.columns
            if not column.nullable and column.name != "id"
        }
        connection.execute(firms.insert().values(given | {"name": "Altbestand GmbH"}))
    store = Folder(tmp_path / "store")
    made = make(old, store, tmp_path / "a", now, heard)
    assert made.revision == OLD
    new = connect(f"sqlite:///{tmp_path / 'new.db'}")
    restore(new, store, tmp_path / "a", made, partial(upgrade, new), heard)
    migrate(str(new.url))
    with new.connect() as connection:
        assert connection.scalar(text("select name from organisations")) == "Altbestand GmbH"
        assert "late_admissions" in {table.name for table in rows.tables(connection)}
    old.dispose()
    new.dispose()


def test_a_database_that_holds_something_is_not_written_over(
    filled: Sessions, engine: Engine, store: Folder, tmp_path: Path, now: datetime
) -> None:
    made = make(engine, store, tmp_path / "a", now, heard)
    with pytest.raises(Conflict, match="holds data already"):
        restore(engine, store, tmp_path / "a", made, partial(upgrade, engine), heard)
    assert make(engine, store, tmp_path / "b", now, heard).tables == made.tables


@pytest.fixture(params=["sqlite", "postgresql"])
def small(
    request: pytest.FixtureRequest, postgres_url: str, tmp_path: Path, now: datetime
) -> Iterator[tuple[Path, Manifest, Engine]]:
    """A backup of a few rows, and an empty database with its tables."""
    full, store = connect(f"sqlite:///{tmp_path / 'full.db'}"), Folder(tmp_path / "store")
    migrate(str(full.url))
    with sessions(full).begin() as session:
        factories.offering(session, now)
    made = make(full, store, tmp_path / "a", now, heard)
    full.dispose()
    other = fresh(request.param, postgres_url, tmp_path)
    migrate(other.url.render_as_string(hide_password=False))
    yield tmp_path / "a", made, other
    other.dispose()


def test_a_backup_that_was_broken_off_or_changed_is_refused(small: tuple[Path, Manifest, Engine]) -> None:
    folder, made, _ = small
    place = table_file(folder, "offerings")
    place.write_bytes(gzip.compress(b"{}\n"))
    table_file(folder, "needs").unlink()
    assert list(manifest.faults(folder, made)) == [
        "tables/needs.jsonl.gz cannot be read: No such file or directory",
        "tables/offerings.jsonl.gz is not as it was written",
    ]
    made.files["../../etc/passwd"] = "0" * 64
    made.write(folder)
    with pytest.raises(Invalid, match="a part that is none"):
        manifest.read(folder)
    (folder / manifest.NAME).unlink()
    with pytest.raises(Invalid, match="no whole backup"):
        manifest.read(folder)
    (folder / manifest.NAME).write_text('{"format": 99}')
    with pytest.raises(Invalid, match="does not know"):
        manifest.read(folder)


def test_rows_that_do_not_fit_leave_the_database_empty(small: tuple[Path, Manifest, Engine], tmp_path: Path) -> None:
    """All or none: a reference to nothing, or fewer rows than the list says."""
    folder, made, other = small
    store = Folder(tmp_path / "kept")
    whole = table_file(folder, "organisations").read_bytes()
    for name, content, said in (("organisations", b"", "as many as it says"), ("offerings", None, "refers to one")):
        if content is None:
            table_file(folder, "organisations").write_bytes(gzip.compress(b""))
            made.tables["organisations"]["rows"] = 0
        else:
            table_file(folder, name).write_bytes(gzip.compress(content))
        with pytest.raises(Invalid, match=said):
            restore(other, store, folder, made, partial(upgrade, other), heard)
        with other.connect() as connection:
            assert connection.scalar(text("select count(*) from offerings")) == 0
    table_file(folder, "organisations").write_bytes(whole)
    made.tables["organisations"]["rows"] = 1
    restore(other, store, folder, made, partial(upgrade, other), heard)
    with other.connect() as connection:
        assert connection.scalar(text("select count(*) from offerings")) == 1
    with other.connect() as connection, pytest.raises(IntegrityError):  # what refers to it is bound to it again
        connection.execute(text("update offerings set organisation_id = 99"))


def test_a_store_that_is_away_ends_it_and_nothing_is_called_a_backup(
    filled: Sessions, engine: Engine, tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"ENDPOINT_URL": "http://127.0.0.1:9", "ACCESS_KEY_ID": "x", "SECRET_ACCESS_KEY": "x"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    with pytest.raises(Unavailable):
        make(engine, store_at("s3://werkplatz"), tmp_path / "a", now, heard)
    with pytest.raises(Invalid, match="no whole backup"):
        manifest.read(tmp_path / "a")
