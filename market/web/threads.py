"""Where work waits that would hold up the event loop: so many pieces of each sort at once, the others without a thread.

Pages that read have the forty of the server. Threads of one process take turns anyway, and whoever holds a lock of the
database must not be one of forty in that turn: a hundred bids in the last minute came in ten seconds each that way,
and come in one to two with four at a time. Slow systems have threads of their own, so that nobody else waits for them.
"""

from collections.abc import Callable
from typing import Final, TypeVar

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar

T = TypeVar("T")

WRITERS: Final = 4
"""Requests that change something."""
OUTSIDE: Final = 16
"""Pieces of work of other systems."""

# Each belongs to the event loop that runs.
_writers: RunVar[CapacityLimiter] = RunVar("market_writers")
_outside: RunVar[CapacityLimiter] = RunVar("market_outside")


async def writing(work: Callable[[], T]) -> T:
    return await to_thread.run_sync(work, limiter=_of(_writers, WRITERS))


async def outside(work: Callable[[], T]) -> T:
    return await to_thread.run_sync(work, limiter=_of(_outside, OUTSIDE))


def _of(kept: RunVar[CapacityLimiter], many: int) -> CapacityLimiter:
    limiter = kept.get(None)
    if limiter is None:
        limiter = CapacityLimiter(many)
        kept.set(limiter)
    return limiter
