"""Base, engine and sessions; the two databases behave alike from here on up.

SQLite: WAL, `BEGIN IMMEDIATE` for every transaction that writes (read-only ones say so), foreign keys on.
PostgreSQL: READ COMMITTED with row locks where a rule needs them.
"""

import fcntl
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from sqlalchemy import DateTime, Dialect, Engine, MetaData, Text, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

WAIT_SECONDS = 15
"""How long a writer of SQLite waits for the others."""
LOOKED_INTO = 400
"""Rows of an index that statistics are taken from."""
RENEWED_SECONDS = 3600
"""A connection is opened anew after so long: SQLite reads statistics when it is opened."""


def upsert(session: Session, table: type["Base"]) -> Any:
    """`insert` of the session's database, which has `on_conflict_do_update` on both."""
    return insert_of(session.get_bind().dialect.name, table)


def insert_of(dialect: str, table: Any) -> Any:
    """As `upsert`, by the database's name. Only the dialect in use is loaded."""
    return import_module(f"sqlalchemy.dialects.{dialect}").insert(table)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Moment(TypeDecorator[datetime]):
    """A moment in UTC. Refuses naive values, which would be wall time of nobody knows where."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Codes(TypeDecorator[tuple[str, ...]]):
    """An ordered list of codes kept as `;a;b;`: both databases find one with `has_code`, a prefix too."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | list[str] | None, dialect: Dialect) -> str:
        codes = list(dict.fromkeys(value or ()))
        if any(";" in code or not code for code in codes):
            raise ValueError("a code is empty or contains a semicolon")
        return ";" + ";".join(codes) + ";" if codes else ""

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...]:
        return tuple(code for code in (value or "").split(";") if code)


Sessions = sessionmaker[Session]


def connect(url: str) -> Engine:
    """An engine for either database. Nothing is opened yet."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_size=10, max_overflow=10, pool_pre_ping=True, pool_timeout=5)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    waiting = {"check_same_thread": False, "timeout": WAIT_SECONDS}
    engine = create_engine(parsed, connect_args=waiting, pool_size=20, pool_recycle=RENEWED_SECONDS)
    event.listen(engine, "connect", _sqlite_connect)
    turns = _Turns()
    event.listen(engine, "begin", turns.begin)
    event.listen(engine, "commit", turns.end)
    event.listen(engine, "rollback", turns.end)
    event.listen(engine, "checkin", lambda connection, record: turns.over(record.info))
    return engine


def sessions(engine: Engine) -> Sessions:
    return sessionmaker(engine, expire_on_commit=False)


def read_only(factory: Sessions) -> Session:
    """A session that only reads: SQLite then takes no write lock. Commit nothing in it."""
    session = factory()
    session.connection(execution_options={"market_read_only": True})
    return session


@contextmanager
def asking(engine: Engine, question: str) -> Iterator[Callable[[], bool]]:
    """Whether a question without parameters has a row, asked many times a second on one connection, outside of any
    transaction: each time it sees what was committed before, for a tenth of the work of a statement of a session.

    Raises OperationalError from SQLAlchemy when the database is away.
    """
    connection = engine.raw_connection()
    driver = connection.driver_connection
    assert driver is not None
    own = engine.dialect.name == "postgresql"  # SQLite's are outside of one until somebody begins
    try:
        if own:
            driver.autocommit = True
        yield lambda: driver.execute(question).fetchone() is not None
    except engine.dialect.loaded_dbapi.OperationalError as error:
        connection.invalidate()
        raise OperationalError(question, None, error) from error
    finally:
        if own and connection.is_valid:
            driver.autocommit = False
        connection.close()


def _sqlite_connect(connection: Any, record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # we begin ourselves, see below
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=15000"):
        connection.execute(f"PRAGMA {pragma}")


class _Turns:
    """SQLite has one writer: the threads of a process queue here, so that under a rush nobody waits past his patience.

    SQLite's own waiting asks again at random moments, and the unlucky are refused. Between processes it stays so.
    """

    def __init__(self) -> None:
        self.turn = threading.Lock()

    def begin(self, connection: Any) -> None:
        if connection.get_execution_options().get("market_read_only"):
            connection.exec_driver_sql("BEGIN")
            return
        connection.info["turn"] = self.turn.acquire(timeout=WAIT_SECONDS)
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except BaseException:
            self.over(connection.info)
            raise

    def end(self, connection: Any) -> None:
        self.over(connection.info)

    def over(self, info: Any) -> None:
        """The next one's turn; asked twice it is nobody's loss."""
        if info.pop("turn", False):
            self.turn.release()


def take_statistics(engine: Engine) -> None:
    """Tell SQLite how its rows are spread, so that it chooses among indexes as PostgreSQL does, which looks by itself.

    Without it a few records asked for by reference are sought among all of their stage. Each index is looked into at
    a few hundred places, so it takes milliseconds. Raises OperationalError from SQLAlchemy.
    """
    if engine.dialect.name == "sqlite":
        with engine.begin() as connection:
            connection.exec_driver_sql(f"PRAGMA analysis_limit={LOOKED_INTO}")
            connection.exec_driver_sql("ANALYZE")


def assign(record: Base, fields: Mapping[str, object]) -> set[str]:
    """Set the fields that differ and return their names; a list given for a tuple of codes is no difference."""
    changed = set()
    for name, value in fields.items():
        old = getattr(record, name)
        if isinstance(old, tuple) or isinstance(value, tuple):
            value = tuple(cast("Iterable[object]", value or ()))
        if old == value:
            continue
        setattr(record, name, value)
        if old or value:  # a new record's unset columns are None: filling in an empty value changes nothing
            changed.add(name)
    return changed


class Busy(Exception):
    """Another process holds the lock."""


@contextmanager
def exclusive(engine: Engine, name: str, *, wait: bool = True) -> Iterator[None]:
    """Hold a lock across processes, released by the system when its holder dies.

    An advisory lock on PostgreSQL, a locked file beside the database on SQLite.
    Raises Busy when `wait` is false and another process holds it.
    """
    if engine.dialect.name == "postgresql":
        key = zlib.crc32(f"market:{name}".encode())
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if wait:
                connection.execute(text("select pg_advisory_lock(:key)"), {"key": key})
            elif not connection.scalar(text("select pg_try_advisory_lock(:key)"), {"key": key}):
                raise Busy(name)
            try:
                yield
            finally:
                connection.execute(text("select pg_advisory_unlock(:key)"), {"key": key})
        return
    path = Path(f"{engine.url.database}.{name}.lock")
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(name) from None
        yield
