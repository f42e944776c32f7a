"""Moments as people write them, a day and a time on the region's clocks; and when offices are open.

Twice a year an hour is missing or comes twice. A deadline in it would mean nothing or two things, so it is refused.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from market.i18n import N_
from market.values import ZONE

OPENS, CLOSES = time(8), time(17)
NOT_THERE: Final = N_("This time does not exist: the clocks go forward that night. Choose another one.")
TWICE: Final = N_("This time comes twice: the clocks go back that night. Choose another one.")
NO_TIME: Final = N_("Write the time with hours and minutes, for example 12:00.")


def clock(text: str) -> time:
    """`12:00`, `9.30`, `12`. Raises ValueError with a sentence."""
    found = re.fullmatch(r"([01]?\d|2[0-3])(?:[:.]([0-5]\d))?(?:\s*(?:Uhr|h))?", text.strip())
    if found is None:
        raise ValueError(NO_TIME)
    return time(int(found[1]), int(found[2] or 0))


def moment(day: date, at: time) -> datetime:
    """The moment on the region's clocks, in UTC. Raises ValueError with a sentence for an hour there is not once."""
    first = datetime.combine(day, at, ZONE)
    if first.astimezone(UTC).astimezone(ZONE).replace(tzinfo=None) != datetime.combine(day, at):
        raise ValueError(NOT_THERE)
    if first.utcoffset() != first.replace(fold=1).utcoffset():
        raise ValueError(TWICE)
    return first.astimezone(UTC)


def shifted(old: datetime, days: int) -> datetime:
    """The same time of day so many days later; where that is not there once, an hour later."""
    local = old.astimezone(ZONE)
    try:
        return moment(local.date() + timedelta(days=days), local.time())
    except ValueError:
        return moment(local.date() + timedelta(days=days), (local + timedelta(hours=1)).time())


def in_business_hours(when: datetime) -> bool:
    local = when.astimezone(ZONE)
    return local.weekday() < 5 and OPENS <= local.time() <= CLOSES


def as_day_and_time(when: datetime | None) -> tuple[str, str]:
    """As the two fields of a form."""
    if when is None:
        return "", ""
    local = when.astimezone(ZONE)
    return local.date().isoformat(), local.strftime("%H:%M")
