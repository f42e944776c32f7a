"""Counts the views of offerings and firms, and the words people had searched for before: collected in memory, written
every few seconds, never in a request.

Of who looks only the organisation is remembered, in memory until the next writing: a firm's own people do not count.
That a word counts once a day for a visitor and a firm is known by numbers only this process can make, in memory until
the day is over.
"""

import asyncio
import logging
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Hashable, Iterable, Mapping
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
from market.db import Sessions, upsert
from market.desk import words
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
Searched = tuple[str, str, int, str, int]
"""Kind, reference, the id of the organisation that looked, a word of its search, and a mark of the visitor."""


class Views:
    """What has been looked at since the last writing; used on the event loop only, but for `write`."""

    def __init__(self, sessions: Sessions, today: Callable[[], date]) -> None:
        self.sessions = sessions
        self.today = today
        self.waiting: Counter[Seen] = Counter()
        self.searched: set[Searched] = set()
        self.known: tuple[date, set[tuple[int, str, int]]] = (date.min, set())
        """Firm, word and visitor that were counted on this day."""

    def saw(self, kind: str, ref: str, organisation_id: int) -> None:
        seen = (kind, ref, self.today(), organisation_id)
        if seen in self.waiting or len(self.waiting) < MOST:
            self.waiting[seen] += 1

    def came(self, kind: str, ref: str, organisation_id: int, visitor: Hashable, searched: Iterable[str]) -> None:
        """Words of the search that led here."""
        mark = hash(visitor)  # another in every process: texts are hashed with a random key
        if len(self.searched) < MOST:
            self.searched |= {(kind, ref, organisation_id, word, mark) for word in searched}

    async def flush(self) -> None:
        """Write what waits. What the database refuses stays for the next time."""
        taken, self.waiting = self.waiting, Counter()
        searched, self.searched = self.searched, set()
        if not taken and not searched:
            return
        try:
            await run_in_threadpool(self._write, taken, searched)
        except SQLAlchemyError as error:
            self.waiting.update(taken)
            self.searched |= searched
            log.warning("views were not counted yet: %s", str(error).splitlines()[0])

    def _write(self, taken: Mapping[Seen, int], searched: Collection[Searched]) -> None:
        today = self.today()
        if self.known[0] != today or len(self.known[1]) > MOST:
            self.known = (today, set())
        with self.sessions.begin() as session:
            add(session, of_others(session, taken))
            new = by_firm(session, searched) - self.known[1]
            if new:
                words.add(session, Counter((firm, word) for firm, word, _ in new), today)
        self.known[1].update(new)

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
    owners = _owners(session, {ref for _, ref, _, _ in taken})
    counts: Counter[tuple[str, str, date]] = Counter()
    for (kind, ref, day, looked), count in taken.items():
        if owners.get((kind, ref), looked) != looked:
            counts[kind, ref, day] += count
    return counts


def by_firm(session: Session, searched: Collection[Searched]) -> set[tuple[int, str, int]]:
    """Firm led to, word and visitor, without the firm's own people."""
    owners = _owners(session, {ref for _, ref, _, _, _ in searched})
    led = ((owners.get((kind, ref), looked), looked, word, mark) for kind, ref, looked, word, mark in searched)
    return {(owner, word, mark) for owner, looked, word, mark in led if owner != looked}


def _owners(session: Session, refs: Collection[str]) -> dict[tuple[str, str], int]:
    owners: dict[tuple[str, str], int] = {}
    for ref, owner in session.execute(select(Offering.ref, Offering.organisation_id).where(Offering.ref.in_(refs))):
        owners["offering", ref] = owner
    for ref, owner in session.execute(select(Organisation.ref, Organisation.id).where(Organisation.ref.in_(refs))):
        owners["provider", ref] = owner
    return owners


def add(session: Session, counts: Mapping[tuple[str, str, date], int]) -> None:
    """Add to the rows that are there, always in the same order: two processes never wait for each other crosswise."""
    if not counts:
        return
    row = upsert(session, DailyViews)
    kept = DailyViews.count + row.excluded.count
    session.execute(
        row.on_conflict_do_update(index_elements=["kind", "ref", "day"], set_={"count": kept}),
        [{"kind": kind, "ref": ref, "day": day, "count": count} for (kind, ref, day), count in sorted(counts.items())],
    )


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
        kind, headers = self.kinds.get(scope.get("endpoint", "")), Headers(scope=scope)
        if kind is None or not by_person(headers):
            return
        viewer = scope.get("state", {}).get("viewer", ANONYMOUS)
        if viewer.is_operator:
            return
        ref, own = scope["path_params"]["ref"], viewer.organisation_id or 0
        self.views.saw(kind, ref, own)
        searched = words.before(headers.get("referer", ""), headers.get("host", ""))
        self.views.came(kind, ref, own, (scope.get("client"), headers["user-agent"]), searched)


def by_person(headers: Headers) -> bool:
    """Whether a person looks: no robot, no page fetched ahead, no part of one."""
    agent = headers.get("user-agent", "")
    ahead = "prefetch" in headers.get("sec-purpose", headers.get("purpose", ""))
    return bool(agent) and not ROBOT.search(agent) and not ahead and "hx-request" not in headers
