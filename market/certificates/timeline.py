"""How long what holds, as drawings: a row a certificate, persons of one type together. Numbers are their units."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Final

from market.certificates import labels
from market.certificates.models import Certificate
from market.i18n import N_, Words

TOP: Final = 34
BACK: Final = timedelta(days=183)
AHEAD: Final = timedelta(days=365)
FURTHEST: Final = timedelta(days=365 * 4)
INSIDE: Final = 130
"""A bar as long as this has room for its date."""
WORD: Final = 90
"""And for a word."""
YEAR, TODAY = 42, 46
"""Room their names take after and before their lines."""
CLASSES: Final = {
    "valid": "ok",
    "expiring": "soon",
    "waiting": "wait",
    "coming": "wait",
    "declined": "gone",
    "expired": "gone",
}


@dataclass(frozen=True)
class Sheet:
    """What is drawn on: a name of so many letters at most stands beside its bar, or above it where `left` is 0."""

    width: int
    left: int
    row: int
    name: int
    bar: int
    """From the top of a row to the foot of the name and to the top of the bar."""
    letters: int


SHEETS: Final = {"wide": Sheet(1150, 250, 34, 22, 9, 30), "narrow": Sheet(340, 0, 52, 18, 25, 40)}
"""The second is for phones."""


@dataclass(frozen=True)
class Bar:
    name: str
    style: str
    y: int
    name_y: int
    bar_y: int
    x: float
    width: float
    text: str
    text_x: float
    anchor: str
    text_style: str


@dataclass(frozen=True)
class Timeline:
    name: str
    width: int
    bars: list[Bar]
    years: list[tuple[float, str]]
    now: float
    height: int
    begins: date
    ends: date


def timelines(w: Words, held: list[Certificate], today: date) -> list[Timeline]:
    """The drawings of a wallet that is not empty, for each sheet."""
    return [_timeline(w, held, today, name, sheet) for name, sheet in SHEETS.items()]


def _timeline(w: Words, held: list[Certificate], today: date, sheet_name: str, sheet: Sheet) -> Timeline:
    ends = [c.valid_until for c in held if c.valid_until]
    begin = today - BACK
    end = min(max([today + AHEAD, *ends]) + timedelta(days=90), today + FURTHEST)
    scale = _Scale(sheet, begin, end)
    groups = [list(group) for _, group in groupby(sorted(held, key=_order), key=_together)]
    bars = [_bar(w, group, scale, today, TOP + sheet.row * place) for place, group in enumerate(groups)]
    starts = [(scale(date(year, 1, 1)), year) for year in range(begin.year + 1, end.year + 1)]
    # The word for today stands before its line: a year that would run into it keeps only its own line.
    years = [(x, "" if 0 < scale(today) - x < YEAR + TODAY else str(year)) for x, year in starts]
    height = TOP + sheet.row * len(groups) + 8
    return Timeline(sheet_name, sheet.width, bars, years, scale(today), height, begin, end)


class _Scale:
    def __init__(self, sheet: Sheet, begin: date, end: date) -> None:
        self.sheet, self.begin, self.end = sheet, begin, end

    def __call__(self, day: date) -> float:
        inside = min(max(day, self.begin), self.end)
        left, width = self.sheet.left, self.sheet.width
        return round(left + (width - left) * (inside - self.begin).days / (self.end - self.begin).days, 1)


def _order(certificate: Certificate) -> tuple[bool, str, date, int]:
    end = certificate.valid_until or date.max
    return certificate.is_private, certificate.type if certificate.is_private else "", end, certificate.id


def _together(certificate: Certificate) -> tuple[str, int]:
    return (certificate.type, 0) if certificate.is_private else ("", certificate.id)


def _bar(w: Words, group: list[Certificate], scale: _Scale, today: date, y: int) -> Bar:
    """One certificate, or persons of one type by the one that ends first."""
    first = group[0]
    style = CLASSES[first.standing(today)]
    name = labels.title(w, first)
    if first.is_private:
        persons = w.ngettext("%(num)s person", "%(num)s persons", len(group)) % {"num": len(group)}
        name = f"{labels.chip(w, first.type)}, {persons}"
    x = scale(first.valid_from or scale.begin) if style == "wait" else scale.sheet.left
    x = min(x, scale(first.valid_until or scale.end))
    right = scale(first.valid_until or scale.end)
    width = max(right - x, 6)
    said = w(N_("expired")) if first.standing(today) == "expired" else ""
    said = said or (w(N_("not taken")) if first.state == "declined" else "")
    said = said or (w.day(first.valid_until) if first.valid_until else w(N_("no end")))
    fits = width >= (INSIDE if style != "gone" else WORD)
    at = (right - 8, "end", style) if fits and style != "soon" else (right + 8, "start", "out")
    if at[0] > scale.sheet.width - WORD and at[1] == "start":
        at = (x + 8, "start", "dark")
    letters = scale.sheet.letters
    short = name if len(name) <= letters else f"{name[: letters - 1].rstrip()}…"
    return Bar(
        short,
        style,
        y,
        y + scale.sheet.name,
        y + scale.sheet.bar,
        x,
        round(width, 1),
        said,
        round(at[0], 1),
        at[1],
        at[2],
    )
