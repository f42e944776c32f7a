"""Tonnes over time: what a delivery takes of a month, of a year, of a stream.

Whole kilograms, so that sums are exact. A month is its first day.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, TypeAlias

from market.i18n import N_
from market.values import first_of_month

Per: TypeAlias = Literal["once", "month"]
Stream: TypeAlias = Literal["once", "month", "year"]
TONNE = 1000
MOST_KG = 2_000_000 * TONNE
"""Two million tonnes: more than any stream of the region, and than a slip of the finger should make."""


@dataclass(frozen=True)
class Amount:
    """So many kilograms once between two days of one year, or in every month from the first day's to the last one's."""

    kg: int
    per: Per
    starts_on: date
    ends_on: date

    def by_month(self) -> dict[date, int]:
        """What is delivered once counts in the month it may begin."""
        if self.per == "once":
            return {month_of(self.starts_on): self.kg}
        return dict.fromkeys(months(self.starts_on, self.ends_on), self.kg)

    def by_year(self) -> dict[int, int]:
        return years(self.by_month())


def month_of(day: date) -> date:
    return first_of_month(day)


def next_month(month: date) -> date:
    return first_of_month(month, 1)


def months(first: date, last: date) -> Iterator[date]:
    """Every month two days lie in or between, in order."""
    month = month_of(first)
    while month <= last:
        yield month
        month = next_month(month)


def years(by_month: Mapping[date, int]) -> dict[int, int]:
    found: Counter[int] = Counter()
    for month, kg in by_month.items():
        found[month.year] += kg
    return dict(found)


def together(parts: Iterable[Mapping[date, int]]) -> dict[date, int]:
    """The sum by month."""
    found: Counter[date] = Counter()
    for part in parts:
        found.update(part)
    return dict(found)


def stream_of(quantity: float | None, unit: str, per: str) -> tuple[int, Stream] | None:
    """Kilograms of a stream and what they are counted over; None where it is not counted in tonnes or kilograms.

    A stream a week is counted over the month, 52 weeks being 12 months.
    """
    factor = {"TNE": TONNE, "KGM": 1}.get(unit)
    if quantity is None or factor is None:
        return None
    kg = round(quantity * factor)
    if per == "week":
        return kg * 52 // 12, "month"
    return kg, "month" if per == "month" else "year" if per == "year" else "once"


def taken(by_month: Mapping[date, int], over: Stream, since: date) -> int:
    """The most any month or year from `since` on takes; for a single lot all there is."""
    if over == "once":
        return sum(by_month.values())
    if over == "year":
        return max((kg for year, kg in years(by_month).items() if year >= since.year), default=0)
    return max((kg for month, kg in by_month.items() if month >= month_of(since)), default=0)


def kilograms(text: str) -> int:
    """What somebody wrote as tonnes: 12, 12,5, 12.5, 1 200. Raises ValueError with a sentence."""
    plain = re.sub(r"[\s\u00a0\u202f]|t$", "", text.strip())
    if re.fullmatch(r"\d{1,3}(\.\d{3})+,\d{1,3}", plain):
        plain = plain.replace(".", "")
    plain = plain.replace(",", ".")
    # 1.200 is twelve hundred to some and one and a bit to others.
    if not re.fullmatch(r"\d{1,7}(\.\d{1,3})?", plain) or ("." in text and re.fullmatch(r"\d+\.\d{3}", plain)):
        raise ValueError(N_("Write tonnes without a thousands mark, for example 1200 or 12.5."))
    kg = int(Decimal(plain) * TONNE)
    if not 0 <= kg <= MOST_KG:
        raise ValueError(N_("Write tonnes without a thousands mark, for example 1200 or 12.5."))
    return kg


def tonnes(kg: int) -> float:
    """For showing and for matching."""
    return kg / TONNE
