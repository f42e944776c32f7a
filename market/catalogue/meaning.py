"""What longer or poorly answered questions are about: the official codes they speak of, and how nearly they name one.

The lists are read once a process, in the background; until then a question means nothing beyond its words.
"""

import asyncio
import logging
from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from market.db import Sessions, read_only
from market.taxonomy.suggest import Suggester, suggester
from market.values import LANGUAGES
from search.rerank import likeness
from search.thorough import Meaning

T = TypeVar("T")
log = logging.getLogger(__name__)

WAIT = 2.0
"""Seconds a question waits for lists that are being read: only the first after a start."""
CLOSE = 5
"""Codes whose labels are compared with the question."""
BEST = 0.7
"""Codes with this share of the best one's weight lend their labels."""


class Meanings:
    """Give it to `search.query.find`; called with the words typed."""

    def __init__(self, sessions: Sessions) -> None:
        self.sessions = sessions
        self._reading: asyncio.Task[None] | None = None

    def warm(self) -> None:
        """Begin to read the lists; does not wait."""
        if self._reading is None or self._failed():
            self._reading = asyncio.create_task(run_in_threadpool(self._with_session, _read))
            self._reading.add_done_callback(_tell_of_failure)

    def _failed(self) -> bool:
        reading = self._reading
        return reading is not None and reading.done() and (reading.cancelled() or reading.exception() is not None)

    async def close(self) -> None:
        if self._reading is not None:
            await asyncio.wait([self._reading])

    async def __call__(self, text: str) -> Meaning:
        self.warm()
        assert self._reading is not None
        await asyncio.wait([self._reading], timeout=WAIT)
        if not self._reading.done() or self._failed():
            return Meaning()
        try:
            return await run_in_threadpool(self._with_session, lambda session: meaning(suggester(session, "cpv"), text))
        except SQLAlchemyError:  # the index answers without the database, by the words alone
            return Meaning()

    def _with_session(self, read: Callable[[Session], T]) -> T:
        with read_only(self.sessions) as session:
            return read(session)


def _tell_of_failure(reading: asyncio.Task[None]) -> None:
    """One line in the log: searching goes on without the lists, and they are read again at the next question."""
    if not reading.cancelled() and (error := reading.exception()) is not None:
        log.warning("the lists of codes cannot be read: %s", str(error).partition("\n")[0])


def _read(session: Session) -> None:
    suggester(session, "cpv")


@lru_cache(maxsize=1024)
def meaning(codes: Suggester, text: str) -> Meaning:
    """Codes of a question with weights, how nearly it is the label of one, and the German labels of the best."""
    found = codes.vector(text)
    if not found:
        return Meaning()
    top = max(found.values())
    labels = [codes.label(code, "de") for code, weight in found.items() if weight >= BEST * top]
    named = [codes.label(code, language) for code in list(found)[:CLOSE] for language in LANGUAGES]
    return Meaning(found, max(likeness(text, label) for label in named), " ".join(labels))
