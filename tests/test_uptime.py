"""The marketplace's own health log: what is noted, what a gap in it means, and what the watch sees."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from market import journal, uptime
from market.app import create_app
from market.config import Settings
from market.db import Sessions
from market.files.stores import Folder
from market.uptime import MINUTE, NOTHING
from market.values import utc_now
from market.viewer import SYSTEM, Viewer
from market.watch import Watch
from tests import factories as make
from tests.conftest import NOW
from tests.flows.serving import free_port, on_a_port
from tests.support.deaf import deaf
from tests.support.keyroom import key_process

FIRM = Viewer("person:x", "person")


def watched(session: Session, *minutes: str) -> None:
    """From NOW on, a word for each: what was away in it, `-` for nothing, `?` for a minute without a line."""
    for place, away in enumerate(minutes):
        if away != "?":
            uptime.note(session, NOW + place * MINUTE, () if away == "-" else away.split("+"))
    session.flush()


def spans(session: Session, minutes: int) -> list[tuple[int, int, tuple[str, ...]]]:
    found = uptime.outages(session, NOW, NOW + minutes * MINUTE)
    return [((one.begins - NOW) // MINUTE, one.minutes, one.away) for one in found]


def test_minutes_in_which_something_was_away_are_joined_to_outages(session: Session) -> None:
    watched(session, "-", "web", "web+database", "-", "files", "-")
    assert spans(session, 6) == [(1, 2, ("database", "web")), (4, 1, ("files",))]


def test_a_minute_without_a_line_counts_as_away_unless_somebody_changed_something_in_it(session: Session) -> None:
    watched(session, "-", "?", "?", "?", "-")
    assert spans(session, 5) == [(1, 3, (NOTHING,))]
    firm = make.organisation(session, NOW)
    session.flush()
    for actor, place in ((SYSTEM, 1), (FIRM, 2)):
        journal.record(session, actor, "offerings.changed", firm, NOW + place * MINUTE, tell=())
    assert spans(session, 5) == [(1, 1, (NOTHING,)), (3, 1, (NOTHING,))]


def test_before_the_log_began_nothing_counts(session: Session) -> None:
    assert spans(session, 5) == []
    uptime.note(session, NOW + 3 * MINUTE, ())
    assert spans(session, 5) == [(4, 1, (NOTHING,))]


def test_a_line_only_gains_and_old_ones_go(session: Session) -> None:
    uptime.note(session, NOW, ("web",))
    uptime.note(session, NOW + timedelta(seconds=30), ())
    uptime.note(session, NOW + timedelta(seconds=45), ("files",))
    assert spans(session, 1) == [(0, 1, ("files", "web"))]
    assert uptime.last(session) == NOW
    uptime.tidy(session, NOW + uptime.KEPT + MINUTE)
    assert uptime.last(session) is None


@contextmanager
def site(ready: Callable[[], int]) -> Iterator[str]:
    """A web process that answers with this status."""

    def readyz(request: object) -> Response:
        return PlainTextResponse("", ready())

    with on_a_port(Starlette(routes=[Route("/readyz", readyz)]), free_port()) as base:
        yield base


def test_the_watch_notes_what_does_not_answer_and_what_was_away_once_it_is_back(
    engine: Engine, sessions: Sessions, tmp_path: Path
) -> None:
    status, at = 200, NOW
    with site(lambda: status) as base:
        watch = Watch(engine, Folder(tmp_path / "files"), base, lambda: at)
        assert watch.look() == set()
        status, at = 503, NOW + MINUTE
        assert watch.look() == {"web"}
        status, at = 200, NOW + 2 * MINUTE
        watch.store = Folder(tmp_path / "files" / "none")
        (tmp_path / "files" / "none").write_text("in the way")
        assert watch.look() == {"files"}
        watch.store = Folder(tmp_path / "files")
        at = NOW + 3 * MINUTE
        with engine.begin() as connection:
            connection.execute(text("alter table health_minutes rename to away"))
        try:
            assert watch.look() == set()
        finally:
            with engine.begin() as connection:
                connection.execute(text("alter table away rename to health_minutes"))
        at = NOW + 4 * MINUTE
    assert watch.look() == {"web"}
    assert watch.unwritten == {}
    with sessions() as session:
        assert spans(session, 5) == [(1, 2, ("files", "web")), (4, 1, ("web",))]
        assert uptime.last(session) == NOW + 4 * MINUTE


def test_a_web_process_that_hangs_is_away(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("market.watch.PATIENCE", 0.2)
    with deaf() as one:
        assert Watch(engine, Folder(tmp_path), f"http://{one.address}", lambda: NOW).look() == {"web"}


def test_a_key_process_that_is_away_is_an_outage_as_the_web_process_finds_it(
    engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    port = free_port()
    given = replace(settings, base_url=f"http://127.0.0.1:{port}", port=port)
    with on_a_port(create_app(given), port) as base:
        watch = Watch(engine, Folder(tmp_path / "files"), base, lambda: NOW)
        assert watch.look() == {"keys"}
        with key_process(settings.var, utc_now):
            assert watch.look() == set()
    assert watch.look() == {"web"}
