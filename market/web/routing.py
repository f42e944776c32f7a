"""Routing that looks through few routes: there are hundreds, and to pass by all of them takes a quarter of a
millisecond."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route, Router
from starlette.types import Lifespan, Receive, Scope, Send

Parts = tuple[str | None, str | None]
"""The first two parts of an address; None where a route takes any."""


class ByBeginning(Router):
    """Hands a request to the routes whose addresses begin like its own, in the order they have among all."""

    def __init__(self, routes: Sequence[BaseRoute], lifespan: Lifespan[Starlette]) -> None:
        super().__init__(routes, lifespan=lifespan)
        begun = [(_parts(route), route) for route in routes]
        firsts = {first for (first, _), _ in begun}
        known = {parts for parts, _ in begun} | {(first, None) for first in firsts} | {(None, None)}
        self.shelves = {wanted: Router([route for own, route in begun if _fits(own, wanted)]) for wanted in known}

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().app(scope, receive, send)
            return
        scope["router"] = self
        first, second = _beginning(scope["path"])
        for wanted in ((first, second), (first, None), (None, None)):
            if (shelf := self.shelves.get(wanted)) is not None:
                await shelf.app(scope, receive, send)
                return


def _beginning(path: str) -> tuple[str, str]:
    first, _, rest = path.removeprefix("/").partition("/")
    return first, rest.partition("/")[0]


def _parts(route: BaseRoute) -> Parts:
    if not isinstance(route, Route):
        return None, None
    first, second = (None if "{" in part else part for part in _beginning(route.path))
    return first, None if first is None else second


def _fits(own: Parts, wanted: Parts) -> bool:
    return all(part is None or part == asked for part, asked in zip(own, wanted, strict=True))
