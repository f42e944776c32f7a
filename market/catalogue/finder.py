"""One question, one answer: from Meilisearch, or from the database when that is down, slow or empty."""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from types import TracebackType
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from market.catalogue import fallback
from market.catalogue.meaning import Meanings
from market.db import Sessions, read_only
from market.taxonomy.places import Gazetteer
from market.taxonomy.trades import all_words
from market.values import day_number
from market.web.measures import searched
from search import query
from search.client import Client
from search.documents import INDEXES, IndexName
from search.errors import SearchUnavailable
from search.query import Criteria, Hits, Suggestion

log = logging.getLogger("market.search")
T = TypeVar("T")

GAZETTEER_SECONDS = 300
"""How old the places in memory may grow; they change only when somebody loads a list."""


@dataclass(frozen=True)
class Found:
    """Hits of one tab, hits of all tabs counted, and whether the database had to answer."""

    hits: Hits
    counts: dict[IndexName, int]
    limited: bool


class Finder:
    """What a web process needs to search: the client of the hot path, the places, the way to the database."""

    def __init__(self, search_url: str | None, search_key: str, sessions: Sessions, today: Callable[[], date]) -> None:
        self.client = Client(search_url, search_key) if search_url else None
        self.sessions = sessions
        self.today = today
        self.meanings = Meanings(sessions)
        self._gazetteer: Gazetteer | None = None
        self._gazetteer_until = 0.0

    async def __aenter__(self) -> "Finder":
        if self.client is not None:
            await self.client.__aenter__()
            self.meanings.warm()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.client is not None:
            await self.client.__aexit__(kind, error, trace)
        await self.meanings.close()

    async def find(self, tab: IndexName, criteria: Criteria, *, counts: bool = True) -> Found:
        """One page of hits, and the counts of all tabs. Answers from the database within the second if need be.

        Whoever shows no tabs saves the server the other indexes with `counts=False`.
        """
        began = time.perf_counter()
        found = await self._find(tab, criteria, counts)
        searched(tab, time.perf_counter() - began, found.limited)
        return found

    async def _find(self, tab: IndexName, criteria: Criteria, with_counts: bool) -> Found:
        if self.client is not None:
            try:
                today = day_number(self.today())
                hits, counts = await query.find(
                    self.client,
                    tab,
                    criteria,
                    today,
                    with_counts=with_counts,
                    meaning=self.meanings,
                    trade_words=all_words,
                )
                return Found(hits, counts, limited=False)
            except SearchUnavailable as error:
                log.info("search answers from the database: %s", error)
        return await self._in_database(lambda session: self._from_database(session, tab, criteria, with_counts))

    def _from_database(self, session: Session, tab: IndexName, criteria: Criteria, with_counts: bool) -> Found:
        today = self.today()
        hits = fallback.find(session, tab, criteria, today)
        others = [name for name in INDEXES if name != tab] if with_counts else []
        counts = {name: fallback.count(session, name, criteria, today) for name in others}
        return Found(hits, counts | {tab: hits.total}, limited=True)

    async def suggest(self, text: str, limit: int = 8) -> list[Suggestion]:
        """Titles and firms that begin so; nothing while Meilisearch is away."""
        if self.client is None or not text.strip():
            return []
        try:
            return await query.suggest(self.client, text, limit)
        except SearchUnavailable:
            return []

    async def gazetteer(self) -> Gazetteer:
        """All places, loaded once and looked at again every few minutes; old ones are better than none."""
        if self._gazetteer is None:
            self._gazetteer = await self._in_database(Gazetteer.load)
            self._gazetteer_until = time.monotonic() + GAZETTEER_SECONDS
        elif time.monotonic() > self._gazetteer_until:
            self._gazetteer_until = time.monotonic() + GAZETTEER_SECONDS
            with suppress(SQLAlchemyError):
                self._gazetteer = await self._in_database(Gazetteer.load)
        return self._gazetteer

    async def _in_database(self, read: Callable[[Session], T]) -> T:
        def run() -> T:
            with read_only(self.sessions) as session:
                return read(session)

        return await run_in_threadpool(run)
