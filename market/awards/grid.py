"""Items x bidders: what each asks for, what is missing, sums per lot and for the whole. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from market.bids.terms import amount

PERMILLE: Final = Decimal("0.1")


@dataclass(frozen=True)
class Part:
    """A lot, as far as the grid knows it."""

    ref: str
    place: int
    title: str


@dataclass(frozen=True)
class Row:
    """An item: what is priced."""

    ref: str
    title: str
    quantity: Decimal
    unit: str
    lot: str = ""
    optional: bool = False
    """Shown, but in no sum: whoever leaves it out has no gap."""


@dataclass(frozen=True)
class Offer:
    """What one bidder asks for. `lots` are those bid for; none in a need without lots."""

    bid: str
    name: str
    prices: Mapping[str, Decimal]
    lots: frozenset[str] = frozenset()

    def covers(self, row: Row) -> bool:
        return not row.lot or row.lot in self.lots


@dataclass(frozen=True)
class Cell:
    """Price of one item. `state` is `priced`, `gap` (in a lot that is bid for) or `aside` (in one that is not)."""

    state: str
    price: Decimal | None = None
    amount: Decimal | None = None
    """Price times quantity, in cents."""
    best: bool = False


@dataclass(frozen=True)
class Sum:
    """Of a lot or the whole: what is priced, and how many lines are missing."""

    amount: Decimal
    gaps: int
    bids: bool
    """Something of it is bid for."""
    best: bool = False
    above: Decimal | None = None
    """Percent above the best comparable sum."""

    @property
    def comparable(self) -> Decimal | None:
        return self.amount if self.bids and not self.gaps else None


@dataclass(frozen=True)
class Section:
    lot: Part | None
    rows: Sequence[tuple[Row, Sequence[Cell]]]
    sums: Sequence[Sum]


@dataclass(frozen=True)
class Grid:
    offers: Sequence[Offer]
    sections: Sequence[Section]
    totals: Sequence[Sum]

    def sums_of(self, lot: str | None) -> dict[str, Decimal | None]:
        """By bid, the sum that can be compared: of a lot, or (None) of the whole."""
        sums = self.totals
        if lot is not None:
            sums = next(section.sums for section in self.sections if section.lot and section.lot.ref == lot)
        return {offer.bid: one.comparable for offer, one in zip(self.offers, sums, strict=True)}

    def bidders_of(self, lot: str) -> set[str]:
        """Bids that say something about a lot."""
        section = next(section for section in self.sections if section.lot and section.lot.ref == lot)
        return {offer.bid for offer, one in zip(self.offers, section.sums, strict=True) if one.bids}

    def cell(self, item: str, bid: str) -> Cell:
        place = [offer.bid for offer in self.offers].index(bid)
        return next(cells[place] for section in self.sections for row, cells in section.rows if row.ref == item)


def build(parts: Sequence[Part], rows: Sequence[Row], offers: Sequence[Offer]) -> Grid:
    """The grid in the order of lots and items; what belongs to no lot stands first."""
    sections = []
    for lot in (None, *parts):
        own = [row for row in rows if row.lot == (lot.ref if lot else "")]
        if own or lot:
            sections.append(Section(lot, [(row, _cells(row, offers)) for row in own], _sums(own, offers)))
    return Grid(offers, sections, _sums(rows, offers, whole=True))


def _cells(row: Row, offers: Sequence[Offer]) -> list[Cell]:
    prices = [offer.prices.get(row.ref) if offer.covers(row) else None for offer in offers]
    best = min((price for price in prices if price is not None), default=None)
    return [
        Cell("priced", price, amount(row.quantity, price), price == best)
        if price is not None
        else Cell("gap" if offer.covers(row) else "aside")
        for offer, price in zip(offers, prices, strict=True)
    ]


def _sums(rows: Sequence[Row], offers: Sequence[Offer], *, whole: bool = False) -> list[Sum]:
    plain = [_sum(rows, offer, whole=whole) for offer in offers]
    best = min((one.comparable for one in plain if one.comparable is not None), default=None)
    return [_beside(one, best) for one in plain]


def _sum(rows: Sequence[Row], offer: Offer, *, whole: bool) -> Sum:
    """For the whole a lot that is not bid for is a gap; for a lot itself it is no bid."""
    counted = [row for row in rows if not row.optional]
    own = [row for row in counted if offer.covers(row)]
    asked = counted if whole else own
    priced = [row for row in own if row.ref in offer.prices]
    total = sum((amount(row.quantity, offer.prices[row.ref]) for row in priced), Decimal(0))
    return Sum(total, len(asked) - len(priced), bool(own))


def _beside(one: Sum, best: Decimal | None) -> Sum:
    value = one.comparable
    if value is None or best is None:
        return one
    above = ((value / best - 1) * 100).quantize(PERMILLE, ROUND_HALF_UP) if best and value != best else None
    return Sum(one.amount, one.gaps, one.bids, value == best, above)
