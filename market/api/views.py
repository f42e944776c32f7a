"""Search and suggestions as JSON, straight from the index; the database is asked only when that is away."""

from dataclasses import replace
from typing import Any

from starlette.datastructures import QueryParams
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from market.api import answers
from market.api.categories import categories
from market.api.matching import match
from market.api.openapi import description
from market.api.parameters import LIMIT, MAX_LIMIT, PARAMETERS, SUGGEST, known_only
from market.api.rates import limited
from market.catalogue.criteria import Asked
from market.catalogue.criteria import read as read_question
from market.catalogue.fits import Fits
from market.errors import BadRequest, NotFound
from market.values import readable
from market.web.answering import answered, tagged
from market.web.endpoint import Ask, live
from search.documents import INDEXES, IndexName
from search.query import Hit

ROUTES: dict[str, str] = {"offerings": "offerings:show", "providers": "providers:show", "needs": "needs:show"}
FACETS = {
    "kinds": "kind",
    "trades": "trade",
    "certificates": "certificate",
    "languages": "language",
    "districts": "district",
    "directions": "direction",
    "occupations": "occupation",
    "procedures": "procedure",
}
"""Facet group -> the parameter that filters by it, where they are called differently."""


async def search(ask: Ask, tab: str) -> Response:
    """One page of hits of a tab."""
    name = next((index for index in INDEXES if index == tab), None)
    if name is None:
        raise NotFound(f"there is no search for {tab!r}")
    asked = await read(ask, name)
    found = await ask.request.app.state.finder.find(name, asked.criteria, counts=False)
    hits = found.hits
    answer = answers.Found(
        total=hits.total,
        total_is_exact=hits.total_is_exact,
        hits=[_hit(ask, asked, hit) for hit in hits.hits],
        facets={FACETS.get(group, group): values for group, values in hits.facets.items()},
        limited=found.limited,
    )
    return answered(ask.request, answer, "no-cache")


async def read(ask: Ask, tab: IndexName) -> Asked:
    """The question in the address. Raises BadRequest naming what is unknown or not understood."""
    params = ask.request.query_params
    known = {parameter.name for parameter in PARAMETERS}
    faults = {name: "unknown parameter" for name in params if name not in known}
    written = params.get("limit", str(LIMIT))
    if not (written.isascii() and written.isdecimal() and len(written) < 5 and 1 <= int(written) <= MAX_LIMIT):
        faults["limit"] = f"give a whole number from 1 to {MAX_LIMIT}"
    gazetteer = await ask.request.app.state.finder.gazetteer()
    asked = read_question(QueryParams([("tab", tab), *params.multi_items()]), gazetteer)
    faults |= {name: wrong.message % wrong.values for name, wrong in asked.wrong.items() if name not in faults}
    if faults:
        detail = "; ".join(f"{name}: {fault}" for name, fault in sorted(faults.items()))
        raise BadRequest(detail, fields=faults)
    return replace(asked, criteria=replace(asked.criteria, per_page=int(written)))


def _hit(ask: Ask, asked: Asked, hit: Hit) -> answers.Hit:
    document = hit.document
    link = ask.link(ROUTES[asked.tab], ref=hit.ref, slug=document["slug"])
    reasons = Fits(ask.words, asked, hit).reasons()
    return answers.Hit(
        ref=hit.ref,
        url=ask.pages.base_url + link,
        kind=document.get("kind") or None,
        kinds=document["kinds"],
        title=document["title"],
        lang=document["lang"],
        organisation=document["organisation"] or None,
        place=document["town"] or None,
        distance_km=None if hit.distance_km is None else round(hit.distance_km, 1),
        score=None if hit.score is None else round(hit.score, 4),
        reasons=[answers.Reason(text=reason.text, fits=reason.fits) for reason in reasons],
    )


async def suggest(ask: Ask) -> Response:
    """Firms and offerings that begin with the letters typed; an empty list while the search is away."""
    params = known_only(ask.request.query_params, SUGGEST)
    found = await ask.request.app.state.finder.suggest(readable(params.get("q", "")))
    answer = answers.Suggestions(
        suggestions=[
            answers.Suggestion(
                text=one.text,
                type=one.index,
                ref=one.ref,
                url=ask.pages.base_url + ask.link(ROUTES[one.index], ref=one.ref, slug=one.slug),
            )
            for one in found
        ]
    )
    return answered(ask.request, answer, "public, max-age=10")


async def openapi(ask: Ask) -> Response:
    """The description of this API."""
    body: dict[str, Any] = description(ask.pages.base_url)
    return tagged(ask.request, JSONResponse(body), "public, max-age=3600")


async def nothing(ask: Ask, rest: str) -> Response:
    raise NotFound(f"there is no /api/{rest}")


routes: list[BaseRoute] = [
    Route("/api/v1/search/{tab}", limited(live(search)), name="api:search"),
    Route("/api/v1/suggest", limited(live(suggest)), name="api:suggest"),
    Route("/api/v1/categories/suggest", limited(live(categories)), name="api:categories"),
    Route("/api/v1/match", limited(live(match)), name="api:match", methods=["POST"]),
    Route("/api/v1/openapi.json", limited(live(openapi)), name="api:openapi"),
    Route("/api/{rest:path}", limited(live(nothing)), name="api:nothing"),
]
