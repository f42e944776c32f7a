"""How long what holds, as a drawing: a row a certificate, persons of one type together. Numbers are its units."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Final

from market.certificates import labels
from market.certificates.models import Certificate
from market.i18n import N_, Words

WIDTH: Final = 1150
LEFT: Final = 250
ROW: Final = 34
TOP: Final = 34
BACK: Final = timedelta(days=183)
AHEAD: Final = timedelta(days=365)
FURTHEST: Final = timedelta(days=365 * 4)
NAME: Final = 30
INSIDE: Final = 130
"""A bar as long as this has room for its date."""
WORD: Final = 90
"""And for a word."""
CLASSES: Final = {
    "valid": "ok",
    "expiring": "soon",
    "waiting": "wait",
    "coming": "wait",
    "declined": "gone",
    "expired": "gone",
}


@dataclass(frozen=True)
class Bar:
    name: str
    style: str
    y: int
    x: float
    width: float
    text: str
    text_x: float
    anchor: str
    text_style: str


@dataclass(frozen=True)
class Timeline:
    bars: list[Bar]
    years: list[tuple[float, str]]
    now: float
    height: int
    begins: date
    ends: date


def timeline(w: Words, held: list[Certificate], today: date) -> Timeline:
    """The drawing of a wallet that is not empty."""
    ends = [c.valid_until for c in held if c.valid_until]
    begin = today - BACK
    end = min(max([today + AHEAD, *ends]) + timedelta(days=90), today + FURTHEST)
    scale = _Scale(begin, end)
    groups = [list(group) for _, group in groupby(sorted(held, key=_order), key=_together)]
    bars = [_bar(w, group, scale, today, TOP + ROW * place) for place, group in enumerate(groups)]
    years = [(scale(date(year, 1, 1)), str(year)) for year in range(begin.year + 1, end.year + 1)]
    return Timeline(bars, years, scale(today), TOP + ROW * len(groups) + 8, begin, end)


class _Scale:
    def __init__(self, begin: date, end: date) -> None:
        self.begin, self.end = begin, end

    def __call__(self, day: date) -> float:
        inside = min(max(day, self.begin), self.end)
        return round(LEFT + (WIDTH - LEFT) * (inside - self.begin).days / (self.end - self.begin).days, 1)


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
    x = scale(first.valid_from or scale.begin) if style == "wait" else LEFT
    x = min(x, scale(first.valid_until or scale.end))
    right = scale(first.valid_until or scale.end)
    width = max(right - x, 6)
    said = w(N_("expired")) if first.standing(today) == "expired" else ""
    said = said or (w(N_("not taken")) if first.state == "declined" else "")
    said = said or (w.day(first.valid_until) if first.valid_until else w(N_("no end")))
    fits = width >= (INSIDE if style != "gone" else WORD)
    at = (right - 8, "end", style) if fits and style != "soon" else (right + 8, "start", "out")
    if at[0] > WIDTH - 90 and at[1] == "start":
        at = (x + 8, "start", "dark")
    short = name if len(name) <= NAME else f"{name[: NAME - 1].rstrip()}…"
    return Bar(short, style, y, x, round(width, 1), said, round(at[0], 1), at[1], at[2])
