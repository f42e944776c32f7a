"""The address of a search and what it asks for, both ways; the same for the page and the JSON API.

The whole state is in the address. What cannot be understood is told at its field, kept as typed and left
out of the query; programs are refused instead (`market.api`). Nobody else reads or writes these parameters.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final, TypeVar

from starlette.datastructures import QueryParams

from market.i18n import N_
from market.taxonomy import certificates, codes, occupations, trades
from market.taxonomy.places import Gazetteer
from market.values import KINDS, day_number, from_day_number, readable
from search.criteria import Criteria
from search.documents import INDEXES, IndexName
from search.geo import Near

T = TypeVar("T")

PER_PAGE: Final = 10
PAGES: Final = 100
"""Further nobody turns pages; a program asks for more at once."""
RADII: Final = (10, 25, 50, 100)
MAX_RADIUS: Final = 500
MAX_VALUES: Final = 20
MAX_TEXT: Final = 200
BANDS: Final = ("1-9", "10-49", "50-249", "250+")
SORTS: Final[dict[IndexName, tuple[str, ...]]] = {
    "offerings": ("", "distance", "available", "price", "newest"),
    "providers": ("", "distance", "available", "newest"),
    "needs": ("", "deadline", "distance", "newest"),
}
DIRECTIONS: Final = ("available", "wanted")
PROCEDURES: Final = ("information", "quotation", "tender", "call_off")


@dataclass(frozen=True)
class Wrong:
    """A value that was not understood: a message id with its values, and what may be meant."""

    message: str
    values: Mapping[str, str]
    suggestions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asked:
    """What an address asks for. `typed` keeps dates and place as written, for the fields of the form."""

    tab: IndexName
    criteria: Criteria
    typed: Mapping[str, str] = field(default_factory=dict)
    wrong: Mapping[str, Wrong] = field(default_factory=dict)

    @property
    def place(self) -> str:
        return self.typed.get("near", "")

    def change(self, **changes: Any) -> "Asked":
        """The same question with other criteria, from the first page; the written place follows `near`."""
        changed = replace(self.criteria, page=changes.pop("page", 1), **changes)
        typed = dict(self.typed) if changed.near is not None else {k: v for k, v in self.typed.items() if k != "near"}
        return Asked(self.tab, changed, typed)

    def on(self, tab: IndexName) -> "Asked":
        """The same question on another tab; an order that tab does not know is dropped."""
        sort = self.criteria.sort if self.criteria.sort in SORTS[tab] else ""
        return replace(self.change(sort=sort), tab=tab)

    def address(self) -> dict[str, Any]:
        """The parameters in a fixed order, without what says nothing: equal questions, equal addresses."""
        c = self.criteria
        return {
            "q": c.q,
            "tab": self.tab if self.tab != "offerings" else None,
            "kind": list(c.kinds),
            "trade": list(c.trades),
            "cpv": list(c.cpv),
            "ewc": list(c.ewc),
            "direction": list(c.directions),
            "occupation": list(c.occupations),
            "near": self.place if c.near is not None else None,
            "radius_km": _plain(c.radius_km) if c.near is not None and c.radius_km else None,
            "certificate": list(c.certificates),
            "valid_on": _iso(c.valid_on),
            "verified": "1" if c.verified else None,
            "language": list(c.languages),
            "available_by": _iso(c.available_by),
            "employees": list(c.employees),
            "district": list(c.districts),
            "procedure": list(c.procedures),
            "exact": "1" if c.exact else None,
            "sort": c.sort or None,
            "page": c.page if c.page > 1 else None,
        }


def _iso(number: int | None) -> str | None:
    return from_day_number(number).isoformat() if number else None


def _plain(number: float) -> int | float:
    return int(number) if number == int(number) else number


class Reader:
    """Reads one address. `wrong` collects what was not understood, by parameter."""

    def __init__(self, params: QueryParams, gazetteer: Gazetteer) -> None:
        self.params = params
        self.gazetteer = gazetteer
        self.wrong: dict[str, Wrong] = {}
        self.typed: dict[str, str] = {}

    def text(self, name: str) -> str:
        return " ".join(readable(self.params.get(name, "")).split())[:MAX_TEXT]

    def values(self, name: str) -> list[str]:
        found = (value.strip() for value in self.params.getlist(name))
        return list(dict.fromkeys(value for value in found if value))[:MAX_VALUES]

    def refuse(self, name: str, message: str, value: str, suggestions: Sequence[str] = ()) -> None:
        self.wrong[name] = Wrong(message, {"value": value[:80]}, tuple(suggestions))

    def some(self, name: str, known: Callable[[str], bool], clean: Callable[[str], str] = str) -> tuple[str, ...]:
        """All values of a repeated parameter that mean something."""
        good = []
        for value in self.values(name):
            cleaned = clean(value)
            if known(cleaned):
                good.append(cleaned)
            else:
                self.refuse(name, N_("We do not know the filter “%(value)s”. It was left out."), value)
        return tuple(dict.fromkeys(good))

    def one(self, name: str, known: Sequence[str], default: str = "") -> str:
        value = self.text(name)
        if not value or value in known:
            return value or default
        self.refuse(name, N_("We do not know the filter “%(value)s”. It was left out."), value)
        return default

    def flag(self, name: str) -> bool:
        return self.one(name, ("1", "true", "0", "false")) in ("1", "true")

    def number(self, name: str, least: int, most: int) -> int | None:
        value = self.text(name)
        if not value:
            return None
        if re.fullmatch(r"[0-9]{1,6}", value) and least <= int(value) <= most:
            return int(value)
        self.refuse(name, N_("Give a whole number, not “%(value)s”."), value)
        return None

    def day(self, name: str) -> int | None:
        value = self.text(name)
        if not value:
            return None
        self.typed[name] = value
        try:
            day = _day(value)
        except ValueError:
            self.refuse(name, N_("Give a day as day, month and year, not “%(value)s”."), value)
            return None
        self.typed[name] = day.isoformat()
        return day_number(day)

    def place(self) -> Near | None:
        value = self.text("near")
        if not value:
            return None
        self.typed["near"] = value
        point = self.gazetteer.locate(value)
        if point is None:
            likely = next((found for n in (len(value), 4, 3, 2) if (found := self.gazetteer.suggest(value[:n], 3))), [])
            message = N_("We do not know the place “%(value)s”. Give a postcode or a town.")
            self.refuse("near", message, value, [spot.label for spot in likely])
            return None
        self.typed["near"] = point.label
        return Near(point.lat, point.lon)

    def read(self) -> Asked:
        tab = next((name for name in INDEXES if name == self.one("tab", INDEXES)), INDEXES[0])
        near = self.place()
        radius = self.number("radius_km", 1, MAX_RADIUS)
        criteria = Criteria(
            q=self.text("q"),
            kinds=self.some("kind", KINDS.__contains__),
            trades=self.some("trade", trades.by_id().__contains__),
            cpv=self.some("cpv", lambda value: re.fullmatch(r"[0-9]{2,8}", value) is not None, _cpv),
            ewc=self.some("ewc", lambda value: re.fullmatch(r"[0-9]{6}\*?", value) is not None, _ewc),
            directions=self.some("direction", DIRECTIONS.__contains__),
            occupations=self.some("occupation", occupations.by_id().__contains__),
            near=near,
            radius_km=radius if near is not None else None,
            certificates=self.some("certificate", is_known if tab == "needs" else is_public),
            valid_on=self.day("valid_on"),
            languages=self.some("language", lambda value: re.fullmatch(r"[a-z]{2}", value) is not None, str.lower),
            available_by=self.day("available_by"),
            employees=self.some("employees", BANDS.__contains__),
            verified=self.flag("verified"),
            districts=self.some("district", lambda value: re.fullmatch(r"[A-Z]{2}[0-9A-Z]{1,3}", value) is not None),
            procedures=self.some("procedure", PROCEDURES.__contains__),
            exact=self.flag("exact"),
            sort=self.one("sort", SORTS[tab]),
            page=self.number("page", 1, PAGES) or 1,
            per_page=PER_PAGE,
        )
        if criteria.sort == "distance" and near is None:
            criteria = replace(criteria, sort="")
        return Asked(tab, criteria, self.typed, self.wrong)


def is_known(value: str) -> bool:
    """A type there is, with a level the type knows, if one is named. A need may ask for what persons hold."""
    type_id, _, level = value.partition(":")
    known = certificates.types().get(type_id)
    return known is not None and (not level or level in (*known.levels, *known.variants))


def is_public(value: str) -> bool:
    """The same of a type that is no person's own."""
    return is_known(value) and not certificates.is_private(value.partition(":")[0])


def _day(value: str) -> date:
    """ISO or as people here write it: 24.11.2026. Raises ValueError."""
    german = re.fullmatch(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})", value)
    day = date(int(german[3]), int(german[2]), int(german[1])) if german else date.fromisoformat(value)
    if not 2000 <= day.year <= 2100:
        raise ValueError(value)
    return day


def _cpv(value: str) -> str:
    """A code without check digit and trailing zeros: what is left names its whole subtree."""
    digits = re.sub(r"-[0-9]$", "", value)
    return codes.stem(digits) if re.fullmatch(r"[0-9]{2,8}", digits) else value


def _ewc(value: str) -> str:
    return value.replace(" ", "")


def read(params: QueryParams, gazetteer: Gazetteer) -> Asked:
    """What a person asks: never raises."""
    return Reader(params, gazetteer).read()
