"""Works on the imports of firms beside the relay: checks rows, takes the confirmed ones, in short transactions.

Counts are committed with the rows they count, so whoever is killed goes on behind the last row taken; and
a row taken twice would change nothing, being known by its number.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime
from itertools import islice
from typing import Final

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from market.db import Busy, exclusive, read_only, sessions
from market.errors import Invalid, Unavailable
from market.exchange.files import Row
from market.exchange.importing import LOCK as IMPORT
from market.exchange.importing import Import as Taking
from market.exchange.importing import Report
from market.exchange.records import OfferingRecord
from market.files.stores import Store
from market.i18n import N_
from market.intake import letters, service
from market.intake.models import WORKING, FaultyRow, Import
from market.intake.reading import MOST_ROWS
from market.intake.rules import firm_of
from market.offerings.models import Offering
from market.viewer import SYSTEM, Viewer

log = logging.getLogger("market.intake")

LOCK: Final = "intake"
CHUNK: Final = 25
"""Rows a transaction: others write in between, and the progress is seen to move."""
PAUSE_SECONDS: Final = 0.1
"""After each chunk. SQLite queues nobody between processes: whoever waits looks again every tenth of a second, and a
worker that begins anew at once takes every turn, until the others are refused. 5,000 rows take 20 seconds longer."""
IDLE_SECONDS: Final = 0.5
TIDY_SECONDS: Final = 3600
MOST_FAULTS: Final = 2_000
"""Faulty rows kept to be read and downloaded; more say the same."""
LINKS: Final = 50


class Worker:
    """One worker on one database and one store. `clock` is asked for the time at each step."""

    def __init__(self, engine: Engine, store: Store, base_url: str, clock: Callable[[], datetime]) -> None:
        self.engine = engine
        self.sessions = sessions(engine)
        self.store = store
        self.base_url = base_url
        self.clock = clock
        self._next_tidy = 0.0

    def run(self, stop: Callable[[], bool]) -> None:
        """Until told to stop; a chunk that has begun is finished."""
        while not stop():
            try:
                with exclusive(self.engine, LOCK, wait=False):
                    while not stop() and self.step(stop):
                        pass
                    self._tidy()
                time.sleep(IDLE_SECONDS)
            except Busy:
                time.sleep(5)
            except Exception:  # the database or the store is away: the import waits where it is
                log.exception("an import stumbled")
                time.sleep(5)

    def _tidy(self) -> None:
        if time.monotonic() < self._next_tidy:
            return
        with self.sessions.begin() as session:
            service.tidy(session, SYSTEM, self.store, self.clock())
        self._next_tidy = time.monotonic() + TIDY_SECONDS

    def step(self, stop: Callable[[], bool] = lambda: False) -> bool:
        """Work on the import that waits longest, to its end or until told to stop; False where none waits."""
        with read_only(self.sessions) as session:
            query = select(Import).where(Import.state.in_(WORKING)).order_by(Import.begun_at, Import.id).limit(1)
            one = session.scalar(query)
        if one is None:
            return False
        try:
            Run(self, one).work(stop)
        except Invalid as error:
            self._fail(one, str(error))
        return True

    def _fail(self, one: Import, sentence: str) -> None:
        with self.sessions.begin() as session:
            kept = session.get(Import, one.id)
            if kept is not None and kept.is_working:
                kept.problem = sentence
                service.end(session, SYSTEM, self.store, kept, "failed", self.clock())


class Run:
    """One run over one file: a check, or the real thing."""

    def __init__(self, worker: Worker, one: Import) -> None:
        self.worker = worker
        self.id, self.state, self.begun_at = one.id, one.state, one.begun_at
        self.one = one
        roles = Viewer(one.actor, "person", one.person_id, None, one.organisation_id, behalf_of=one.behalf_of)
        with read_only(worker.sessions) as session:
            firm = firm_of(session, one.organisation_id)
        self.taking = Taking(worker.sessions, Offering, OfferingRecord, "provider", firm)
        self.taking.begin(now=worker.clock(), viewer=roles, dry_run=self.state == "checking")

    def work(self, stop: Callable[[], bool]) -> None:
        """Raises Invalid where the file cannot be read."""
        try:
            raw = service.content(self.worker.store, self.one)
        except Unavailable as error:
            log.warning("import %s waits for its file: %s", self.one.ref, error)
            raise
        rows = list(service.plan(self.one).rows(raw))
        if len(rows) > MOST_ROWS:
            raise Invalid(N_("The table has more than 10,000 rows. Please split it."))
        if not rows:
            raise Invalid(N_("Below the first line there is no row."))
        left = iter(rows)
        done = list(islice(left, self.one.seen))
        self.taking.skip([row for row, _ in done])
        seen = len(done)
        while chunk := list(islice(left, CHUNK)):
            if stop():
                return
            seen += len(chunk)
            with exclusive(self.worker.engine, IMPORT):
                going = self._chunk(
                    [row for row, _ in chunk], {row.line: cells for row, cells in chunk}, len(rows), seen
                )
            if not going:
                return
            time.sleep(PAUSE_SECONDS)
        self._end()

    def _chunk(self, rows: list[Row], cells: dict[int, list[str]], total: int, seen: int) -> bool:
        """One transaction; False where somebody has begun anew or dropped the import meanwhile."""
        with self.worker.sessions.begin() as session:
            one = self._locked(session)
            if one is None:
                return False
            if self.taking.dry_run:
                trial = session.begin_nested()
                part = self.taking.take(session, rows)
                trial.rollback()
                session.expire_all()
                one = session.get_one(Import, self.id)
            else:
                self.taking.now = self.worker.clock()
                part = self.taking.take(session, rows)
            self._count(session, one, part, cells)
            one.rows, one.seen = total, seen
        return True

    def _locked(self, session: Session) -> Import | None:
        one = session.scalar(select(Import).where(Import.id == self.id).with_for_update())
        same = one is not None and (one.state, one.begun_at) == (self.state, self.begun_at)
        return one if same else None

    def _count(self, session: Session, one: Import, part: Report, cells: dict[int, list[str]]) -> None:
        one.created += part.created
        one.changed += part.changed
        one.unchanged += part.unchanged
        if not self.taking.dry_run and len(one.touched) < LINKS:
            one.touched = [*one.touched, *part.touched][:LINKS]
        for line in sorted(part.faults):
            if one.faulty < MOST_FAULTS:
                faults = [
                    {"column": f.column, "value": f.value, "message": f.message, "values": f.values}
                    for f in part.faults[line]
                ]
                session.add(FaultyRow(import_id=one.id, line=line, cells=cells.get(line, []), faults=faults))
            one.faulty += 1

    def _end(self) -> None:
        with self.worker.sessions.begin() as session:
            one = self._locked(session)
            if one is None:
                return
            if self.taking.dry_run:
                one.state = "checked"
                return
            now = self.worker.clock()
            letters.write_done(session, one, now, self.worker.base_url)
            service.end(session, self.taking.viewer, self.worker.store, one, "done", now)
