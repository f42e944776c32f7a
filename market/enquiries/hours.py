"""Working time: Monday to Friday, 8 am to 5 pm in the region. Night, weekend and the clock change count for nobody.

Public holidays count as working days: they differ on the two sides of the river.
"""

from datetime import date, datetime, time, timedelta
from typing import Final

from market.values import ZONE, local_day

OPENS, CLOSES = time(8), time(17)
DAY_MINUTES: Final = 9 * 60


def minutes_between(start: datetime, end: datetime) -> int:
    """Working minutes from one moment to a later one; 0 where none lies between."""
    if end <= start:
        return 0
    first, last = local_day(start), local_day(end)
    weeks, rest = divmod((last - first).days, 7)
    total = weeks * 5 * DAY_MINUTES
    total += sum(_weekday(first + timedelta(days=n)) for n in range(rest)) * DAY_MINUTES
    return total - _done(first, start) + _done(last, end)


def _weekday(day: date) -> bool:
    return day.weekday() < 5


def _done(day: date, moment: datetime) -> int:
    """Working minutes of the day that have passed by the moment."""
    if not _weekday(day):
        return 0
    now = moment.astimezone(ZONE)
    clock = now.hour * 60 + now.minute
    return min(max(clock - OPENS.hour * 60, 0), (CLOSES.hour - OPENS.hour) * 60)
