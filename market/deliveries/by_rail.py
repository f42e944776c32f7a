"""When residual material could go by rail: enough tonnes for wagons, and a siding within reach of both ends.

Pure functions. More tonnes never take the suggestion away, and a siding farther off never brings it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from math import ceil
from typing import Final

WAGON_T: Final = 60.0
"""Load of an open wagon with four axles: what the letter n of the class Eanos stands for (Rail Cargo Group, "The open
freight wagon", 2 October 2018, https://blog.railcargo.com/en/artikel/power-auf-rädern-start-der-wagenserie/der-offene-güterwagen)."""
AXLES: Final = 4
TARE_T: Final = 25.0
"""Of such a wagon, rounded up. Our own assumption."""
GROUP: Final = 5
"""Wagons a week from which a locomotive comes for them. Our own assumption: it is a price, and nobody publishes his."""
REACH_KM: Final = 10.0
"""How far a siding may lie from where the material is or goes. Our own assumption."""
LEAST_T: Final = GROUP * WAGON_T * 52 / 12
"""Tonnes a month for a group of wagons every week, 52 weeks being 12 months: 1,300."""


@dataclass(frozen=True)
class Siding:
    """A track where wagons are loaded, as far as it lies from one end."""

    offering_id: int
    km: float
    gauge_mm: int = 1435
    axle_load_t: float | None = None

    @property
    def load_t(self) -> float:
        """What a wagon may carry here; without a stated axle load what it carries anywhere."""
        return WAGON_T if self.axle_load_t is None else min(WAGON_T, AXLES * self.axle_load_t - TARE_T)


@dataclass(frozen=True)
class Way:
    """The suggestion: so many wagons with so many tonnes each, from one siding to the other."""

    wagons: int
    load_t: float
    here: Siding
    there: Siding


def suggested(tonnes: float, km: float, here: Iterable[Siding], there: Iterable[Siding]) -> Way | None:
    """The way by rail for so many tonnes a month (or once) between two ends so far apart; None where there is none.

    Ends no farther apart than the reach of two sidings are left to lorries, which would have to go as far to the
    sidings. So both sidings are never the same.
    """
    if tonnes < LEAST_T or km <= 2 * REACH_KM:
        return None
    pairs = [
        (one, other)
        for one, other in product(_within_reach(here), _within_reach(there))
        if one.gauge_mm == other.gauge_mm and min(one.load_t, other.load_t) > 0
    ]
    if not pairs:
        return None
    one, other = min(pairs, key=lambda pair: (pair[0].km + pair[1].km, pair[0].offering_id, pair[1].offering_id))
    load = min(one.load_t, other.load_t)
    return Way(ceil(tonnes / load), load, one, other)


def _within_reach(sidings: Iterable[Siding]) -> list[Siding]:
    return [siding for siding in sidings if siding.km <= REACH_KM]
