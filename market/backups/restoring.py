"""From a backup to a marketplace: into a database that holds nothing yet, of either kind."""

import gzip
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, MetaData, Table, func, select
from sqlalchemy.exc import IntegrityError

from market.backups import rows
from market.backups.making import Tell
from market.backups.manifest import Manifest, kept_file, table_file
from market.errors import Conflict, Invalid
from market.files.stores import Store

OWN = {rows.REVISIONS, "codes", "places"}
"""Tables that `market migrate` fills."""

Upgrade = Callable[[str], None]
"""Bring an empty database to a revision."""


def demand_nothing(engine: Engine) -> None:
    """Raises Conflict where the database holds more than `market migrate` writes."""
    with engine.connect() as connection:
        for table in rows.tables(connection):
            if table.name not in OWN and connection.execute(select(1).select_from(table).limit(1)).first():
                raise Conflict(
                    f"The database holds data already (table {table.name}). A backup goes into a new one, while "
                    "neither web nor relay run."
                )


def restore(engine: Engine, store: Store, folder: Path, manifest: Manifest, upgrade: Upgrade, tell: Tell) -> None:
    """Files first, so that no row names a file that is not there; then all rows or none.

    Raises Conflict for a database that holds something, Invalid for a backup that does not fit its own list,
    Unavailable when the store does not answer.
    """
    demand_nothing(engine)
    for key in manifest.files:
        tell("files")
        with kept_file(folder, key).open("rb") as file:
            store.put(key, file)
    with engine.begin() as connection:
        everything = MetaData()
        everything.reflect(connection)
        everything.drop_all(connection)
    upgrade(manifest.revision)
    with _unbound(engine) as connection:
        there = {table.name: table for table in rows.tables(connection)}
        if there.keys() != manifest.tables.keys():
            raise Invalid(f"The backup's tables are not those of its shape {manifest.revision}.")
        for table in there.values():
            connection.execute(table.delete())  # what migrations put in
        for table in there.values():
            tell(table.name)
            with gzip.open(table_file(folder, table.name)) as lines:
                count = rows.load(connection, table, lines)
            if count != manifest.tables[table.name]["rows"]:
                raise Invalid(f"The backup holds {count} rows of {table.name}, not as many as it says.")
            _count_on(connection, table)


@contextmanager
def _unbound(engine: Engine) -> Iterator[Connection]:
    """A transaction in which rows may refer to rows that come later; at its end every reference has to hold.

    Raises Invalid where one does not.
    """
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            found = connection.exec_driver_sql(
                "select conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) from pg_constraint"
                " where contype = 'f' and connamespace = current_schema()::regnamespace order by 1, 2"
            ).all()
            for table, name, _ in found:
                connection.exec_driver_sql(f"alter table {table} drop constraint {name}")
            yield connection
            for table, name, meant in found:
                try:
                    connection.exec_driver_sql(f"alter table {table} add constraint {name} {meant}")
                except IntegrityError as error:
                    raise Invalid(f"A row of {table} refers to one that is not in the backup ({name}).") from error
        return
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("PRAGMA foreign_keys=OFF")  # outside of a transaction, within one it does nothing
        try:
            with connection.begin():
                yield connection
                if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                    raise Invalid(f"A row of {broken[0]} refers to one of {broken[2]} that is not in the backup.")
        finally:
            driver.execute("PRAGMA foreign_keys=ON")


def _count_on(connection: Connection, table: Table) -> None:
    """PostgreSQL counts keys in sequences of their own, which have to go on behind the last row."""
    if connection.dialect.name != "postgresql" or "id" not in table.c:
        return
    sequence = connection.scalar(select(func.pg_get_serial_sequence(table.name, "id")))
    last = connection.scalar(select(func.max(table.c.id)))
    if sequence and last:
        connection.execute(select(func.setval(sequence, last)))
