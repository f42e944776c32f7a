"""The filters beside the hits: groups of boxes with counts, chips for what is chosen, tabs and kinds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from market.catalogue.criteria import BANDS, PROCEDURES, Asked, is_public
from market.catalogue.regionmap import DISTRICTS
from market.certificates import labels as proofs
from market.i18n import N_, Words
from market.needs import labels as need_labels
from market.offerings import labels
from market.taxonomy import occupations, trades
from market.values import from_day_number
from search.documents import INDEXES, IndexName
from search.query import Hits

DIRECTIONS = {"available": N_("to be given away"), "wanted": N_("wanted")}
SHOWN = 7
"""Values of a group before "show more"."""
OFFERED = 40
"""Values of a group at all; whoever wants a rarer one types it."""


@dataclass(frozen=True, slots=True)
class Choice:
    name: str
    value: str
    label: str
    count: int | None
    chosen: bool

    @property
    def id(self) -> str:
        return f"f-{self.name}-{''.join(letter if letter.isalnum() else '_' for letter in self.value)}"


@dataclass(slots=True)
class Group:
    name: str
    legend: str
    choices: list[Choice]
    more: list[Choice] = field(default_factory=list)
    day: tuple[str, str] | None = None
    """Name and label of a day that belongs to the group."""


@dataclass(frozen=True, slots=True)
class Facet:
    """One repeated parameter: where its values are counted, chosen, and what they are called."""

    name: str
    legend: str
    counted: str
    criterion: str
    label: Callable[[Words, str], str]
    order: Sequence[str] = ()
    """A natural order of the values; else by number of hits."""


def _trade(w: Words, code: str) -> str:
    return trades.name(code, w.language)


def _district(w: Words, code: str) -> str:
    return w(DISTRICTS[code]) if code in DISTRICTS else code


def _band(w: Words, code: str) -> str:
    return w(labels.BANDS[code])


def _direction(w: Words, code: str) -> str:
    return w(DIRECTIONS[code])


def _occupation(w: Words, id_: str) -> str:
    return occupations.name(id_, w.language)


CERTIFICATES = Facet("certificate", N_("Certificates"), "certificates", "certificates", proofs.wanted)
LANGUAGES = Facet("language", N_("Language"), "languages", "languages", labels.language)
EMPLOYEES = Facet("employees", N_("Size of the firm"), "employees", "employees", _band, BANDS)
TRADES = Facet("trade", N_("Trade"), "trades", "trades", _trade)
DISTRICT = Facet("district", N_("District"), "districts", "districts", _district)
PROCEDURE = Facet("procedure", N_("Procedure"), "procedures", "procedures", need_labels.procedure, PROCEDURES)
DIRECTION = Facet("direction", N_("Direction"), "directions", "directions", _direction, tuple(DIRECTIONS))
OCCUPATION = Facet("occupation", N_("Apprenticeship in"), "occupations", "occupations", _occupation)
FACETS: dict[IndexName, tuple[Facet, ...]] = {
    "offerings": (CERTIFICATES, LANGUAGES, TRADES, EMPLOYEES, DISTRICT),
    "providers": (CERTIFICATES, LANGUAGES, TRADES, EMPLOYEES, DISTRICT),
    "needs": (PROCEDURE, CERTIFICATES, LANGUAGES, TRADES, DISTRICT),
}


def groups(w: Words, asked: Asked, hits: Hits) -> list[Group]:
    """All groups that offer something. A value without a hit is offered only if it is chosen."""
    found = []
    for facet in _facets(asked):
        choices = _choices(w, facet, getattr(asked.criteria, facet.criterion), hits.facets.get(facet.counted, {}))
        day = None
        if facet is CERTIFICATES and asked.tab != "needs":
            choices = [*_checked(w, asked, hits), *choices]
            day = ("valid_on", w(N_("Valid on")))
        if choices:
            chosen_late = sum(choice.chosen for choice in choices[SHOWN:])
            found.append(Group(facet.name, w(facet.legend), choices[:SHOWN], choices[SHOWN:], day))
            if chosen_late:  # what is chosen stays in sight
                late = [choice for choice in choices[SHOWN:] if choice.chosen]
                found[-1].choices += late
                found[-1].more = [choice for choice in choices[SHOWN:] if not choice.chosen]
    if asked.tab != "needs":
        found.insert(
            1 if found else 0,
            Group("available_by", w(N_("Available")), [], day=("available_by", w(N_("Free by")))),
        )
    return found


def _facets(asked: Asked) -> tuple[Facet, ...]:
    """The groups of a tab; among residual materials the direction matters and among courses the training occupation,
    not the size of the firm."""
    c, instead = asked.criteria, EMPLOYEES
    if asked.tab == "offerings" and (c.kinds == ("residual",) or c.directions):
        instead = DIRECTION
    elif asked.tab == "offerings" and (c.kinds == ("training",) or c.occupations):
        instead = OCCUPATION
    return tuple(instead if facet is EMPLOYEES else facet for facet in FACETS[asked.tab])


def _choices(w: Words, facet: Facet, chosen: Sequence[str], counts: Mapping[str, int]) -> list[Choice]:
    values = [value for value, count in counts.items() if value and (count or value in chosen)]
    if facet is CERTIFICATES:  # a need may ask for what only people hold; nobody can filter by that
        values = [value for value in values if is_public(value)]
    values += [value for value in chosen if value not in values]
    if facet.order:
        values.sort(key=lambda value: facet.order.index(value) if value in facet.order else len(facet.order))
    else:
        values.sort(key=lambda value: (-counts.get(value, 0), facet.label(w, value)))
    kept = [value for place, value in enumerate(values) if place < OFFERED or value in chosen]
    counted = bool(counts)
    return [
        Choice(
            facet.name,
            value,
            facet.label(w, value),
            counts.get(value, 0) if counted else None,
            value in chosen,
        )
        for value in kept
    ]


def _checked(w: Words, asked: Asked, hits: Hits) -> list[Choice]:
    counts = hits.facets.get("verified", {})
    count = counts.get("true") if counts else None
    if count is None and not asked.criteria.verified and counts:
        return []
    return [Choice("verified", "1", w(N_("Checked firm")), count, asked.criteria.verified)]


@dataclass(slots=True)
class Chip:
    label: str
    address: dict[str, Any]


def chosen(w: Words, asked: Asked) -> list[tuple[str, str, Any]]:
    """Everything chosen beside words, kind and place: name, criterion, the criterion's value without it."""
    c = asked.criteria
    found: list[tuple[str, str, Any]] = []
    if c.verified:
        found.append((w(N_("Checked firm")), "verified", False))
    for facet in dict.fromkeys((*FACETS["offerings"], *FACETS["needs"], DIRECTION, OCCUPATION)):
        values: Sequence[str] = getattr(c, facet.criterion)
        for value in values:
            name = proofs.chip(w, value) if facet is CERTIFICATES else facet.label(w, value)
            found.append((name, facet.criterion, _without(values, value)))
    found += [(f"CPV {code}", "cpv", _without(c.cpv, code)) for code in c.cpv]
    found += [(f"EWC {code}", "ewc", _without(c.ewc, code)) for code in c.ewc]
    if c.valid_on:
        found.append((w(N_("Valid on %(day)s"), day=w.day(from_day_number(c.valid_on))), "valid_on", None))
    if c.available_by:
        found.append((w(N_("Free by %(day)s"), day=w.day(from_day_number(c.available_by))), "available_by", None))
    return found


def _without(values: Sequence[str], value: str) -> tuple[str, ...]:
    return tuple(other for other in values if other != value)


def chips(w: Words, asked: Asked) -> list[Chip]:
    """Everything chosen, each with the address that lets it go."""
    found = [Chip(name, asked.change(**{criterion: rest}).address()) for name, criterion, rest in chosen(w, asked)]
    if asked.criteria.exact:
        found.append(Chip(w(N_("Without related words")), asked.change(exact=False).address()))
    return found


@dataclass(slots=True)
class Tab:
    label: str
    count: int | None
    address: dict[str, Any]
    current: bool
    icon: str = ""


TAB_NAMES: dict[IndexName, str] = {
    "offerings": N_("Offerings"),
    "providers": N_("Providers"),
    "needs": N_("Needs"),
}


EVERYTHING: dict[IndexName, str] = {
    "offerings": N_("Offerings of the region"),
    "providers": N_("Providers of the region"),
    "needs": N_("Needs of the region"),
}


def tabs(w: Words, asked: Asked, counts: Mapping[IndexName, int]) -> list[Tab]:
    return [Tab(w(TAB_NAMES[tab]), counts.get(tab, 0), asked.on(tab).address(), tab == asked.tab) for tab in INDEXES]


def kinds(w: Words, asked: Asked, hits: Hits) -> list[Tab]:
    """The five kinds; those without a hit are left out unless chosen. One is chosen at a time."""
    chosen = asked.criteria.kinds
    counts = hits.facets.get("kinds", {})
    found = [
        Tab(
            w(name),
            counts.get(kind),
            asked.change(kinds=(kind,)).address(),
            kind in chosen,
            labels.KIND_ICONS[kind],
        )
        for kind, name in labels.KIND_NAMES.items()
        if counts.get(kind) or kind in chosen
    ]
    return [Tab(w(N_("All kinds")), None, asked.change(kinds=()).address(), not chosen), *found] if found else []
