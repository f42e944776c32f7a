"""The same thing tried by many at the same moment, round after round, by the same threads."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T, R = TypeVar("T"), TypeVar("R")
TRIES = 20


def at_once(rounds: int, prepare: Callable[[], T], attempt: Callable[[T], R]) -> list[list[R]]:
    """What TRIES attempts on each prepared thing brought, a list a round. Raises what an attempt raises."""
    gate = threading.Barrier(TRIES, timeout=60)

    def one(thing: T) -> R:
        gate.wait()
        return attempt(thing)

    with ThreadPoolExecutor(TRIES) as pool:
        return [list(pool.map(one, [prepare()] * TRIES)) for _ in range(rounds)]
