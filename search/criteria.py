"""What can be asked, and how it is said to Meilisearch."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from search.geo import Near

SORTS: dict[str, list[str]] = {
    "available": ["available_on:asc"],
    "price": ["price_cents:asc"],
    "newest": ["updated_on:desc"],
    "deadline": ["bids_until:asc"],
}
"""Orders the server can make; "distance" is made here, "" is the order of relevance."""

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
}
"""Group of choices -> field of the documents. Groups an index does not have give no values."""


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
    """`type` or `type:level`."""
    valid_on: int | None = None
    """Day number on which the certificates have to hold; None: today."""
    languages: tuple[str, ...] = ()
    available_by: int | None = None
    """Day number."""
    districts: tuple[str, ...] = ()
    employees: tuple[str, ...] = ()
    verified: bool = False
    directions: tuple[str, ...] = ()
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

    def chosen(self) -> list[str]:
        """Groups in which something is chosen."""
        return [group for group in FACETS if getattr(self, group)]


def quoted(value: str) -> str:
    """A value inside a filter. Quotes and backslashes mean something there and nothing in our codes."""
    return '"' + re.sub(r'["\\\x00-\x1f]', " ", value)[:400] + '"'


def _any(field: str, values: Sequence[str]) -> str:
    return f"{field} IN [{', '.join(quoted(value) for value in values)}]"


def filters(criteria: Criteria, today: int) -> list[str | list[str]]:
    """Everything but the circle: a list whose members all have to hold."""
    found: list[str | list[str]] = []
    equal: Mapping[str, Sequence[str]] = {
        "kinds": criteria.kinds,
        "trades": criteria.trades,
        "cpv_prefixes": [_stem(code) for code in criteria.cpv],
        "ewc": criteria.ewc,
        "languages": criteria.languages,
        "district": criteria.districts,
        "employees": criteria.employees,
        "direction": criteria.directions,
        "procedure": criteria.procedures,
    }
    found += [_any(field, values) for field, values in equal.items() if values]
    found += [part for wanted in criteria.certificates for part in holds(wanted, criteria.valid_on or today)]
    if criteria.verified:
        found.append("verified = true")
    if criteria.available_by:
        found.append(f"available_on <= {criteria.available_by}")
    return found


def holds(wanted: str, day: int) -> list[str]:
    """A certificate `type` or `type:level` that holds on a day."""
    type_, _, level = wanted.partition(":")
    name = re.sub(r"[^A-Za-z0-9_-]", "", type_)
    parts = [f"certificate_until.{name} >= {day}", f"certificate_from.{name} <= {day}"]
    if level:
        parts.append(f"certificate_levels = {quoted(wanted)}")
    return parts


def _stem(code: str) -> str:
    return code[:2] + code[2:].rstrip("0")


def alternatives(parts: Iterable[str], points: Sequence[str]) -> list[str]:
    """The circle: inner rectangles or one of the ring's points."""
    found = list(parts)
    if points:
        found.append(_any("point", points))
    return found
