"""Slow work of other systems (virus scanner, file store): no transaction and no thread of the pages waits for it.

A view asks for it where it needs it (`Call.outside`). The first time its transaction is rolled back, the work is done
on threads of its own, and the view begins anew and finds the result. So nobody makes us work who may not do what he
asks, and the one writer of SQLite and the connections of PostgreSQL wait for no other system.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from typing import Any, Protocol, TypeVar

from sqlalchemy import event
from sqlalchemy.orm import Session

from market.errors import Unavailable
from market.web import threads

T = TypeVar("T")


class Wanted(Exception):
    """Raised inside a view for work that is not done yet; only the endpoint catches it."""

    def __init__(self, name: str, work: Callable[[], object], undo: Callable[[Any], None] | None) -> None:
        super().__init__(name)
        self.name, self.work, self.undo = name, work, undo


class Doer(Protocol):
    """How a service has slow work done: `Call.outside` in a request, `at_once` elsewhere."""

    def __call__(self, name: str, work: Callable[[], T], undo: Callable[[T], None] | None = None) -> T: ...


def at_once(name: str, work: Callable[[], T], undo: Callable[[T], None] | None = None) -> T:
    """Without a request nobody waits for the transaction."""
    return work()


class Outside:
    """What one request has had done outside, by name."""

    def __init__(self) -> None:
        self._found: dict[str, object] = {}
        self._undo: list[Callable[[], None]] = []

    def get(self, name: str, work: Callable[[], T], undo: Callable[[T], None] | None) -> T:
        """The result of `work`, or what it raised. Raises Wanted where it is not there yet."""
        if name not in self._found:
            raise Wanted(name, work, undo)
        found = self._found[name]
        if isinstance(found, Exception):
            raise found
        return found  # type: ignore[return-value]  # the same name, the same work

    async def bring(self, wanted: Wanted) -> None:
        try:
            found = await threads.outside(wanted.work)
        except Exception as error:  # the view decides what it means
            self._found[wanted.name] = error
            return
        self._found[wanted.name] = found
        if (undo := wanted.undo) is not None:
            self._undo.append(lambda: undo(found))

    async def end(self) -> None:
        """The request is over: each result is told, and may undo what nothing came of."""
        for undo in self._undo:
            with suppress(Unavailable):
                await threads.outside(undo)


class Afterwards:
    """What a change leaves to be done once it is certain, after the answer has gone out."""

    def __init__(self) -> None:
        self.jobs: list[Callable[[], None]] = []

    def follow(self, session: Session) -> None:
        session.info["afterwards"] = self.jobs

    async def work(self) -> None:
        for job in self.jobs:
            await threads.outside(job)


def after_commit(session: Session, job: Callable[[], None]) -> None:
    """Have it done once the transaction is certain: after the answer in a request, at once elsewhere."""
    jobs: list[Callable[[], None]] | None = session.info.get("afterwards")
    when_certain(session, job if jobs is None else lambda: jobs.append(job))


def when_certain(session: Session, step: Callable[[], None]) -> None:
    """Take a short step with the commit of the whole transaction; the end of a savepoint makes nothing certain."""
    over = False

    def ended(session: Session, committed: bool) -> None:
        nonlocal over
        if not over and not session.in_nested_transaction():
            over = True
            if committed:
                step()

    event.listen(session, "after_commit", lambda session: ended(session, True))
    event.listen(session, "after_rollback", lambda session: ended(session, False))


async def in_pieces(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """What another system sends, piece by piece, without a thread of the pages waiting for it."""
    while piece := await threads.outside(lambda: next(pieces, b"")):
        yield piece
