"""Carries changes from the outbox to the index. The index may be thrown away at any time: it is built from here.

An errand says that a record changed, not what: its document is made anew from the present state. The row is deleted
only after Meilisearch says "succeeded"; until then it stays with its attempts, so a crash anywhere loses nothing.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime
from types import TracebackType

from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from market import clock, seals
from market.db import asking, exclusive, read_only, sessions, take_statistics
from market.files.stores import Store
from market.journal import Errand, settle
from market.sources import BATCH, SOURCES, touched
from market.values import local_day, utc_now
from search import indexes, write
from search.client import admin
from search.documents import INDEXES, Document, IndexName
from search.errors import SearchError, SearchUnavailable

log = logging.getLogger("market.relay")

LOCK = "relay"
LOOK_SECONDS = 0.02
"""Between two looks at an empty outbox: the wait a firm notices after "publish". A look is one small question."""
NEW = "select 1 from outbox where channel = 'search' and attempts = 0 limit 1"
IDLE_SECONDS = 1.0
"""Between two rounds with nothing new: each takes the lock, and asks whether clock, seals or second tries are due."""
CLOCK_SECONDS = 15
SEAL_SECONDS = 0.3
"""Between two steps of sealing while there is more to seal."""
HEALTH_SECONDS = 10
STATISTICS_SECONDS = 3600


class Relay:
    """One worker on one database and one search server; hold `exclusive(engine, LOCK)` around its work."""

    def __init__(
        self, engine: Engine, search_url: str | None, search_key: str, base_url: str = "", store: Store | None = None
    ) -> None:
        self.engine = engine
        self.base_url = base_url
        self.sessions = sessions(engine)
        self.sessions.configure(info={"store": store})
        self.admin = admin(search_url, search_key) if search_url else None
        self.ready = False
        self._next_clock = self._next_seal = self._next_health = self._next_statistics = self._retry_at = 0.0

    def __enter__(self) -> "Relay":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.admin = None

    # -- the index as a whole

    def prepare(self) -> None:
        """Bring the settings of existing indexes up to date. Raises SearchUnavailable without a server."""
        if self.admin is None:
            raise SearchUnavailable("no search server is set")
        for name in INDEXES:
            indexes.apply(self.admin, name, self._settings(name))
        self.ready = True

    def _settings(self, name: IndexName) -> dict[str, object]:
        return indexes.settings(name)

    def rebuild(self, now: datetime, progress: Callable[[IndexName, int], None] | None = None) -> dict[str, int]:
        """Fill new indexes from the database and swap them in. Returns documents per index."""
        if self.admin is None:
            raise SearchUnavailable("no search server is set")
        counts: dict[str, int] = {}
        for name, source in SOURCES.items():
            with read_only(self.sessions) as session:
                documents = source.all_documents(session, local_day(now))
                tell = (lambda n, name=name: progress(name, n)) if progress else None
                counts[name] = write.rebuild(self.admin, name, self._settings(name), documents, progress=tell)
        self.ready = True
        return counts

    def heal(self, now: datetime) -> bool:
        """Build what is missing or differs in size from the database; True where something was rebuilt.

        Promises not yet kept explain differences, so with a waiting outbox only a missing or emptied index counts.
        """
        if self.admin is None:
            return False
        with read_only(self.sessions) as session:
            waiting = session.scalar(select(Errand.id).where(Errand.channel == "search").limit(1)) is not None
            expected = {name: source.size(session) for name, source in SOURCES.items()}
        found = {name: write.count(self.admin, name) for name in SOURCES}
        if all(found[n] == expected[n] or (waiting and found[n]) for n in SOURCES):
            return False
        log.warning("index holds %s, the database %s: building it anew", found, expected)
        self.rebuild(now)
        return True

    # -- changes

    def deliver(self, now: datetime, limit: int = BATCH) -> int:
        """Keep due promises, at most `limit`; returns how many rows were kept. The rest stays with its error."""
        if self.admin is None:
            return 0
        with read_only(self.sessions) as session:
            due = select(Errand).where(Errand.channel == "search", Errand.not_before <= now)
            errands = list(session.scalars(due.order_by(Errand.not_before, Errand.id).limit(limit)))
            if not errands:
                return 0
            batch = Batch(session, errands, now)
        failures: dict[tuple[IndexName, str], str] = {}
        fault = ""
        try:
            for name in INDEXES:
                failures |= {(name, ref): error for ref, error in self._write(name, batch).items()}
        except SearchError as error:
            fault = str(error) or type(error).__name__
        return self._settle(batch, failures, fault, now)

    def _write(self, name: IndexName, batch: "Batch") -> dict[str, str]:
        """Put and drop one index's share. Returns the error by reference for what Meilisearch refused."""
        assert self.admin is not None
        failures = write.put(self.admin, name, batch.put[name]) if batch.put[name] else {}
        if batch.drop[name]:
            write.drop(self.admin, name, batch.drop[name])
        return failures

    def _settle(self, batch: "Batch", failures: dict[tuple[IndexName, str], str], fault: str, now: datetime) -> int:
        kept = 0
        with self.sessions.begin() as session:
            for errand in batch.errands:
                error = fault or next((failures[k] for k in batch.keys[errand.id] if k in failures), "")
                kept += settle(session, errand, error, now)
        return kept

    # -- the loop

    def run(self, stop: Callable[[], bool]) -> None:
        """Work until told to stop. The lock is held a round at a time, so that `market reindex` finds its turn.

        A database that is away or locked for long is waited for, like the search server.
        """
        while not stop():
            try:
                with exclusive(self.engine, LOCK):
                    done = self._round()
                if done:
                    time.sleep(0.01)
                else:
                    self._rest(stop)
            except OperationalError as error:
                log.warning("database: %s", str(error).splitlines()[0])
                time.sleep(1)

    def _rest(self, stop: Callable[[], bool]) -> None:
        """Until something is promised, or the next round is due. What waits for the search server wakes nobody."""
        end = time.monotonic() + IDLE_SECONDS
        with asking(self.engine, NEW) as promised:
            while time.monotonic() < end and not stop():
                time.sleep(LOOK_SECONDS)
                if self.admin is not None and time.monotonic() >= self._retry_at and promised():
                    return

    def _round(self) -> int:
        """Clock, health, outbox. A search server that is away is waited for; nothing is lost meanwhile.

        What an import has left to seal is sealed in small steps between the changes, so that none waits for it.
        """
        moment = time.monotonic()
        if moment >= self._next_statistics:
            take_statistics(self.engine)
            self._next_statistics = moment + STATISTICS_SECONDS
        if moment >= self._next_clock:
            with self.sessions.begin() as session:
                clock.tick(session, utc_now(), self.base_url)
            self._next_clock = moment + CLOCK_SECONDS
        if moment >= self._next_seal:
            with self.sessions.begin() as session:
                more = seals.seal(session, seals.STEP) == seals.STEP
            self._next_seal = moment + (SEAL_SECONDS if more else CLOCK_SECONDS)
        if self.admin is None or moment < self._retry_at:
            return 0
        try:
            if not self.ready:
                self.prepare()
            if moment >= self._next_health:
                self.heal(utc_now())
                self._next_health = moment + HEALTH_SECONDS
            return self.deliver(utc_now())
        except SearchError as error:
            log.warning("search server: %s", error)
            self.ready, self._next_health = False, 0.0
            self._retry_at = moment + 1
            return 0


class Batch:
    """The documents of some errands, each record once, made while the session is open."""

    def __init__(self, session: Session, errands: list[Errand], now: datetime) -> None:
        self.errands = errands
        self.put: dict[IndexName, list[Document]] = {name: [] for name in INDEXES}
        self.drop: dict[IndexName, list[str]] = {name: [] for name in INDEXES}
        self.keys: dict[int, set[tuple[IndexName, str]]] = {}
        wanted: dict[IndexName, dict[int, None]] = {name: {} for name in INDEXES}
        reach: dict[int, dict[IndexName, list[int]]] = {}
        for errand in errands:
            reach[errand.id] = touched(session, errand.subject, [errand.subject_id])
            for name, ids in reach[errand.id].items():
                wanted[name] |= dict.fromkeys(ids)
        refs = {name: self._collect(session, name, list(ids), now) for name, ids in wanted.items()}
        for errand in errands:
            self.keys[errand.id] = {
                (name, refs[name][id_]) for name, ids in reach[errand.id].items() for id_ in ids if id_ in refs[name]
            }

    def _collect(self, session: Session, name: IndexName, ids: list[int], now: datetime) -> dict[int, str]:
        source = SOURCES[name]
        refs: dict[int, str] = {}
        for start in range(0, len(ids), BATCH):
            part = ids[start : start + BATCH]
            refs |= source.refs(session, part)
            for id_, document in source.documents(session, part, local_day(now)):
                if document is not None:
                    self.put[name].append(document)
                elif id_ in refs:
                    self.drop[name].append(refs[id_])
        return refs
