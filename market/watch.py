"""Asks the marketplace again and again whether it answers, as people reach it, and keeps the health log.

It walks beside the relay, in a thread of its own. What could not be written, because the database was the part that was
away, is written as soon as it is back.
"""

import io
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

import httpx2
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from market import uptime
from market.db import sessions
from market.errors import Unavailable
from market.files.stores import Store

log = logging.getLogger("market.watch")

EVERY_SECONDS: Final = 15.0
PATIENCE: Final = 5.0
"""Seconds an answer may take."""
TIDIED_EVERY: Final = timedelta(days=1)
PROBE: Final = "health-probe"


class Watch:
    """One watcher. `asked` are the parts, each a question that raises where there is no answer."""

    def __init__(self, engine: Engine, store: Store, base_url: str, clock: Callable[[], datetime]) -> None:
        self.sessions, self.store, self.base_url, self.clock = sessions(engine), store, base_url, clock
        self.asked = {"database": self._database, "files": self._files}
        self.unwritten: dict[datetime, set[str]] = {}
        self._tidied: datetime | None = None

    def run(self, stop: Callable[[], bool]) -> None:
        following = 0.0
        while not stop():
            if time.monotonic() >= following:
                following = time.monotonic() + EVERY_SECONDS
                self.look()
            time.sleep(0.2)

    def look(self) -> set[str]:
        """One round. What is away is noted for the minutes in which it began and ended, and for none between: a
        machine that slept meanwhile has watched nothing."""
        begun = self.clock()
        away = self._site() | {name for name, ask in self.asked.items() if not _answers(name, ask)}
        for at in {uptime.minute_of(begun), uptime.minute_of(self.clock())}:
            self.unwritten.setdefault(at, set()).update(away)
        self._write(begun)
        return away

    def _write(self, now: datetime) -> None:
        try:
            with self.sessions.begin() as session:
                for at, away in self.unwritten.items():
                    uptime.note(session, at, away)
                if self._tidied is None or now - self._tidied > TIDIED_EVERY:
                    uptime.tidy(session, now)
                    self._tidied = now
        except SQLAlchemyError:
            log.warning("the health log takes no line; it is kept until it does")
        else:
            self.unwritten.clear()

    def _site(self) -> set[str]:
        """`web` where the pages are not ready, which takes their database, too; `keys` where the web process says that
        it does not reach the key process, which on other machines nobody else does."""
        try:
            answer = httpx2.get(f"{self.base_url}/readyz", timeout=PATIENCE, trust_env=False)
        except httpx2.HTTPError as fault:
            _tell("web", fault)
            return {"web"}
        away = set()
        if not answer.is_success:
            _tell("web", f"status {answer.status_code}")
            away.add("web")
        with suppress(ValueError, LookupError, TypeError):  # where it does not say, nothing is known
            if answer.json()["keys"]["state"] != "ok":
                _tell("keys", "the web process does not reach it")
                away.add("keys")
        return away

    def _database(self) -> None:
        with self.sessions() as session:
            session.execute(text("select 1"))

    def _files(self) -> None:
        self.store.put(PROBE, io.BytesIO(b"probe"))
        for _ in self.store.read(PROBE):
            pass


def _answers(name: str, ask: Callable[[], None]) -> bool:
    try:
        ask()
    except (SQLAlchemyError, Unavailable) as fault:
        _tell(name, fault)
        return False
    return True


def _tell(name: str, fault: object) -> None:
    log.warning("%s does not answer: %s", name, str(fault).partition("\n")[0])
