"""Quality over price as a drawing: the price is an axis, not an opinion. Pure numbers for an SVG."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from market.awards.cases import Case

LEFT, TOP, RIGHT, BOTTOM = 58, 20, 620, 348
TICKS: Final = 5


@dataclass(frozen=True)
class Dot:
    x: int
    y: int
    name: str
    sum: Decimal
    quality: Decimal
    total: Decimal
    is_best: bool
    before: bool
    """Its name stands left of it, where there is more room."""


@dataclass(frozen=True)
class Plot:
    dots: list[Dot]
    across: list[tuple[int, Decimal]]
    upward: list[tuple[int, Decimal]]


def plot(case: Case, lot: str | None) -> Plot | None:
    """None without quality to show, or without two bids that can be compared."""
    most = Decimal(sum(one.weight for one in case.judged))
    full = [one for one in case.standings(lot) if one.total is not None and one.sum is not None]
    if not most or len(full) < 2:
        return None
    sums = [one.sum for one in full if one.sum is not None]
    low, high = min(sums), max(sums)
    room = (high - low) / 10 or high / 10 or Decimal(1)
    low, high = low - room, high + room
    names = {offer.bid: offer.name for offer in case.grid.offers}
    dots = []
    for one in full:
        assert one.sum is not None
        assert one.total is not None
        quality = sum(one.quality.values(), Decimal(0))
        x, y = _x(one.sum, low, high), _y(quality, most)
        middle = (LEFT + RIGHT) // 2
        dots.append(Dot(x, y, names[one.bid], one.sum, quality, one.total, one.rank == 1, x > middle))
    across = [low + (high - low) * step / TICKS for step in range(TICKS + 1)]
    upward = [most * step / TICKS for step in range(TICKS + 1)]
    return Plot(dots, [(_x(at, low, high), at) for at in across], [(_y(at, most), at) for at in upward])


def _x(value: Decimal, low: Decimal, high: Decimal) -> int:
    return round(LEFT + (RIGHT - LEFT) * (value - low) / (high - low))


def _y(value: Decimal, most: Decimal) -> int:
    return round(BOTTOM - (BOTTOM - TOP) * value / most)
