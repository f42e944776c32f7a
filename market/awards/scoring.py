"""How bids are scored: points for the price are computed, points for quality are agreed. Pure: numbers in, numbers out.

Price points are `weight x lowest / own`. A bid with a gap in what is compared has no sum to compare: it gets no points
for the price, and its price is not the lowest one. Who is out is neither scored nor compared.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import ceil
from typing import Final

BEST: Final = 10
"""The best score an evaluator gives; the worst is 0, steps are halves."""
APART: Final = Decimal(4)
"""Individual scores that lie so far apart need a reason for the one agreed on."""
FEWEST: Final = 4
"""Bidders from which on a rank band is told: among fewer it would name the others."""
BANDS: Final = ("upper", "middle", "lower")
_HUNDREDTH: Final = Decimal("0.01")


@dataclass(frozen=True)
class Measure:
    """One criterion; the weights of all make 100."""

    ref: str
    title: str
    weight: int
    is_price: bool = False


ONLY_PRICE: Final = (Measure("price", "", 100, is_price=True),)
"""Where a need names no criteria."""


@dataclass(frozen=True)
class Standing:
    """One bid in what is compared: the whole, or a lot."""

    bid: str
    sum: Decimal | None
    """None with a gap: not comparable."""
    is_out: bool
    price: Decimal | None
    """Points for the price; None where no criterion asks for it or the sum is not comparable."""
    quality: Mapping[str, Decimal]
    """Points by criterion, as far as they are agreed on."""
    total: Decimal | None
    """Of 100; None for who is out and while points are missing."""
    rank: int | None = None


def hundredths(value: Decimal) -> Decimal:
    return value.quantize(_HUNDREDTH, ROUND_HALF_UP)


def price_points(weight: int, lowest: Decimal, own: Decimal) -> Decimal:
    """All of the weight for the lowest price, half of it for twice the price."""
    return Decimal(weight) if own == lowest else hundredths(weight * lowest / own)


def quality_points(weight: int, score: Decimal) -> Decimal:
    """The share of the weight that the score is of the best one."""
    return hundredths(weight * score / BEST)


def needs_reason(scores: Collection[Decimal]) -> bool:
    """Whether evaluators differ so much that the agreed score has to be explained."""
    return bool(scores) and max(scores) - min(scores) >= APART


def stand(
    measures: Sequence[Measure],
    sums: Mapping[str, Decimal | None],
    agreed: Mapping[str, Mapping[str, Decimal]],
    out: Collection[str] = (),
) -> list[Standing]:
    """Every bid with its points, total and rank. `sums` by bid, `agreed` scores by bid and criterion."""
    compared = [amount for bid, amount in sums.items() if amount is not None and bid not in out]
    lowest = min(compared, default=None)
    found = [_one(measures, bid, amount, lowest, agreed.get(bid, {}), bid in out) for bid, amount in sums.items()]
    ranks = ranked({one.bid: one.total for one in found if one.total is not None})
    return [_with_rank(one, ranks.get(one.bid)) for one in found]


def _one(
    measures: Sequence[Measure],
    bid: str,
    amount: Decimal | None,
    lowest: Decimal | None,
    scores: Mapping[str, Decimal],
    is_out: bool,
) -> Standing:
    price: Decimal | None = None
    quality: dict[str, Decimal] = {}
    for measure in () if is_out else measures:
        if not measure.is_price:
            if measure.ref in scores:
                quality[measure.ref] = quality_points(measure.weight, scores[measure.ref])
        elif amount is not None and lowest is not None:
            price = (price or Decimal(0)) + price_points(measure.weight, lowest, amount)
    missing = [one for one in measures if not one.is_price and one.ref not in quality]
    total = None if is_out or missing else sum(quality.values(), price or Decimal(0))
    return Standing(bid, amount, is_out, price, quality, total)


def _with_rank(one: Standing, rank: int | None) -> Standing:
    return Standing(one.bid, one.sum, one.is_out, one.price, one.quality, one.total, rank)


def ranked(totals: Mapping[str, Decimal]) -> dict[str, int]:
    """1 for the highest total; equal totals share a rank, and the next one counts them all."""
    return {bid: 1 + sum(other > total for other in totals.values()) for bid, total in totals.items()}


def bands(ranks: Mapping[str, int]) -> dict[str, str]:
    """The third of the field each bid is in; nothing below four bidders."""
    if len(ranks) < FEWEST:
        return {}
    return {bid: BANDS[ceil(3 * rank / len(ranks)) - 1] for bid, rank in ranks.items()}
