"""Nothing found: which filter is in the way, and where to go on. Every way offered has at least one hit."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from market.catalogue import facets
from market.catalogue.criteria import RADII, Asked
from market.catalogue.finder import Finder
from market.i18n import N_, Words
from search.criteria import Criteria
from search.documents import INDEXES, IndexName

TRIED = 16
TRIED_LIMITED = 5
"""While the database answers, every question costs more."""


@dataclass(slots=True)
class Way:
    title: str
    count: int
    tab: IndexName
    address: dict[str, Any]


@dataclass(slots=True)
class NoHit:
    """`tightest` names the filter whose removal gives most; `ways` leads there first, then elsewhere."""

    tightest: str
    ways: list[Way]


async def ways(w: Words, asked: Asked, finder: Finder, counts: Mapping[IndexName, int], *, limited: bool) -> NoHit:
    """Ask how many hits each single step back would give, all at once."""
    steps = _steps(w, asked)
    tried = steps[: TRIED_LIMITED if limited else TRIED]
    totals = await asyncio.gather(*(_total(finder, step) for _, _, step in tried))
    found = [
        (name, Way(title, total, step.tab, step.address()))
        for (name, title, step), total in zip(tried, totals, strict=True)
        if total
    ]
    found.sort(key=lambda pair: -pair[1].count)
    relaxed = [way for _, way in found]
    for tab in INDEXES:
        if tab != asked.tab and counts.get(tab):
            title = w(N_("Look under “%(tab)s”"), tab=w(facets.TAB_NAMES[tab]))
            relaxed.append(Way(title, counts[tab], tab, asked.on(tab).address()))
    if not relaxed:
        relaxed = await _start_over(w, asked, finder)
    return NoHit(found[0][0] if found else "", relaxed)


async def _total(finder: Finder, asked: Asked) -> int:
    found = await finder.find(asked.tab, replace(asked.criteria, page=1))
    return found.hits.total


def _steps(w: Words, asked: Asked) -> list[tuple[str, str, Asked]]:
    """What is dropped, how the link says it, and the question that remains."""
    c = asked.criteria
    found: list[tuple[str, str, Asked]] = []
    for name, criterion, value in facets.chosen(w, asked):
        found.append((name, w(N_("Without “%(filter)s”"), filter=name), asked.change(**{criterion: value})))
    if c.kinds:
        name = w(N_("the kind chosen"))
        found.append((name, w(N_("In all kinds")), asked.change(kinds=())))
    if c.near is not None and c.radius_km:
        name = w(N_("the radius of %(km)s km"), km=w.number(c.radius_km))
        for radius in (radius for radius in RADII if radius > c.radius_km):
            title = w(N_("Within %(km)s km"), km=w.number(radius))
            found.append((name, title, asked.change(radius_km=radius)))
        found.append((name, w(N_("In the whole region")), asked.change(radius_km=None)))
    if c.sort and c.q:  # a chosen order asks for every word
        found.append((w(N_("the order chosen")), w(N_("Ordered by best match")), asked.change(sort="")))
    if len(found) > 1:
        bare = replace(
            c,
            kinds=(),
            trades=(),
            cpv=(),
            ewc=(),
            certificates=(),
            valid_on=None,
            languages=(),
            available_by=None,
        )
        bare = replace(bare, districts=(), employees=(), verified=False, directions=(), occupations=(), procedures=())
        bare = replace(bare, page=1)
        found.append(("", w(N_("Without any filter")), replace(asked, criteria=bare)))
    if c.q and found:
        found.append(
            (
                w(N_("the words “%(words)s”"), words=c.q),
                w(N_("Without the words “%(words)s”"), words=c.q),
                asked.change(q="", exact=False),
            )
        )
    return found


async def _start_over(w: Words, asked: Asked, finder: Finder) -> list[Way]:
    """Nothing near the question: everything of each tab that holds something."""
    everything = Asked(asked.tab, Criteria(per_page=1))
    found = await finder.find(asked.tab, everything.criteria)
    return [
        Way(w(facets.EVERYTHING[tab]), found.counts[tab], tab, everything.on(tab).address())
        for tab in INDEXES
        if found.counts.get(tab)
    ]
