"""Meilisearch away, slow, empty or back with nothing: the database answers within the second, and all heals itself."""

import json
import shutil
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import Engine, create_engine, select, text
from starlette.testclient import TestClient

from market.app import create_app
from market.db import Sessions, connect, read_only
from market.db import sessions as make_sessions
from market.journal import Errand
from market.offerings import service as offerings
from market.offerings.models import Offering
from market.relay import Relay
from market.run import free_port
from search.client import Breaker
from tests import factories as make
from tests.conftest import empty, settings_for
from tests.factories import TESTER
from tests.matrix.test_matrix import starlette_of
from tests.support.lateness import within
from tests.support.meili import start_meilisearch
from tests.support.town import KEY, Town, town, until

NOTICE = "Die Suche ist zurzeit eingeschränkt"


@contextmanager
def nobody() -> Iterator[str]:
    yield f"http://127.0.0.1:{free_port()}"


@contextmanager
def deaf() -> Iterator[str]:
    """Takes every connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as ear:
        yield f"http://127.0.0.1:{ear.getsockname()[1]}"


@contextmanager
def mute() -> Iterator[str]:
    """The kernel does not even take the connection: its queue is full."""
    with socket.socket() as ear:
        ear.bind(("127.0.0.1", 0))
        ear.listen(0)
        address = ear.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(address)
        yield f"http://127.0.0.1:{address[1]}"
        for one in waiting:
            one.close()


@pytest.mark.parametrize("server", [nobody, deaf, mute])
def test_whatever_is_wrong_with_the_server_the_database_answers_within_the_second(
    sessions: Sessions, database_url: str, tmp_path: Path, server: Callable[[], Any]
) -> None:
    now = datetime.now(UTC)
    with sessions.begin() as session:
        firm = make.organisation(session, now, name="Schlosserei Probe")
        make.offering(session, now, firm, title="Geländer aus Edelstahl")
        make.need(session, now, firm, title="Geländer gesucht")
    with (
        server() as url,
        TestClient(app := create_app(settings_for(database_url, (url, KEY), tmp_path))) as client,
    ):
        client.get("/")

        def ask(path: str) -> Response:
            """As if nobody had asked before: what is remembered of the server's failure would make it easy."""
            starlette_of(app).state.finder.client.breaker = Breaker()
            answer: Response = client.get(path)
            return answer

        for path in (
            "/api/v1/search/offerings?q=Geländer",
            "/api/v1/search/needs?q=gelaender&near=Guben&radius_km=25",
            "/api/v1/search/providers?q=Schlosserei",
        ):
            found = within(1, partial(ask, path)).json()
            assert (found["limited"], found["total"]) == (True, 1), path
        for path in ("/search?q=Geländer", "/search?q=Gelaender&tab=needs", "/"):
            page = within(1, partial(ask, path))
            assert page.status_code == 200
            assert NOTICE in page.text or path == "/"
        assert within(1, partial(ask, "/api/v1/suggest?q=Gel")).json() == {"suggestions": []}
        ready = within(1, partial(ask, "/readyz"))
        assert (ready.status_code, ready.json()["status"], ready.json()["search"]["state"]) == (200, "limited", "away")


def test_an_empty_server_is_not_believed(engine: Engine, sessions: Sessions, database_url: str, tmp_path: Path) -> None:
    """No index, then empty ones, as after a lost volume: "nothing found" would be a lie."""
    now = datetime.now(UTC)
    url, key, process = start_meilisearch(tmp_path)
    try:
        with (
            Relay(engine, url, key) as relay,
            TestClient(create_app(settings_for(database_url, (url, key), tmp_path / "var"))) as client,
        ):

            def limited(total: int) -> bool:
                found = client.get("/api/v1/search/offerings?q=rohrleitungsbau").json()
                assert found["total"] == total
                return bool(found["limited"])

            relay.rebuild(now)  # empty indexes, for a database that is empty
            with sessions.begin() as session:
                make.offering(session, now, title="Rohrleitungsbau")
            assert limited(1)
            assert relay.admin is not None
            relay.admin.delete_index("offerings")
            assert limited(1)
            relay.heal(now)
            until(lambda: not limited(1), 5, "an answer of the index")
    finally:
        process.kill()
        process.wait()


def look(place: Town, words: str) -> dict[str, Any]:
    """A search; it has to be answered within the second whatever happens."""
    answer = within(1, lambda: place.ask(f"/api/v1/search/offerings?q={words}"))
    assert answer is not None
    assert answer[0] == 200
    found: dict[str, Any] = json.loads(answer[1])
    return found


def test_a_server_that_stands_still_dies_and_comes_back_with_nothing_heals(
    sessions: Sessions, database_url: str, tmp_path: Path
) -> None:
    """One story of a bad day, with real processes; changes made at each turn are found at the end of it."""
    with sessions.begin() as session:
        id_ = make.offering(session, datetime.now(UTC), title="Kranbau Ursprung").id

    def rename(title: str) -> None:
        with sessions.begin() as session:
            offerings.change(session, TESTER, session.get_one(Offering, id_), datetime.now(UTC), title=title)

    def kept() -> Errand:
        with read_only(sessions) as session:
            return session.scalars(
                select(Errand).where(Errand.channel == "search", Errand.subject == "offerings")
            ).one()

    def found(place: Town, words: str, limited: bool) -> bool:
        answer = look(place, words)
        titles = {hit["title"] for hit in answer["hits"]}
        return answer["limited"] is limited and f"Kranbau {words}" in titles

    with town(tmp_path / "var", database_url, warm=True) as place:
        place.start("meilisearch", "relay", "serve")
        until(lambda: found(place, "Ursprung", False), 60, "the index filled by the relay alone")

        place.children["meilisearch"].signal(signal.SIGSTOP)
        rename("Kranbau Stillstand")
        assert found(place, "Stillstand", True)
        assert 'class="tip warn"' in (place.ask("/search?q=Stillstand") or (0, b""))[1].decode()
        place.children["meilisearch"].signal(signal.SIGCONT)
        until(lambda: found(place, "Stillstand", False), 90, "the change after the standstill")

        place.kill("meilisearch")
        rename("Kranbau Ausfall")
        assert found(place, "Ausfall", True)
        time.sleep(1.5)  # long enough for the relay to have tried
        assert kept().subject_id == id_
        place.kill("relay")
        rename("Kranbau Neuanfang")
        shutil.rmtree(tmp_path / "var" / "meili" / "data")
        place.start("meilisearch", "relay")
        assert look(place, "Neuanfang")["total"] == 1
        until(lambda: found(place, "Neuanfang", False), 90, "the index built anew")
        assert look(place, "Ausfall")["hits"] == []
        assert json.loads((place.ask("/readyz") or (0, b""))[1])["status"] == "ready"


@contextmanager
def closed(url: str) -> Iterator[None]:
    """PostgreSQL ends every connection to the database and lets nobody in."""
    outside = create_engine(url.replace("/market?", "/postgres?"), isolation_level="AUTOCOMMIT")
    with outside.connect() as connection:
        connection.execute(text("alter database market allow_connections false"))
        connection.execute(text("select pg_terminate_backend(pid) from pg_stat_activity where datname = 'market'"))
        try:
            yield
        finally:
            connection.execute(text("alter database market allow_connections true"))
    outside.dispose()


def test_a_database_that_goes_and_comes_back_ends_no_process(postgres_url: str, tmp_path: Path) -> None:
    engine = connect(postgres_url)
    empty(engine)
    with make_sessions(engine).begin() as session:
        id_ = make.offering(session, datetime.now(UTC), title="Kranbau Ursprung").id
    with town(tmp_path / "var", postgres_url, warm=True) as place:
        place.start("meilisearch", "relay", "serve")

        def found(words: str) -> bool:
            answer = place.ask(f"/api/v1/search/offerings?q={words}&near=Guben")
            assert answer is not None
            whole = answer[0] == 200 and not json.loads(answer[1])["limited"]
            return whole and f"Kranbau {words}" in answer[1].decode()

        until(lambda: found("Ursprung"), 60, "the first document")
        with closed(postgres_url):
            assert found("Ursprung"), "the index answers without a database"
            page = place.ask("/categories")
            assert page is not None
            assert page[0] == 503
            assert "Wir sind gleich wieder da" in page[1].decode()
            assert (place.ask("/readyz") or (0,))[0] == 503
            assert place.ask("/healthz") == (200, b"ok\n")
            relay = place.children["relay"]
            until(lambda: "database: " in relay.log.read_text(), 20, "the relay's word for it")
        with make_sessions(engine).begin() as session:
            offering = session.get_one(Offering, id_)
            offerings.change(session, TESTER, offering, datetime.now(UTC), title="Kranbau Wiederkehr")
        until(lambda: found("Wiederkehr"), 60, "the change after it")
        assert (place.ask("/categories") or (0,))[0] == 200
        assert relay.ended() is None
        assert place.children["serve"].ended() is None
    engine.dispose()
