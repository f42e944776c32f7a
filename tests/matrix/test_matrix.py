"""Who gets what from every address: routes x cast, each cell in a fresh world. A route without a row fails.

And who never gets what: no answer to anybody but the bidder's own people has a word of a sealed bid or of a draft.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from market.app import ROUTES, create_app
from market.bids.keys import Keys
from market.db import connect
from market.db import sessions as make_sessions
from market.files.stores import store_at
from market.values import utc_now
from tests.conftest import settings_for
from tests.matrix.requests import form_of, path_of
from tests.matrix.tenders import MARK
from tests.matrix.world import CAST, World, build
from tests.support.keyroom import key_process

PRIVY = {"reader", "editor", "admin"}
"""Of the firm that bids."""
TABLE = Path(__file__).with_name("matrix.txt")


def asked() -> dict[str, Route]:
    """`GET home` -> its route, for every method but HEAD, which answers as GET does."""
    found = {}
    for route in ROUTES:
        assert isinstance(route, Route)
        for method in sorted((route.methods or {"GET"}) - {"HEAD"}):
            found[f"{method} {route.name}"] = route
    return found


def rows() -> dict[str, list[int]]:
    table = {}
    for line in TABLE.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            method, name, *cells = line.split()
            table[f"{method} {name}"] = [int(cell) for cell in cells]
    return table


class Stage:
    """The application on a database that is put back before every cell."""

    def __init__(self, folder: Path, base: Path, keys: Keys) -> None:
        self.kept, self.used = folder / "kept.db", folder / "used.db"
        shutil.copy(base, self.kept)
        settings = settings_for(f"sqlite:///{self.used}", None, folder)
        engine = connect(f"sqlite:///{self.kept}")
        store = store_at(settings.files_url)
        with make_sessions(engine).begin() as session:
            session.info.update(keys=keys, store=store, base_url=settings.base_url)
            self.world: World = build(session, store, settings.secret, utc_now())
        engine.dispose()
        _settle(self.kept)
        self.app = create_app(settings)
        self.state = starlette_of(self.app).state

    def ask(self, key: str, route: Route, who: str) -> tuple[int, bool]:
        """The status, and whether the answer has the mark."""
        engine: Engine = self.state.engine
        engine.dispose()
        for stale in self.used.parent.glob("used.db*"):
            stale.unlink()
        shutil.copy(self.kept, self.used)
        headers = {"sec-fetch-site": "same-origin"}
        client = TestClient(self.app, raise_server_exceptions=False, follow_redirects=False, headers=headers)
        if token := self.world.tokens[who]:
            client.cookies.set("session", token)
        method = key.partition(" ")[0]
        path = path_of(route.name, route.path, self.world.refs)
        data = form_of(route.name, self.world.refs) if method == "POST" else None
        answer = client.request(method, path, data=data)
        return answer.status_code, MARK in f"{answer.headers} {answer.text}"


def _settle(path: Path) -> None:
    """Bring what stands in the log beside the file into the file, so that it can be copied."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def starlette_of(app: object) -> Starlette:
    """The application inside its wrappers."""
    while not isinstance(app, Starlette):
        app = getattr(app, "app", None) or getattr(app, "application")  # noqa: B009 - servestatic's name for it
    return app


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    from market.commands.migrate import migrate

    folder = tmp_path_factory.mktemp("matrix")
    base = folder / "base.db"
    migrate(f"sqlite:///{base}")
    _settle(base)
    with key_process(folder, utc_now) as keys:
        stage = Stage(folder, base, keys)
        yield stage
        stage.state.engine.dispose()


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    assert set(rows()) == set(asked())


@pytest.mark.parametrize("key", rows())
def test_who_gets_what(stage: Stage, key: str) -> None:
    route = asked()[key]
    found = {who: stage.ask(key, route, who) for who in CAST}
    assert [status for status, _ in found.values()] == rows()[key], CAST
    assert {who for who, (_, marked) in found.items() if marked} <= PRIVY


def test_the_mark_would_be_found(stage: Stage) -> None:
    assert stage.ask("GET bids:check", asked()["GET bids:check"], "admin") == (200, True)
