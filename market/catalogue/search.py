"""The search page: one view for the whole page and for the part htmx swaps in while somebody types.

The hot path of the house: as long as Meilisearch answers no database is asked; this runs at every key.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from starlette.background import BackgroundTask
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from market.catalogue import facets, missed, nohit
from market.catalogue.cards import Card, cards
from market.catalogue.criteria import PAGES, PER_PAGE, RADII, SORTS, Asked, read
from market.catalogue.finder import Finder, Found
from market.catalogue.mapping import Map, mini_map
from market.i18n import N_, Words
from market.taxonomy import trades
from market.web.endpoint import Ask, live
from search.documents import IndexName
from search.hits import Hits

SORT_NAMES = {
    "": N_("Best match"),
    "distance": N_("Distance"),
    "available": N_("Soonest free"),
    "price": N_("Lowest price"),
    "newest": N_("Newest"),
    "deadline": N_("Nearest deadline"),
}


async def search(ask: Ask) -> Response:
    finder: Finder = ask.request.app.state.finder
    asked = read(ask.request.query_params, await finder.gazetteer())
    found = await finder.find(asked.tab, asked.criteria)
    w = ask.words
    hits = found.hits
    shown = cards(w, asked, hits.hits, ask.link, ask.now, ask.today)
    help_ = None
    if not hits.total:
        help_ = await nohit.ways(w, asked, finder, found.counts, limited=found.limited)
    groups = facets.groups(w, asked, hits)
    address = asked.address()
    response = ask.render(
        "search/_results.html" if ask.is_fragment else "search/show.html",
        asked=asked,
        c=asked.criteria,
        found=found,
        fragment=ask.is_fragment,
        heading=heading(w, asked),
        count=count(w, asked, found),
        tabs=facets.tabs(w, asked, found.counts),
        kinds=facets.kinds(w, asked, hits),
        groups=groups,
        filters=sum(choice.chosen for group in groups for choice in group.choices) + _days(asked),
        chips=facets.chips(w, asked),
        cards=shown,
        map=map_of(asked, shown),
        nohit=help_,
        likely=likely(asked, found),
        related=related(asked, hits),
        has_dates=asked.tab == "needs" or _has_courses(asked, hits),
        sorts=sorts(w, asked),
        radii=radii(asked),
        pages=min(PAGES, -(-hits.total // PER_PAGE)),
        address=address,
        bare={key: value for key, value in address.items() if key in ("q", "tab", "near", "radius_km")},
    )
    if help_ is not None and not found.limited:
        _count_missed(ask, response, asked)
    return with_history(ask, response, address)


def _count_missed(ask: Ask, response: Response, asked: Asked) -> None:
    """For the operator's list, after the answer went out; halves of words being typed do not count."""
    if asked.criteria.q and asked.criteria.page == 1 and ask.request.headers.get("x-typing") != "1":
        c = asked.criteria
        narrowed = bool(c.chosen() or c.kinds or c.near or c.cpv or c.ewc or c.available_by or c.valid_on or c.exact)
        given = (ask.request.app.state.sessions, c.q, ask.language)
        response.background = BackgroundTask(missed.note, *given, narrowed=narrowed, now=ask.now)


def with_history(ask: Ask, response: Response, address: dict[str, Any]) -> Response:
    """Typing replaces the entry in the browser's history, all else adds one, never the same one twice."""
    if ask.is_fragment:
        here = ask.link("search", address)
        current = urlsplit(ask.request.headers.get("hx-current-url", ""))
        same = f"{current.path}?{current.query}".rstrip("?") == here
        typing = ask.request.headers.get("x-typing") == "1"
        response.headers["HX-Replace-Url" if typing or same else "HX-Push-Url"] = here
    return response


def _days(asked: Asked) -> int:
    return bool(asked.criteria.available_by) + bool(asked.criteria.valid_on)


def heading(w: Words, asked: Asked) -> str:
    """What was asked for, as the head of the page: words or trade, and the place."""
    c = asked.criteria
    what = c.q or ", ".join(trades.name(trade, w.language) for trade in c.trades[:2])
    town = asked.place.split(" ", 1)[-1] if asked.place[:1].isdigit() else asked.place
    if what and c.near is not None:
        return w(N_("%(what)s near %(town)s"), what=what, town=town)
    if c.near is not None:
        return w(NEAR[asked.tab], town=town)
    return what or w(facets.EVERYTHING[asked.tab])


NEAR: dict[IndexName, str] = {
    "offerings": N_("Offerings near %(town)s"),
    "providers": N_("Providers near %(town)s"),
    "needs": N_("Needs near %(town)s"),
}


def count(w: Words, asked: Asked, found: Found) -> str:
    """The number of hits in words; it is also what a screen reader is told."""
    total = found.hits.total
    number = {"number": w.number(total)}
    if not found.hits.total_is_exact:
        return w(N_("More than %(number)s hits"), **number)
    if asked.tab == "providers":
        return w.ngettext("%(number)s provider", "%(number)s providers", total) % number
    if asked.tab == "needs":
        return w.ngettext("%(number)s need", "%(number)s needs", total) % number
    return w.ngettext("%(number)s offering", "%(number)s offerings", total) % number


def likely(asked: Asked, found: Found) -> tuple[str, dict[str, Any]] | None:
    """The words probably meant, with their address."""
    words = found.hits.did_you_mean
    return (words, asked.change(q=words).address()) if words else None


def related(asked: Asked, hits: Hits) -> list[str]:
    """The words that were looked for as well, without those somebody typed."""
    typed = asked.criteria.q.casefold()
    return [word for word in hits.synonyms_used if word.casefold() not in {typed, *typed.split()}]


def _has_courses(asked: Asked, hits: Hits) -> bool:
    """Whether a course can be among the hits of all pages."""
    kinds = asked.criteria.kinds
    return "training" in hits.facets.get("kinds", {}) and (not kinds or "training" in kinds)


def radii(asked: Asked) -> list[int]:
    """What can be chosen, and what stands in the address."""
    return sorted({*RADII, int(asked.criteria.radius_km or RADII[0])})


def sorts(w: Words, asked: Asked) -> list[tuple[str, str]]:
    return [
        (code, w(SORT_NAMES[code]))
        for code in SORTS[asked.tab]
        if code != "distance" or asked.criteria.near is not None
    ]


def map_of(asked: Asked, shown: Sequence[Card]) -> Map | None:
    """The hits of this page on the map; None where nothing has a place."""
    points = [(card.number, *card.point, f"#hit-{card.number}", card.said) for card in shown if card.point]
    near = asked.criteria.near
    if not points and near is None:
        return None
    return mini_map(points, (near.lat, near.lng) if near else None, asked.criteria.radius_km)


async def places(ask: Ask) -> Response:
    """Places that begin as typed, for the field "place of work"."""
    finder: Finder = ask.request.app.state.finder
    gazetteer = await finder.gazetteer()
    return JSONResponse([spot.label for spot in gazetteer.suggest(ask.request.query_params.get("text", "")[:60])])


routes: list[BaseRoute] = [
    Route("/search", live(search), name="search"),
    Route("/search/places", live(places), name="search:places"),
]
