"""Counts the views of offerings and firms: collected in memory, written every few seconds, never in a request.

Of who looks only the organisation is remembered, in memory until the next writing: a firm's own people do not count.
"""

import asyncio
import logging
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import date

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from market.accounts.models import Organisation
from market.db import Sessions
from market.desk.models import DailyViews
from market.offerings.models import Offering
from market.viewer import ANONYMOUS

log = logging.getLogger(__name__)

EVERY = 5.0
"""Seconds between two writings."""
MOST = 10_000
"""Different things kept in memory; what comes beyond before the next writing is not counted."""
PAGES = {"offerings:show": "offering", "providers:show": "provider"}
ROBOT = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|scrap|preview|headless|monitor|curl|wget|python|java/|go-http|okhttp|axios|fetch",
    re.IGNORECASE,
)

Seen = tuple[str, str, date, int]
"""Kind, reference, day, and the id of the organisation that looked, 0 for nobody's."""


class Views:
    """What has been looked at since the last writing; used on the event loop only, but for `write`."""

    def __init__(self, sessions: Sessions, today: Callable[[], date]) -> None:
        self.sessions = sessions
        self.today = today
        self.waiting: Counter[Seen] = Counter()

    def saw(self, kind: str, ref: str, organisation_id: int) -> None:
        seen = (kind, ref, self.today(), organisation_id)
        if seen in self.waiting or len(self.waiting) < MOST:
            self.waiting[seen] += 1

    async def flush(self) -> None:
        """Write what waits. What the database refuses stays for the next time."""
        taken, self.waiting = self.waiting, Counter()
        if not taken:
            return
        try:
            await run_in_threadpool(self._write, taken)
        except SQLAlchemyError as error:
            self.waiting.update(taken)
            log.warning("views were not counted yet: %s", str(error).splitlines()[0])

    def _write(self, taken: Mapping[Seen, int]) -> None:
        with self.sessions.begin() as session:
            add(session, of_others(session, taken))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Writes as long as the process runs, and what is left when it ends."""
        task = asyncio.create_task(self._forever())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await self.flush()

    async def _forever(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            # A writing that has begun is not broken off: its counts would be lost.
            await asyncio.shield(self.flush())


def of_others(session: Session, taken: Mapping[Seen, int]) -> Counter[tuple[str, str, date]]:
    """Counts by thing and day, without the views of the thing's own organisation."""
    refs = {ref for _, ref, _, _ in taken}
    owners: dict[tuple[str, str], int] = {}
    for ref, owner in session.execute(select(Offering.ref, Offering.organisation_id).where(Offering.ref.in_(refs))):
        owners["offering", ref] = owner
    for ref, owner in session.execute(select(Organisation.ref, Organisation.id).where(Organisation.ref.in_(refs))):
        owners["provider", ref] = owner
    counts: Counter[tuple[str, str, date]] = Counter()
    for (kind, ref, day, looked), count in taken.items():
        if owners.get((kind, ref), looked) != looked:
            counts[kind, ref, day] += count
    return counts


def add(session: Session, counts: Mapping[tuple[str, str, date], int]) -> None:
    """Add to the rows that are there, always in the same order: two processes never wait for each other crosswise."""
    if session.get_bind().dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert
    else:
        from sqlalchemy.dialects.sqlite import insert  # type: ignore[assignment]
    for (kind, ref, day), count in sorted(counts.items()):
        row = insert(DailyViews).values(kind=kind, ref=ref, day=day, count=count)
        kept = DailyViews.count + row.excluded.count
        session.execute(row.on_conflict_do_update(index_elements=["kind", "ref", "day"], set_={"count": kept}))


class Counted:
    """Notes the pages of offerings and firms that a person was shown."""

    def __init__(self, app: ASGIApp, views: Views, routes: Iterable[BaseRoute]) -> None:
        self.app = app
        self.views = views
        self.kinds: dict[object, str] = {
            r.endpoint: PAGES[r.name] for r in routes if isinstance(r, Route) and r.name in PAGES
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                self._note(scope)
            await send(message)

        await self.app(scope, receive, watched)

    def _note(self, scope: Scope) -> None:
        kind = self.kinds.get(scope.get("endpoint", ""))
        if kind is None or not by_person(Headers(scope=scope)):
            return
        viewer = scope.get("state", {}).get("viewer", ANONYMOUS)
        if not viewer.is_operator:
            self.views.saw(kind, scope["path_params"]["ref"], viewer.organisation_id or 0)


def by_person(headers: Headers) -> bool:
    """Whether a person looks: no robot, no page fetched ahead, no part of one."""
    agent = headers.get("user-agent", "")
    ahead = "prefetch" in headers.get("sec-purpose", headers.get("purpose", ""))
    return bool(agent) and not ROBOT.search(agent) and not ahead and "hx-request" not in headers
