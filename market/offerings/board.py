"""The dated slots of a rail offering as a board of one week: days across, time windows down."""

from dataclasses import dataclass
from datetime import date, timedelta

from market.offerings.slots import RailSlot


@dataclass(frozen=True)
class Board:
    """One week of slots. `before` and `after` name the neighbouring weeks that have slots, as `2026-W49`."""

    number: int
    days: list[date]
    windows: list[str]
    slots: dict[tuple[date, str], RailSlot]
    before: str | None
    after: str | None

    @property
    def name(self) -> str:
        return name(self.days[0])


def board(slots: list[RailSlot], wanted: str | None, today: date) -> Board | None:
    """The week asked for, else the first with a coming slot; None where nothing is coming."""
    coming = [slot for slot in slots if slot.day >= today]
    weeks = sorted({monday(slot.day) for slot in coming})
    if not weeks:
        return None
    chosen = next((week for week in weeks if name(week) == wanted), weeks[0])
    place = weeks.index(chosen)
    shown = [slot for slot in coming if monday(slot.day) == chosen]
    return Board(
        number=chosen.isocalendar().week,
        days=[chosen + timedelta(days=offset) for offset in range(7)],
        windows=sorted({slot.window for slot in shown}),
        slots={(slot.day, slot.window): slot for slot in shown},
        before=name(weeks[place - 1]) if place else None,
        after=name(weeks[place + 1]) if place + 1 < len(weeks) else None,
    )


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def name(week: date) -> str:
    """`2026-W49` of the week a day lies in."""
    year, number, _ = week.isocalendar()
    return f"{year}-W{number:02}"
