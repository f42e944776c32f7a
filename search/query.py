"""The questions of the hot path: one multi-search each, all of it async and without the database."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from search.client import Client
from search.criteria import FACETS, SORTS, Criteria, alternatives, filters, holds
from search.documents import INDEXES, IndexName
from search.errors import SearchUnavailable
from search.geo import Near, Rings, inner_filter, inside, ring_filter, strips
from search.hits import MARK, UNMARK, Hit, Hits, Suggestion, likely_words
from search.indexes import MAX_HITS, texts
from search.words import query_words

__all__ = ["Criteria", "Hit", "Hits", "Near", "Suggestion", "count", "find", "similar", "suggest"]

MARKED = [
    "title",
    "titles",
    "summary",
    "summaries",
    "trade_names",
    "trade_words",
    "keywords",
    "organisation",
    "town",
]
CARD = [
    "id",
    "slug",
    "title",
    "lang",
    "titles",
    "summary",
    "summaries",
    "kinds",
    "kind",
    "trades",
    "languages",
]
CARD += [
    "organisation",
    "organisation_ref",
    "organisation_slug",
    "verified_on",
    "is_demo",
    "town",
    "postcode",
    "country",
]
CARD += [
    "lat",
    "lng",
    "certificates",
    "certificate_until",
    "certificate_from",
    "radius_km",
    "available_on",
    "employees",
]
CARD += [
    "lead_time_days",
    "price_mode",
    "price_cents",
    "currency",
    "unit",
    "emergency",
    "facts",
    "direction",
    "ewc",
]
CARD += [
    "procedure",
    "stage",
    "bids_until",
    "published_on",
    "execution_from",
    "execution_until",
    "quantity",
    "site",
]
CARD += ["offering_count", "offering_titles", "is_partner", "trade_names", "updated_on", "district"]
FACET_CANDIDATES = 24
"""Certificate types counted one by one when a day is chosen."""
DISTANCE_WINDOW = 2000
"""Sorted by distance are the first so many hits by relevance."""

_rings = Rings()


async def find(
    client: Client,
    tab: IndexName,
    criteria: Criteria,
    today: int,
    *,
    with_counts: bool = True,
    with_facets: bool = True,
) -> tuple[Hits, dict[IndexName, int]]:
    """One page of a tab with its facets, and the number of hits in every tab.

    `today` is a day number. Raises SearchUnavailable, also when the index holds nothing at all.
    """
    circle = await _circles(client, INDEXES if with_counts else (tab,), criteria)
    if criteria.sort == "distance" and criteria.near is not None:
        return await _by_distance(client, tab, criteria, today, circle, with_counts)
    queries = [_main(tab, criteria, today, circle[tab], with_facets)]
    asked = _facet_queries(tab, criteria, today, circle[tab]) if with_facets else []
    others = [name for name in INDEXES if name != tab] if with_counts else []
    queries += [query for _, query in asked]
    counting = [_counting(name, criteria, today, circle[name]) for name in others]
    answers, counted = await asyncio.gather(client.multi_search(queries), _counts(client, counting))
    main, rest = answers[0], answers[1:]
    total = int(main.get("totalHits", 0))
    if total == 0 and await client.size(tab) == 0:
        raise SearchUnavailable(f"the index {tab} holds nothing")
    hits = [Hit.found(raw, criteria.near) for raw in main["hits"]]
    facets = _facets(main, zip((group for group, _ in asked), rest, strict=True))
    if criteria.valid_on and with_facets and tab != "needs":
        known = facets.get("certificates", {})
        facets["certificates"] = await _certificates_on(client, tab, criteria, criteria.valid_on, circle[tab], known)
    counts: dict[IndexName, int] = {tab: total} | dict(zip(others, counted, strict=True))
    return _hits(total, hits, facets, criteria), counts


def _hits(total: int, hits: list[Hit], facets: dict[str, dict[str, int]], criteria: Criteria) -> Hits:
    used: tuple[str, ...] = ()
    if (
        criteria.q
        and not criteria.exact
        and hits
        and not {"title", "titles"} & {m.partition(".")[0] for m in hits[0].matched}
    ):
        used = tuple(dict.fromkeys(name for hit in hits[:5] for name in hit.marked("trade_words")))[:3]
    return Hits(total, total < MAX_HITS, hits, facets, likely_words(criteria.q, hits), used)


async def count(client: Client, index: IndexName, criteria: Sequence[Criteria], today: int) -> list[int]:
    """Number of hits of several questions at once. Raises SearchUnavailable."""
    queries = []
    for one in criteria:
        circle = await _circles(client, (index,), one)
        queries.append(_counting(index, one, today, circle[index]))
    return await _counts(client, queries)


async def _counts(client: Client, queries: list[dict[str, Any]]) -> list[int]:
    return [int(answer.get("totalHits", 0)) for answer in await client.multi_search(queries)] if queries else []


async def similar(client: Client, index: IndexName, criteria: Criteria, today: int, limit: int) -> list[Hit]:
    """The best few hits and nothing else: no facets, no counts."""
    small = replace(criteria, page=1, per_page=limit)
    hits, _ = await find(client, index, small, today, with_counts=False, with_facets=False)
    return hits.hits


async def suggest(client: Client, text: str, limit: int = 8) -> list[Suggestion]:
    """Firms and titles that fit the letters typed, firms first. Raises SearchUnavailable."""
    half = max(1, limit // 2)
    common = {
        "q": text[:200],
        "limit": limit,
        "attributesToSearchOn": ["title", "titles.de", "titles.en", "titles.pl", "translit"],
    }
    fields = {"attributesToRetrieve": ["id", "slug", "title"], "matchingStrategy": "all"}
    firms, offers = await client.multi_search(
        [{"indexUid": "providers", **common, **fields}, {"indexUid": "offerings", **common, **fields}]
    )
    rows = [("providers", raw) for raw in firms["hits"][:half]] + [("offerings", raw) for raw in offers["hits"]]
    named = {
        raw["title"].lower(): Suggestion(raw["title"], index, raw["id"], raw["slug"]) for index, raw in reversed(rows)
    }
    return list(reversed(named.values()))[:limit]


def _base(index: IndexName, criteria: Criteria, today: int, circle: list[str]) -> dict[str, Any]:
    conditions: list[str | list[str]] = filters(criteria, today)
    if circle:
        conditions.append(circle)
    query: dict[str, Any] = {
        "indexUid": index,
        "q": query_words(criteria.q),
        "filter": conditions,
        # A chosen order would put loosely related hits first, so then every word has to match.
        "matchingStrategy": "all" if criteria.sort else "frequency",
    }
    if criteria.exact:
        query["attributesToSearchOn"] = texts(index, exact=True)
    return query


def _main(index: IndexName, criteria: Criteria, today: int, circle: list[str], with_facets: bool) -> dict[str, Any]:
    free = [name for group, name in FACETS.items() if not getattr(criteria, group)] if with_facets else []
    order = SORTS.get(criteria.sort)
    marking: dict[str, Any] = {}
    if criteria.q:
        marking = {
            "attributesToHighlight": MARKED,
            "highlightPreTag": MARK,
            "highlightPostTag": UNMARK,
            "showMatchesPosition": True,
            "showRankingScoreDetails": True,
        }
    return {
        **_base(index, criteria, today, circle),
        "page": criteria.page,
        "hitsPerPage": criteria.per_page,
        "facets": free,
        "attributesToRetrieve": CARD,
        "showRankingScore": True,
        **marking,
        **({"sort": order} if order else {}),
    }


def _counting(index: IndexName, criteria: Criteria, today: int, circle: list[str]) -> dict[str, Any]:
    return {**_base(index, criteria, today, circle), "hitsPerPage": 0, "attributesToRetrieve": ["id"]}


def _facet_queries(
    index: IndexName, criteria: Criteria, today: int, circle: list[str]
) -> list[tuple[str, dict[str, Any]]]:
    """One more query for each group with a choice: its values are counted without that choice."""
    found = []
    for group in criteria.chosen():
        query = _counting(index, criteria.without(group), today, circle)
        found.append((group, {**query, "facets": [FACETS[group]]}))
    return found


def _facets(main: dict[str, Any], more: Iterable[tuple[str, dict[str, Any]]]) -> dict[str, dict[str, int]]:
    groups = {name: group for group, name in FACETS.items()}
    found = {groups[name]: values for name, values in (main.get("facetDistribution") or {}).items()}
    for group, answer in more:
        found[group] = (answer.get("facetDistribution") or {}).get(FACETS[group], {})
    return found


async def _certificates_on(
    client: Client,
    index: IndexName,
    criteria: Criteria,
    day: int,
    circle: list[str],
    today_counts: dict[str, int],
) -> dict[str, int]:
    """Certificates counted for another day than today: the index holds that day only as a number, not as a facet."""
    named = [wanted.partition(":")[0] for wanted in criteria.certificates]
    types = list(dict.fromkeys([*named, *sorted(today_counts, key=lambda t: -today_counts[t])]))[:FACET_CANDIDATES]
    queries = []
    for type_ in types:
        query = _counting(index, criteria.without("certificates"), day, circle)
        queries.append({**query, "filter": [*query["filter"], *holds(type_, day)]})
    return {type_: n for type_, n in zip(types, await _counts(client, queries), strict=True) if n}


async def _circles(client: Client, indexes: Sequence[IndexName], criteria: Criteria) -> dict[IndexName, list[str]]:
    """The exact circle of each index as alternatives; empty without one."""
    if criteria.near is None or not criteria.radius_km:
        return {index: [] for index in indexes}
    near, radius = criteria.near, criteria.radius_km
    bands = strips(near, radius)
    points: dict[IndexName, list[str]] = {}
    missing = []
    for index in indexes:
        known = _rings.get((client.url, index, near, radius))
        if known is None:
            missing.append(index)
        else:
            points[index] = known
    if missing:
        ring = ring_filter(near, bands)
        query = {"q": "", "filter": ring, "facets": ["point"], "hitsPerPage": 0}
        answers = await client.multi_search([{"indexUid": index, **query} for index in missing])
        for index, answer in zip(missing, answers, strict=True):
            points[index] = inside(near, radius, (answer.get("facetDistribution") or {}).get("point", {}))
            _rings.put((client.url, index, near, radius), points[index])
    inner = inner_filter(near, bands)
    return {index: alternatives(inner, points[index]) for index in indexes}


async def _by_distance(
    client: Client,
    tab: IndexName,
    criteria: Criteria,
    today: int,
    circle: dict[IndexName, list[str]],
    with_counts: bool,
) -> tuple[Hits, dict[IndexName, int]]:
    """The window's hits are fetched with their points alone, ordered here, and one page of them is asked in full."""
    near = criteria.near
    assert near is not None
    wide = {**_base(tab, criteria, today, circle[tab]), "hitsPerPage": DISTANCE_WINDOW, "page": 1}
    (answer,) = await client.multi_search([{**wide, "attributesToRetrieve": ["id", "lat", "lng"]}])
    rows = [(near.km(r["lat"], r["lng"]) if r.get("lat") is not None else 1e9, r["id"]) for r in answer["hits"]]
    start = (criteria.page - 1) * criteria.per_page
    page = [id_ for _, id_ in sorted(rows)[start : start + criteria.per_page]]
    plain = replace(criteria, sort="", page=1)
    hits, counts = await find(client, tab, plain, today, with_counts=with_counts)
    full = {**_main(tab, replace(plain, per_page=len(page) or 1), today, [], with_facets=False)}
    full["filter"] = [f"id IN [{', '.join(page)}]"] if page else ["id = none"]
    full["matchingStrategy"] = "frequency"
    (chosen,) = await client.multi_search([full])
    by_ref = {raw["id"]: Hit.found(raw, near) for raw in chosen["hits"]}
    ordered = [by_ref[id_] for id_ in page if id_ in by_ref]
    total = int(answer.get("totalHits", 0))
    sorted_hits = Hits(total, total < MAX_HITS, ordered, hits.facets, hits.did_you_mean, hits.synonyms_used)
    return sorted_hits, counts | {tab: total}
