"""Real things only: SQLite and PostgreSQL, Meilisearch, the whole application.

`session`, `sessions`, `client` and everything built on them run once on each database.
"""

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from market.app import create_app
from market.commands.migrate import migrate
from market.config import Settings, load
from market.db import Sessions, connect
from market.db import sessions as make_sessions
from market.models import Base
from market.relay import Relay
from search.client import admin
from seeds import plant
from tests.support import postgres
from tests.support.meili import start_meilisearch
from tests.support.windows import enter, last_letter, mailed, window

__all__ = ["enter", "last_letter", "mailed", "window"]

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
"""The present of the tests: a Tuesday, 10:00 in the region."""
KEPT = {"alembic_version", "codes", "places"}
"""Tables `migrate` fills; no test changes them but those of the taxonomy, which load what they need."""


def pytest_configure(config: pytest.Config) -> None:
    gc.disable()  # until all is loaded: nothing of it becomes garbage
    os.environ.pop("MARKET_SEARCH_URL", None)  # a developer's own server must not leak into the tests


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys in the browser come last: their driver keeps an event loop here, and `asyncio.run` wants none.

    Of them the sweep of all pages comes first: the journeys change what the firm has that they share.
    The longest file comes before all, so that two processes end together (tests/support/halves.py).
    """
    first = ("test_kills.py", "test_every_page.py")
    items.sort(key=lambda item: ("flows" in item.path.parts, item.path.name not in first))


def pytest_collection_finish(session: pytest.Session) -> None:
    gc.freeze()
    gc.enable()


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with postgres.cluster() as url:
        migrate(url)
        yield url


@pytest.fixture(scope="session")
def sqlite_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'market.db'}"
    migrate(url)
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture(scope="session")
def engines() -> dict[str, Engine]:
    """By address, each with the statements it has compiled and the connections that know the tables already: a new
    one of PostgreSQL learns them anew, which takes longer than many a test."""
    return {}


@pytest.fixture
def engine(engines: dict[str, Engine], database_url: str) -> Iterator[Engine]:
    """A migrated database without organisations, on each system in turn."""
    engine = engines.setdefault(database_url, connect(database_url))
    empty(engine)
    yield engine
    if engine.pool.checkedout():  # type: ignore[attr-defined]
        engine.dispose()  # what a test still holds must not hold up the next


TABLES = [table for table in reversed(Base.metadata.sorted_tables) if table.name not in KEPT]
FILLED = " union all ".join(f"select '{table.name}' where exists (select 1 from {table.name})" for table in TABLES)


def empty(engine: Engine) -> None:
    """Delete every row of the business; the code lists stay. Most tables hold none: one question tells which."""
    with engine.begin() as connection:
        filled = set(connection.exec_driver_sql(FILLED).scalars())
        for table in TABLES:
            if table.name in filled:
                connection.execute(table.delete())


@pytest.fixture
def sessions(engine: Engine) -> Sessions:
    return make_sessions(engine)


@pytest.fixture
def session(sessions: Sessions) -> Iterator[Session]:
    """A session inside one transaction, rolled back at the end."""
    with sessions() as session:
        yield session
        session.rollback()


@pytest.fixture(scope="session")
def meili(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Address and key of a Meilisearch whose indexes every test may change."""
    url, key, process = start_meilisearch(tmp_path_factory.mktemp("meili"))
    yield url, key
    process.terminate()
    process.wait(10)


@pytest.fixture(scope="session")
def meili_url(meili: tuple[str, str]) -> str:
    return meili[0]


@pytest.fixture(scope="session")
def meili_key(meili: tuple[str, str]) -> str:
    return meili[1]


def settings_for(
    database_url: str, meili: tuple[str, str] | None, var: Path, base_url: str = "http://testserver"
) -> Settings:
    """Settings of a local run on these servers."""
    environ = {
        "MARKET_DATABASE_URL": database_url,
        "MARKET_VAR": str(var),
        "MARKET_BASE_URL": base_url,
    }
    if meili is not None:
        environ |= {"MARKET_SEARCH_URL": meili[0], "MARKET_SEARCH_KEY": meili[1]}
    return load(environ)


@pytest.fixture
def settings(database_url: str, meili: tuple[str, str], tmp_path: Path) -> Settings:
    return settings_for(database_url, meili, tmp_path)


@pytest.fixture(scope="session")
def emptied(meili: tuple[str, str]) -> Callable[[Relay], None]:
    """Makes the indexes those of an empty database; what nobody has written to since the last time is left."""
    server = admin(*meili)
    left: object = None

    def run(relay: Relay) -> None:
        nonlocal left
        if left is None or server.get_all_stats() != left:
            relay.prepare()
            relay.rebuild(NOW)
            left = server.get_all_stats()
        relay.ready = True

    return run


@pytest.fixture
def relay(engine: Engine, settings: Settings, emptied: Callable[[Relay], None]) -> Iterator[Relay]:
    """A relay on the test's database with empty indexes."""
    relay = Relay(engine, settings.search_url, settings.search_key)
    emptied(relay)
    yield relay
    relay.close()


@pytest.fixture
def deliver(relay: Relay) -> Callable[[], int]:
    """Run the relay until nothing due is left; gives the number of errands kept."""

    def run() -> int:
        kept = 0
        while done := relay.deliver(datetime.now(UTC)):
            kept += done
        return kept

    return run


@pytest.fixture
def client(settings: Settings, relay: Relay, engine: Engine) -> Iterator[TestClient]:
    """The whole application on the test's database and index."""
    with TestClient(create_app(settings, engine), raise_server_exceptions=False) as client:
        yield client


@contextmanager
def seeded_on(url: str, meili: tuple[str, str], var: Path) -> Iterator[TestClient]:
    """The application with the demo data planted and indexed."""
    settings = settings_for(url, meili, var)
    engine = connect(url)
    empty(engine)
    plant.plant(make_sessions(engine), datetime.now(UTC))
    relay = Relay(engine, settings.search_url, settings.search_key)
    relay.prepare()
    relay.rebuild(datetime.now(UTC))
    relay.close()
    engine.dispose()
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="session")
def seeded_meili(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A Meilisearch of its own for the demo data, which no test changes."""
    url, key, process = start_meilisearch(tmp_path_factory.mktemp("seeded-meili"))
    yield url, key
    process.terminate()
    process.wait(10)


@pytest.fixture(scope="session")
def seeded_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('seeded') / 'market.db'}"
    migrate(url)
    return url


@pytest.fixture(scope="session")
def seeded(
    seeded_url: str, seeded_meili: tuple[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestClient]:
    """The application with demo data, read only."""
    with seeded_on(seeded_url, seeded_meili, tmp_path_factory.mktemp("var")) as client:
        yield client
