"""Limits of time on a machine that may hold its breath once: lateness counts when it repeats."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
TRIES = 3


def within(seconds: float, ask: Callable[[], T]) -> T:
    """What was asked for, in time."""
    for _ in range(TRIES):
        began = time.monotonic()
        answer = ask()
        if time.monotonic() - began < seconds:
            return answer
    raise AssertionError(f"later than {seconds} s, {TRIES} times")


def holds(measure: Callable[[], T], fine: Callable[[T], bool]) -> None:
    """The measured is as it should be, in one of a few tries."""
    found = []
    for _ in range(TRIES):
        found.append(measure())
        if fine(found[-1]):
            return
    raise AssertionError(f"measured {found}")
