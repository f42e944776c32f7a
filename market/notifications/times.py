"""When a letter is due: at once, in the morning, on Monday morning; by the clocks of the region, summer and winter."""

from datetime import datetime, time, timedelta
from typing import Final

from market.i18n import N_
from market.values import ZONE

FREQUENCIES: Final[dict[str, str]] = {
    "instant": N_("At once"),
    "daily": N_("Once a day, in the morning"),
    "weekly": N_("Once a week, on Monday morning"),
    "off": N_("No letters"),
}
MORNING: Final = time(7)


def due(frequency: str, now: datetime) -> datetime | None:
    """The moment of the next letter; None where none is wanted."""
    if frequency == "off":
        return None
    if frequency == "instant":
        return now
    local = now.astimezone(ZONE)
    day = local.date() if local.time() < MORNING else local.date() + timedelta(days=1)
    if frequency == "weekly":
        day += timedelta(days=-day.weekday() % 7)
    return datetime.combine(day, MORNING, ZONE)
