"""What fits a firm's offerings, for pages that must not wait: what comes late is kept for the next look."""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from market.matching.demand import Wanted, for_offering
from market.matching.service import Matcher, worth_a_look
from market.values import Language

log = logging.getLogger(__name__)

PATIENCE: Final = 0.3
"""Seconds a page waits for the search server, whatever there is to compare."""
KEPT: Final = 60.0
"""Seconds a comparison is good for."""
MOST: Final = 500
AT_ONCE: Final = 2

Key = tuple[int, Language]


@dataclass(frozen=True)
class Fitting:
    """Needs by offering, each best first; None for an offering that was not compared in time."""

    needs: Mapping[int, Sequence[Wanted] | None]

    @property
    def late(self) -> int:
        return sum(found is None for found in self.needs.values())

    @property
    def best(self) -> list[Wanted]:
        """Each need once, with the offering it fits best."""
        found: dict[str, Wanted] = {}
        for one in (one for wanted in self.needs.values() for one in wanted or ()):
            if one.ref not in found or found[one.ref].score < one.score:
                found[one.ref] = one
        return sorted(found.values(), key=lambda one: (-one.score, one.ref))


class Fits:
    """Comparisons of a process; used on its event loop only."""

    def __init__(self, matcher: Matcher) -> None:
        self.matcher = matcher
        self.kept: dict[Key, tuple[float, list[Wanted]]] = {}
        self.running: dict[Key, asyncio.Task[None]] = {}
        self.turns = asyncio.Semaphore(AT_ONCE)

    async def of(self, ids: Sequence[int], language: Language) -> Fitting:
        """Of these offerings, after `PATIENCE` at the latest."""
        keys: list[Key] = [(id_, language) for id_ in ids]
        missing = [self._look(key) for key in keys if self._fresh(key) is None]
        if missing:
            await asyncio.wait(missing, timeout=PATIENCE)
        return Fitting({key[0]: self._fresh(key) for key in keys})

    def _fresh(self, key: Key) -> list[Wanted] | None:
        at, found = self.kept.get(key, (0.0, []))
        return found if at and time.monotonic() - at < KEPT else None

    def _look(self, key: Key) -> asyncio.Task[None]:
        """The comparison, begun once; it goes on when nobody waits for it any more."""
        if key not in self.running:
            task = self.running[key] = asyncio.create_task(self._compare(key))
            task.add_done_callback(lambda _: self.running.pop(key, None))
        return self.running[key]

    async def _compare(self, key: Key) -> None:
        try:
            async with self.turns:
                found = await for_offering(self.matcher, *key)
        except Exception:
            log.exception("offering %s was not compared with the needs", key[0])
            return
        while len(self.kept) >= MOST:
            self.kept.pop(next(iter(self.kept)))
        self.kept.pop(key, None)
        self.kept[key] = time.monotonic(), worth_a_look([one for one in found if one.lacks is None])
