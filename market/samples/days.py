"""Working days in Brandenburg: Monday to Friday without public holidays."""

from datetime import date, timedelta
from functools import lru_cache

import holidays


@lru_cache(maxsize=64)
def _public_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("DE", subdiv="BB", years=year))


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and day not in _public_holidays(day.year)


def after(day: date, count: int) -> date:
    """The working day so many working days after `day`; for none the day itself, or the next one that is worked."""
    found = day
    while count or not is_working_day(found):
        found += timedelta(days=1)
        if count and is_working_day(found):
            count -= 1
    return found
