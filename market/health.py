"""Is it alive, is it ready, how does it fare: for the machine room, cheap enough to be asked every second."""

import asyncio
import os
import secrets
from collections.abc import Iterable
from datetime import datetime
from ipaddress import ip_address
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from market.bids.keys import Keys
from market.errors import Conflict, NotFound, Unavailable
from market.journal import Errand
from market.web.endpoint import Ask, live
from search.errors import SearchUnavailable

PATIENCE = 3.0
"""Seconds for the database to say anything."""
LAG_SECONDS = 60.0
"""A change that waits longer for the search says that the relay is away or the search is."""
STUCK_ATTEMPTS = 5
FORWARDED = ("x-forwarded-for", "forwarded", "fly-client-ip", "x-real-ip")
TOKEN = "MARKET_METRICS_TOKEN"

Outbox = dict[str, float]


async def healthz(request: Request) -> Response:
    """The process lives. Touches nothing."""
    return PlainTextResponse("ok\n", headers={"cache-control": "no-store"})


async def readyz(ask: Ask) -> Response:
    """State of each part; 503 only without the database, because without the search the market goes on."""
    database, relay = await _database(ask)
    search, keys = await asyncio.gather(_search(ask), _keys(ask))
    limited = search["state"] != "ok" or relay["state"] != "ok"
    status = "unavailable" if database["state"] != "ok" else "limited" if limited else "ready"
    body = {"status": status, "database": database, "search": search, "relay": relay, "keys": keys}
    return JSONResponse(body, 503 if status == "unavailable" else 200, {"cache-control": "no-store"})


async def _database(ask: Ask) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        found = await asyncio.wait_for(ask.in_database(lambda session: outbox(session, ask.now)), PATIENCE)
    except (SQLAlchemyError, TimeoutError):
        return {"state": "away"}, {"state": "unknown"}
    behind = found["lag_seconds"] > LAG_SECONDS
    state = "stuck" if found["stuck"] else "behind" if behind else "ok"
    return {"state": "ok"}, {"state": state, **found}


async def _search(ask: Ask) -> dict[str, Any]:
    client = ask.request.app.state.finder.client
    if client is None:
        return {"state": "none"}
    try:
        documents = await client.size("offerings")
    except SearchUnavailable:
        return {"state": "away"}
    return {"state": "ok" if documents else "empty", "offerings": documents}


async def _keys(ask: Ask) -> dict[str, Any]:
    """The process that seals bids and signs their receipts."""
    keys = Keys(ask.request.app.state.settings.keys_socket, patience=0)
    try:
        await asyncio.to_thread(keys.public)
    except (Unavailable, Conflict):
        return {"state": "away"}
    return {"state": "ok"}


def outbox(session: Session, now: datetime) -> Outbox:
    """Changes the search waits for and how long the oldest one does, in seconds; and errands of any sort that failed
    again and again."""
    query = select(func.count(), func.min(Errand.created_at)).where(Errand.channel == "search")
    waiting, oldest = session.execute(query).one()
    stuck = session.scalar(select(func.count()).select_from(Errand).where(Errand.attempts >= STUCK_ATTEMPTS))
    lag = max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
    return {"waiting": waiting, "stuck": stuck or 0, "lag_seconds": round(lag, 1)}


class Gauges(Collector):
    """The outbox as of this request."""

    def __init__(self, found: Outbox) -> None:
        self.found = found

    def collect(self) -> Iterable[Metric]:
        texts = {
            "waiting": "Changes the search does not know yet.",
            "stuck": f"Changes that failed {STUCK_ATTEMPTS} times or more.",
            "lag_seconds": "Age of the oldest change that waits.",
        }
        for name, text in texts.items():
            if name in self.found:
                yield GaugeMetricFamily(f"market_outbox_{name}", text, self.found[name])
        yield GaugeMetricFamily("market_database_up", "1 while the database answers.", float(bool(self.found)))


async def metrics(ask: Ask) -> Response:
    """For the own network or with the token; for everybody else there is no such page."""
    if not may_see_metrics(ask.request):
        raise NotFound("metrics are not public")
    try:
        found = await asyncio.wait_for(ask.in_database(lambda session: outbox(session, ask.now)), PATIENCE)
    except (SQLAlchemyError, TimeoutError):
        found = {}
    registry = CollectorRegistry()
    registry.register(Gauges(found))
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:  # several processes answer on one port: add them up
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        text = generate_latest(registry)
    else:
        text = generate_latest(REGISTRY) + generate_latest(registry)
    return Response(text, headers={"content-type": CONTENT_TYPE_LATEST, "cache-control": "no-store"})


def may_see_metrics(request: Request) -> bool:
    """A client of the own network that came without a proxy, or one that has the token.

    Behind a proxy the client's address is what a header says, and headers can be made up.
    """
    token = os.environ.get(TOKEN, "")
    given = request.headers.get("authorization", "")
    if token and secrets.compare_digest(given.encode(), f"Bearer {token}".encode()):
        return True
    if request.client is None or any(name in request.headers for name in FORWARDED):
        return False
    try:
        address = ip_address(request.client.host)
    except ValueError:
        return False
    return address.is_loopback or address.is_private


routes: list[BaseRoute] = [
    Route("/healthz", healthz, name="health:alive"),
    Route("/readyz", live(readyz), name="health:ready"),
    Route("/metrics", live(metrics), name="health:metrics"),
]
