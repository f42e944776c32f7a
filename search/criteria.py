"""What can be asked, and how its conditions are said to Meilisearch."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from search.documents import IndexName
from search.geo import Near

SORTS: dict[str, list[str]] = {
    "available": ["available_on:asc"],
    "price": ["price_cents:asc"],
    "newest": ["updated_on:desc"],
    "deadline": ["bids_until:asc"],
}
"""Orders the server can make; "distance" is made in `search.nearest`, "" is the order of relevance."""

FACETS: dict[str, str] = {
    "kinds": "kinds",
    "trades": "trades",
    "certificates": "certificates",
    "languages": "languages",
    "districts": "district",
    "employees": "employees",
    "verified": "verified",
    "procedures": "procedure",
    "directions": "direction",
    "occupations": "occupations",
}
"""Group of choices -> field of the documents."""

FOREIGN: dict[IndexName, frozenset[str]] = {
    "offerings": frozenset({"procedures"}),
    "providers": frozenset({"procedures", "ewc", "directions", "occupations"}),
    "needs": frozenset({"employees", "directions", "occupations", "available_by", "valid_on"}),
}
"""Criteria that mean nothing in an index: they neither narrow it nor have a facet there."""


@dataclass(frozen=True)
class Criteria:
    """One question. Choices in one group are alternatives, groups narrow each other; certificates all have to hold."""

    q: str = ""
    kinds: tuple[str, ...] = ()
    trades: tuple[str, ...] = ()
    cpv: tuple[str, ...] = ()
    """Codes or their beginnings, two to eight digits: each means its subtree."""
    ewc: tuple[str, ...] = ()
    """Six digits, with the star for hazardous waste."""
    near: Near | None = None
    radius_km: float | None = None
    certificates: tuple[str, ...] = ()
    """`type` or `type:level`. Held by offerings and providers, asked for by needs (where the level does not count)."""
    valid_on: int | None = None
    """Day number on which the certificates have to hold; None: today."""
    languages: tuple[str, ...] = ()
    available_by: int | None = None
    """Day number."""
    districts: tuple[str, ...] = ()
    employees: tuple[str, ...] = ()
    verified: bool = False
    directions: tuple[str, ...] = ()
    occupations: tuple[str, ...] = ()
    """Ids of training occupations."""
    procedures: tuple[str, ...] = ()
    exact: bool = False
    """Only the words themselves, not what they mean."""
    sort: str = ""
    page: int = 1
    per_page: int = 20

    def without(self, group: str) -> "Criteria":
        """The same question without one group's own choice."""
        open_: dict[str, Any] = {group: False if group == "verified" else ()}
        return replace(self, **open_)

    def within(self, index: IndexName) -> "Criteria":
        """The same question without what means nothing in an index."""
        return _within(self, index)

    def chosen(self) -> list[str]:
        """Groups in which something is chosen."""
        return [group for group in FACETS if getattr(self, group)]


@lru_cache(maxsize=1024)
def _within(criteria: Criteria, index: IndexName) -> Criteria:
    empty = Criteria()
    return replace(criteria, **{name: getattr(empty, name) for name in FOREIGN[index]})


def facets_of(index: IndexName) -> list[str]:
    """Groups that are counted in an index."""
    return [group for group in FACETS if group not in FOREIGN[index]]


def quoted(value: str) -> str:
    """A value inside a filter, with what would end it escaped."""
    return '"' + value[:400].replace("\\", "\\\\").replace('"', '\\"') + '"'


def any_of(field: str, values: Iterable[str]) -> str:
    return f"{field} IN [{', '.join(quoted(value) for value in values)}]"


def filters(index: IndexName, criteria: Criteria, today: int) -> list[str | list[str]]:
    """Every condition but the circle: a list whose members all have to hold. `today` is a day number."""
    c = criteria.within(index)
    equal: dict[str, Sequence[str]] = {
        "kinds": c.kinds,
        "trades": c.trades,
        "cpv_prefixes": [_stem(code) for code in c.cpv],
        "ewc": c.ewc,
        "languages": c.languages,
        "district": c.districts,
        "employees": c.employees,
        "direction": c.directions,
        "occupations": c.occupations,
        "procedure": c.procedures,
    }
    found: list[str | list[str]] = [any_of(field, values) for field, values in equal.items() if values]
    for wanted in c.certificates:
        if index == "needs":
            found.append(f"certificates = {quoted(wanted.partition(':')[0])}")
        else:
            found += _holds(wanted, c.valid_on or today)
    if c.verified:
        found.append("verified = true")
    if c.available_by:
        found.append(f"available_on <= {c.available_by}")
    return found


def _holds(wanted: str, day: int) -> list[str]:
    """A certificate `type` or `type:level` that holds on a day."""
    type_, _, level = wanted.partition(":")
    name = certificate_field(type_)
    parts = [f"certificate_until.{name} >= {day}", f"certificate_from.{name} <= {day}"]
    if level:
        parts.append(f"certificate_levels = {quoted(wanted)}")
    return parts


def certificate_field(type_: str) -> str:
    """A type as part of a field's name, which cannot be quoted: what no type has in its id is left out."""
    return re.sub(r"[^A-Za-z0-9_-]", "", type_) or "-"


def _stem(code: str) -> str:
    return code[:2] + code[2:].rstrip("0")
