"""What the sign-in adds to a page: the same empty page with and without the layer that asks who looks."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx2
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from market import app
from market.config import load
from market.db import connect, sessions
from market.web.endpoint import Ask, live
from tests.bench.report import Report, Way, interleaved, p50, share
from tests.conftest import empty
from tests.flows.serving import free_port, on_a_port
from tests.support.deaf import deaf
from tests.support.stuck import people_of


def _page(ask: Ask) -> Response:
    return ask.render("errors/show.html", code=200, title="Leer", text="Leer")


async def _bare(request: Request) -> Response:
    """The page as it would be if nobody could sign in."""
    return _page(Ask(request))


async def _asked(ask: Ask) -> Response:
    return _page(ask)


ROUTES = [Route("/bench/without", _bare, name="bench:without"), Route("/bench/with", live(_asked), name="bench:with")]


@contextmanager
def _served(folder: Path, url: str) -> Iterator[tuple[str, str]]:
    """Address and a session's token."""
    port = free_port()
    given = load({"MARKET_DATABASE_URL": url, "MARKET_VAR": str(folder), "PORT": str(port)})
    engine = connect(url)
    empty(engine)
    with deaf() as ear:
        token, _ = people_of(sessions(engine), given, ear)
    engine.dispose()
    kept = app.ROUTES
    app.ROUTES = [*ROUTES, *kept]
    try:
        with on_a_port(app.create_app(replace(given, base_url=f"http://127.0.0.1:{port}")), port) as base:
            yield base, token
    finally:
        app.ROUTES = kept


def signing_in(report: Report, folder: Path, databases: dict[str, str], rounds: int) -> None:
    told: list[tuple[object, ...]] = []
    for name, url in databases.items():
        with _served(folder / f"signing-in-{name}", url) as (base, token):
            spent = asyncio.run(_measured(base, token, rounds * 3))
        least = p50(spent["without the layer"])
        for way, times in spent.items():
            told.append((name, way, f"{p50(times):.2f}", f"{share(times, 0.95):.2f}", f"{p50(times) - least:+.2f}"))
        report.goal(f"sign-in adds to an anonymous page, {name}", p50(spent["without a cookie"]) - least, 2, "ms")
    report.table("What being able to sign in costs a page, ms", "database | page | p50 | p95 | over none", told)


async def _measured(base: str, token: str, rounds: int) -> dict[str, list[float]]:
    async with httpx2.AsyncClient(base_url=base, timeout=60) as client:

        def way(path: str, cookie: str = "") -> Way:
            headers = {"cookie": f"session={cookie}"} if cookie else {}

            async def ask(number: int) -> object:
                answer = await client.get(path, headers=headers)
                assert answer.status_code == 200
                return answer

            return ask

        ways: dict[str, Callable[[int], Awaitable[object]]] = {
            "without the layer": way("/bench/without"),
            "without a cookie": way("/bench/with"),
            "with an old cookie": way("/bench/with", "x" * 43),
            "signed in": way("/bench/with", token),
        }
        return await interleaved(ways, rounds)
