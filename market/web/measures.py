"""What is counted of requests and searches, for `/metrics`. Labels name routes, never addresses."""

import time
from types import FunctionType

from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

requests = Counter("market_requests", "Requests answered.", ["route", "method", "status"])
request_seconds = Histogram("market_request_seconds", "Time to the end of the answer.", ["route"], buckets=BOUNDS)
search_seconds = Histogram("market_search_seconds", "Time of a search.", ["tab", "source"], buckets=BOUNDS)
limited = Counter("market_search_limited", "Searches the database had to answer.", ["tab"])


def searched(tab: str, seconds: float, is_limited: bool) -> None:
    """Count one search; `source` is the index or the database."""
    search_seconds.labels(tab, "database" if is_limited else "index").observe(seconds)
    if is_limited:
        limited.labels(tab).inc()


class Measured:
    """Counts and times the requests of the application it wraps."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.names: dict[object, str] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 500
        began = time.perf_counter()

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            route = self._name(scope.get("endpoint"))
            method = scope["method"] if scope["method"] in METHODS else "other"
            requests.labels(route, method, status).inc()
            request_seconds.labels(route).observe(time.perf_counter() - began)

    def _name(self, endpoint: object) -> str:
        """`offerings:show` for the view `show` of `market.offerings.views`; `none` where no route was met."""
        if not isinstance(endpoint, FunctionType):
            return "none"
        name = self.names.get(endpoint)
        if name is None:
            slice_ = endpoint.__module__.removeprefix("market.").partition(".")[0]
            name = self.names[endpoint] = f"{slice_}:{endpoint.__name__}"
        return name
