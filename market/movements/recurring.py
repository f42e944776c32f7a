"""The days of a weekly pattern, and the slot of each."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.accounts.models import Organisation
from market.movements import service
from market.offerings.slots import RailSlot

MOST: Final = 60
"""Days of one recurring request."""


@dataclass(frozen=True)
class Occurrence:
    """One day of the pattern: its slot where there is one, and why it cannot be asked for where it cannot."""

    day: date
    slot: RailSlot | None
    why: str = ""


def days(first: date, weekdays: Collection[int], until: date) -> list[date]:
    """The first day and every later one on these weekdays (0 = Monday) until the last, at most `MOST`."""
    span = (until - first).days
    later = [first + timedelta(days=n) for n in range(1, min(span, 7 * MOST) + 1)]
    return [first, *(day for day in later if day.weekday() in weekdays)][:MOST]


def occurrences(
    session: Session, slot: RailSlot, wanted: Sequence[date], organisation: Organisation, wagons: int, now: datetime
) -> list[Occurrence]:
    """The slot of the same offering, window and (of an empty run) way on each day."""
    query = select(RailSlot).where(
        RailSlot.offering_id == slot.offering_id,
        RailSlot.window == slot.window,
        RailSlot.origin == slot.origin,
        RailSlot.destination == slot.destination,
        RailSlot.day.in_(wanted),
    )
    found = {one.day: one for one in session.scalars(query)}
    listed = []
    for day in wanted:
        one = found.get(day)
        why = "no_slot" if one is None else service.obstacle(one, organisation, wagons, now)
        listed.append(Occurrence(day, one, why))
    return listed
