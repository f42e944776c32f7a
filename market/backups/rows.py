"""Rows as lines of JSON and back, by the tables as the database has them: a backup of an older shape is read as well,
and no model is asked.
"""

import base64
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Date,
    DateTime,
    LargeBinary,
    MetaData,
    Table,
    Text,
    bindparam,
    cast,
    insert,
    select,
    type_coerce,
)
from sqlalchemy.types import TypeEngine

AT_ONCE = 500
"""Rows read or written at a time."""
REVISIONS = "alembic_version"


def tables(connection: Connection) -> list[Table]:
    """All tables but that of the revision, those that others refer to first."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != REVISIONS]


def lines(connection: Connection, table: Table) -> Iterator[dict[str, Any]]:
    """Rows in the order of their keys, as JSON can say them. What is JSON already stays the text it is."""
    query = select(*(_read(connection, column) for column in table.columns)).order_by(*table.primary_key.columns)
    names = [column.name for column in table.columns]
    said = [_ways(column.type)[0] for column in table.columns]
    options = {"stream_results": True, "yield_per": AT_ONCE}
    for row in connection.execution_options(**options).execute(query):
        yield {name: None if value is None else say(value) for name, say, value in zip(names, said, row, strict=True)}


def load(connection: Connection, table: Table, rows: Iterable[bytes]) -> int:
    """Put in rows as `lines` said them; how many there were. Raises ValueError and KeyError where they are no rows."""
    statement = insert(table).values({column.name: _written(connection, column) for column in table.columns})
    meant = {column.name: _ways(column.type)[1] for column in table.columns}
    count, chunk = 0, []
    for line in rows:
        row = json.loads(line)
        chunk.append({_bound(name): None if row[name] is None else mean(row[name]) for name, mean in meant.items()})
        if len(chunk) == AT_ONCE:
            connection.execute(statement, chunk)
            count, chunk = count + len(chunk), []
    if chunk:
        connection.execute(statement, chunk)
    return count + len(chunk)


def _read(connection: Connection, column: Column[Any]) -> Any:
    if not isinstance(column.type, JSON):
        return column
    # On SQLite it is text already, which a cast would take for a number where it is one.
    return type_coerce(column, Text) if connection.dialect.name == "sqlite" else cast(column, Text)


def _bound(name: str) -> str:
    """Plain names would be taken for the columns themselves."""
    return f"given_{name}"


def _written(connection: Connection, column: Column[Any]) -> Any:
    if not isinstance(column.type, JSON):
        return bindparam(_bound(column.name), type_=column.type)
    text = bindparam(_bound(column.name), type_=Text)
    return text if connection.dialect.name == "sqlite" else cast(text, column.type)


def _moment(value: datetime) -> str:
    """SQLite keeps UTC and does not say so."""
    return (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)).isoformat()


_Way = Callable[[Any], Any]
_WAYS: tuple[tuple[type[TypeEngine[Any]], _Way, _Way], ...] = (
    (DateTime, _moment, datetime.fromisoformat),
    (Date, date.isoformat, date.fromisoformat),
    (LargeBinary, lambda value: base64.b64encode(value).decode(), base64.b64decode),
)


def _ways(type_: TypeEngine[Any]) -> tuple[_Way, _Way]:
    """From the database's value to what JSON can say, and back; most are the same in both."""
    same: _Way = lambda value: value  # noqa: E731
    return next(((say, mean) for kind, say, mean in _WAYS if isinstance(type_, kind)), (same, same))
