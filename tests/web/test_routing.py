"""Requests find the very routes they would find if all were looked through."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import asynccontextmanager

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, Router
from starlette.types import Message, Scope

from market.app import ROUTES
from market.web.routing import ByBeginning

PLACE = re.compile(r"{(\w+)(?::(\w+))?}")
MORE = ("/7", "/nothing", "/nothing/else", "//", "*", "/me/7/x", "/needs/new/7", "/api")


def addresses() -> Iterator[str]:
    """One of every route, and what is nearly one."""
    for route in ROUTES:
        assert isinstance(route, Route)
        path = PLACE.sub(lambda place: "7/8" if place[2] == "path" else "7", route.path)
        yield from (path, f"{path}/", f"{path}x", path.rpartition("/")[0], f"/en{path}")
    yield from MORE


async def met(router: Router, path: str, method: str) -> tuple[int, str]:
    """Status, and the route or where it leads."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    scope: Scope = {
        "type": "http",
        "method": method,
        "path": path,
        "headers": [],
        "query_string": b"",
        "scheme": "http",
    }
    await router({**scope, "server": ("testserver", 80)}, receive, send)
    where = dict(sent[0]["headers"]).get(b"location", b"").decode()
    return sent[0]["status"], where or sent[1]["body"].decode()


def saying(route: Route) -> Route:
    async def say(request: Request) -> Response:
        return PlainTextResponse(f"{route.name} {request.path_params}")

    return Route(route.path, say, methods=sorted(route.methods or ()), name=route.name)


@asynccontextmanager
async def nothing(app: object):  # type: ignore[no-untyped-def]
    yield


def test_every_address_leads_where_it_would_lead_through_all_routes() -> None:
    routes = [saying(route) for route in ROUTES if isinstance(route, Route)]
    plain, quick = Router(routes), ByBeginning(routes, nothing)

    async def both() -> None:
        for path in dict.fromkeys(addresses()):
            for method in ("GET", "POST", "PUT"):
                assert await met(quick, path, method) == await met(plain, path, method), (method, path)

    asyncio.run(both())


def test_few_routes_are_looked_through() -> None:
    routes = [saying(route) for route in ROUTES if isinstance(route, Route)]
    assert max(len(shelf.routes) for shelf in ByBeginning(routes, nothing).shelves.values()) * 5 < len(routes)
