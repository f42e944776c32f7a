"""Goes round and tells what is new: fitting needs to firms, hits to saved searches, letters when they are due.

Beside the relay and behind it: a record's news is told once its documents are in the index. An errand goes when
everybody is told; who was told stands in the database in the same transaction, so a crash tells nobody twice.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Engine, exists, select
from sqlalchemy.orm import aliased

from market.db import Busy, exclusive, read_only, sessions
from market.journal import Errand, settle
from market.matching.service import Matcher
from market.notifications import finding, telling, writing
from market.sources import touched
from market.taxonomy.places import Gazetteer
from market.values import day_number, local_day
from search.client import Client
from search.documents import IndexName
from search.errors import SearchUnavailable
from search.news import present

log = logging.getLogger("market.crier")

LOCK = "crier"
IDLE_SECONDS = 0.5
SEARCH_SECONDS = 10.0
"""Patience with the search server: nobody waits at a page."""
ROUND = 100
"""Errands a round."""
COMPARED = 20
"""New offerings a round that are compared with the open needs; needs come first."""


class Crier:
    """One on one database and one search server. `clock` is asked for the time of each round; `secret` marks the links
    by which a letter is answered."""

    def __init__(
        self,
        engine: Engine,
        search_url: str | None,
        search_key: str,
        base_url: str,
        clock: Callable[[], datetime],
        secret: str,
    ) -> None:
        self.engine = engine
        self.sessions = sessions(engine)
        self.sessions.configure(info={"secret": secret})
        self.base_url = base_url
        self.clock = clock
        self.client = Client(search_url, search_key, SEARCH_SECONDS) if search_url else None
        self.matcher = Matcher(self.client, self.sessions, lambda: local_day(clock()))

    def run(self, stop: Callable[[], bool]) -> None:
        """Work until told to stop; one at a time on a database."""
        while not stop():
            try:
                with exclusive(self.engine, LOCK, wait=False):
                    asyncio.run(self._run(stop))
            except Busy:
                time.sleep(5)
            except Exception:  # the database is away: what is promised waits, and so do we
                log.exception("the crier stumbled")
                time.sleep(5)

    async def _run(self, stop: Callable[[], bool]) -> None:
        async with self:
            while not stop():
                await asyncio.sleep(0 if await self.round() else IDLE_SECONDS)

    async def __aenter__(self) -> "Crier":
        if self.client is not None:
            await self.client.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        if self.client is not None:
            await self.client.__aexit__(None, None, None)

    async def round(self) -> int:
        """Everything once; how much was done. What fails stays with its error and comes again later."""
        done = 0
        if self.client is not None:
            errands = self._due()
            failures: dict[int, str] = {}
            try:
                done += await self._baselines()
                for errand in errands:
                    if error := await self._tell(errand):
                        failures[errand.id] = error
                await self._searches([one for one in errands if one.id not in failures])
            except SearchUnavailable as error:
                failures = {errand.id: str(error) or type(error).__name__ for errand in errands}
            self._settle(errands, failures)
            done += len(errands) - len(failures)
        return done + self._letters()

    def _due(self) -> list[Errand]:
        """Needs first: for them people are promised a minute. What the index has not got yet waits for it."""
        unwritten = aliased(Errand)
        indexing = exists().where(
            unwritten.channel == "search",
            unwritten.subject == Errand.subject,
            unwritten.subject_id == Errand.subject_id,
        )
        query = select(Errand).where(Errand.channel == "news", Errand.not_before <= self.clock(), ~indexing)
        order = (Errand.subject != "needs", Errand.not_before, Errand.id)
        with read_only(self.sessions) as session:
            due = list(session.scalars(query.order_by(*order).limit(ROUND)))
        compared = [one for one in due if one.subject == "offerings"]
        return [one for one in due if one not in compared[COMPARED:]]

    async def _baselines(self) -> int:
        with read_only(self.sessions) as session:
            waiting = finding.waiting(session)
            gazetteer = Gazetteer.load(session) if waiting else None
        for search in waiting:
            assert self.client is not None
            assert gazetteer is not None
            kept = finding.kept(search, gazetteer)
            refs, whole = await present(self.client, kept, day_number(self.matcher.today()))
            with self.sessions.begin() as session:
                finding.remember(session, search.id, refs, whole)
        return len(waiting)

    async def _tell(self, errand: Errand) -> str:
        """Fill the inboxes this record is news for, and write the letters that are due at once. The error, if any: one
        record nobody can read must not keep the others waiting. Raises SearchUnavailable."""
        try:
            if errand.subject == "needs":
                fits = await telling.firms_for(self.matcher, errand.subject_id)
                for batch in telling.batches(fits):
                    with self.sessions.begin() as session:
                        telling.tell(session, errand.subject_id, batch, self.clock())
                self._letters()
            if errand.subject == "offerings":
                found = await telling.needs_for(self.matcher, errand.subject_id)
                with self.sessions.begin() as session:
                    telling.fill(session, found, self.clock())
        except SearchUnavailable:
            raise
        except Exception as error:
            log.exception("news of %s %s", errand.subject, errand.subject_id)
            return f"{type(error).__name__}: {error}"
        return ""

    async def _searches(self, errands: Sequence[Errand]) -> None:
        """Every saved search against all that is new in this round, in one go."""
        ids: dict[IndexName, list[int]] = {}
        with read_only(self.sessions) as session:
            for errand in errands:
                for name, some in touched(session, errand.subject, [errand.subject_id]).items():
                    ids.setdefault(name, []).extend(some)
            new = finding.news(session, ids)
            searches = finding.listening(session, [one.tab for one in new]) if new else []
            gazetteer = Gazetteer.load(session) if searches else None
        if gazetteer is None:
            return
        assert self.client is not None
        today = day_number(self.matcher.today())
        for search_id, refs in await finding.find(self.client, searches, new, gazetteer, today):
            with self.sessions.begin() as session:
                finding.promise(session, search_id, refs, self.clock())

    def _letters(self) -> int:
        written = 0
        while True:
            with self.sessions.begin() as session:
                some = writing.write_due(session, self.clock(), self.base_url)
            written += some
            if not some:
                return written

    def _settle(self, errands: Sequence[Errand], failures: Mapping[int, str]) -> None:
        if not errands:
            return
        now = self.clock()
        with self.sessions.begin() as session:
            for errand in errands:
                settle(session, errand, failures.get(errand.id, ""), now)
