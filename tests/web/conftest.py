"""The real application with a few more addresses: views that crash, refuse and write, as any view might."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from market import app
from market.accounts.models import Organisation
from market.config import Settings
from market.db import Sessions
from market.errors import BadRequest, Conflict, Forbidden, Gone, Invalid, NotFound, Unavailable
from market.web.endpoint import Ask, Call, endpoint, live
from tests import factories as make

SECRET = "the-password-of-the-database"
REFUSALS = {error.status: error for error in (BadRequest, Forbidden, NotFound, Conflict, Gone, Invalid, Unavailable)}


def crash(call: Call) -> Response:
    raise RuntimeError(SECRET)


async def crash_live(ask: Ask) -> Response:
    raise RuntimeError(SECRET)


def refuse(call: Call, status: str) -> Response:
    raise REFUSALS[int(status)](f"no, {status}")


def write(call: Call) -> Response:
    make.organisation(call.session, datetime.now(UTC), name="Geschrieben GmbH")
    if call.form.get("then") == "crash":
        raise RuntimeError(SECRET)
    if call.form.get("then") == "refuse":
        raise Conflict("somebody was faster")
    if call.form.get("then") == "break the promise":
        first, second = (make.organisation(call.session, datetime.now(UTC)) for _ in range(2))
        second.ref = first.ref  # nothing is said before the commit, and then the database refuses
    sessions = call.request.app.state.sessions

    def seen_from_outside() -> Iterator[str]:
        """Written while the answer goes out: another session looks whether the change is kept already."""
        with sessions() as session:
            yield str(session.scalar(select(func.count()).select_from(Organisation)))

    return StreamingResponse(seen_from_outside(), media_type="text/plain")


def count(sessions: Sessions) -> int:
    with sessions() as session:
        return session.scalar(select(func.count()).select_from(Organisation)) or 0


ROUTES = [
    Route("/probe/crash", endpoint(crash), name="probe:crash"),
    Route("/probe/crash-live", live(crash_live), name="probe:crash_live"),
    Route("/api/probe/crash", endpoint(crash), name="probe:crash_api"),
    Route("/probe/refuse/{status}", endpoint(refuse), name="probe:refuse"),
    Route("/api/probe/refuse/{status}", endpoint(refuse), name="probe:refuse_api"),
    Route("/probe/write", endpoint(write), name="probe:write", methods=["POST"]),
]


@pytest.fixture
def probe(settings: Settings, monkeypatch: pytest.MonkeyPatch, sessions: Sessions) -> Iterator[TestClient]:
    """The application on each database, with the addresses above."""
    assert count(sessions) == 0
    monkeypatch.setattr(app, "ROUTES", [*ROUTES, *app.ROUTES])
    with TestClient(app.create_app(settings), raise_server_exceptions=False, follow_redirects=False) as client:
        yield client


@pytest.fixture
def production(settings: Settings) -> Iterator[Any]:
    """The application as in production, behind https."""
    from dataclasses import replace

    strict = replace(settings, env="production", base_url="https://werkplatz.example")
    with TestClient(
        app.create_app(strict), base_url="https://werkplatz.example", raise_server_exceptions=False
    ) as client:
        yield client
