"""Making a backup while the marketplace runs: one look at the database, then the files it names."""

import gzip
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, Table, select

from market.backups import rows
from market.backups.manifest import KEY, Manifest, digest, kept_file, table_file
from market.errors import Invalid
from market.files.stores import Missing, Store

Tell = Callable[[str], None]


def make(engine: Engine, store: Store, folder: Path, now: datetime, tell: Tell) -> Manifest:
    """Write a backup into a new or empty folder; `tell` hears the name of each part.

    Raises Invalid for a folder that cannot be taken or written, Unavailable when the store does not answer.
    """
    try:
        _prepare(folder)
        with _one_look(engine) as connection:
            manifest = Manifest(now.isoformat(), _revision(connection))
            named = list(_rows(connection, folder, manifest, tell))
        for _, key in named:
            tell("files")
            _file(store, key, folder, manifest)
        gone = set(manifest.missing)
        with _one_look(engine) as connection:  # what was dropped meanwhile is no fault
            missing = (key for table, key in named if key in gone and _is_named(connection, table, key))
            manifest.missing = sorted(set(missing))
        manifest.write(folder)
    except OSError as error:
        raise Invalid(f"{folder} cannot be written: {error.strerror}.") from error
    return manifest


def _prepare(folder: Path) -> None:
    """Nobody else may read what is in it. Raises Invalid where something is there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise Invalid(f"{folder} is not empty; a backup wants a folder of its own.")
    folder.chmod(0o700)
    for part in ("tables", "files"):
        (folder / part).mkdir(mode=0o700)


@contextmanager
def _one_look(engine: Engine) -> Iterator[Connection]:
    """All that is read in it is of one moment; nobody is held up."""
    level = {"market_read_only": True} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with engine.connect().execution_options(**level) as connection:
        yield connection


def _revision(connection: Connection) -> str:
    """Raises Invalid for a database that is none of ours."""
    found = MigrationContext.configure(connection).get_current_revision()
    if found is None:
        raise Invalid("The database holds nothing of ours: there is nothing to back up.")
    return str(found)


def _rows(connection: Connection, folder: Path, manifest: Manifest, tell: Tell) -> Iterator[tuple[Table, str]]:
    """Writes every table; the keys of files its rows name, with the table."""
    for table in rows.tables(connection):
        tell(table.name)
        path, count = table_file(folder, table.name), 0
        with path.open("xb") as file, gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
            for row in rows.lines(connection, table):
                packed.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
                count += 1
                if isinstance(key := row.get("key"), str) and KEY.fullmatch(key):
                    yield table, key
        manifest.tables[table.name] = {"rows": count, "sha256": digest(path)}


def _file(store: Store, key: str, folder: Path, manifest: Manifest) -> None:
    if key in manifest.files:
        return
    path, read = kept_file(folder, key), hashlib.sha256()
    try:
        pieces = store.read(key)
    except Missing:
        manifest.missing.append(key)
        return
    with path.open("xb") as file:
        for piece in pieces:
            read.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    manifest.files[key] = read.hexdigest()


def _is_named(connection: Connection, table: Table, key: str) -> bool:
    return connection.execute(select(table.c.key).where(table.c.key == key)).first() is not None
