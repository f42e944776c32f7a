"""Order by distance, exact over all matching documents: the points are counted, put in order here, and the page's
documents asked for by their points.

Documents at one point keep the order of relevance among themselves; those without a point come last.
"""

from dataclasses import dataclass
from typing import Any

from search.asking import Question
from search.client import Client, State
from search.criteria import any_of
from search.geo import Near, cover, from_point, point_of
from search.indexes import MAX_FACET_VALUES, MAX_HITS

LADDER = (1, 2.5, 5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5000)
"""Radii in kilometres tried in a large index, so that never more points are counted than one answer holds."""
COARSE = 60
STEPS = 12
"""Halvings between two radii before points are left uncounted."""


@dataclass(frozen=True)
class Stop:
    """Documents at one point, the `before` nearer ones already counted."""

    point: str
    before: int
    count: int


async def nearest_page(client: Client, state: State, question: Question, near: Near) -> list[dict[str, Any]]:
    """Raw hits of one page, nearest first. Raises SearchUnavailable."""
    c = question.criteria
    start = (c.page - 1) * c.per_page
    end = min(start + c.per_page, MAX_HITS)
    if start >= end:
        return []
    points = await _points(client, state, question, near, end)
    stops, before = [], 0
    for point in sorted(points, key=lambda point: (near.km(*from_point(point)), point)):
        if before < end and before + points[point] > start:
            stops.append(Stop(point, before, points[point]))
        before += points[point]
    queries = [_of_stop(question, stop, start, end) for stop in (stops[:1] + stops[1:][-1:])]
    if len(stops) > 2:  # the stops between lie wholly on the page
        queries.append(_some(question, stops[1:-1]))
    if before < end:  # those without a point
        queries.append(_rest(question, max(0, start - before), end - max(start, before)))
    hits = [hit for answer in await client.multi_search(queries) for hit in answer["hits"]]
    return sorted(hits, key=lambda hit: _place(near, hit))


def _place(near: Near, hit: dict[str, Any]) -> tuple[float, str]:
    if hit.get("lat") is None or hit.get("lng") is None:
        return float("inf"), ""
    return near.km(hit["lat"], hit["lng"]), point_of(hit["lat"], hit["lng"])


def _rest(question: Question, offset: int, limit: int) -> dict[str, Any]:
    """Documents without a point."""
    return {**question.hits("point IS NULL"), "offset": offset, "limit": limit}


def _some(question: Question, stops: list[Stop]) -> dict[str, Any]:
    """All documents at some points."""
    return {**question.hits(any_of("point", (stop.point for stop in stops))), "limit": sum(s.count for s in stops)}


def _of_stop(question: Question, stop: Stop, start: int, end: int) -> dict[str, Any]:
    """The documents at one point that fall on the page."""
    offset = max(0, start - stop.before)
    limit = min(end, stop.before + stop.count) - stop.before - offset
    return {**question.hits(any_of("point", [stop.point])), "offset": offset, "limit": limit}


async def _points(client: Client, state: State, question: Question, near: Near, wanted: int) -> dict[str, int]:
    """Points of matching documents with their numbers: all of them, or surely the `wanted` nearest."""
    if state.sizes.get(question.index, 0) < MAX_FACET_VALUES:
        return await _counted(client, question, [])
    queries = [question.narrowed(any_of("cells", cover(near, km, COARSE).inside or ["none"])) for km in LADDER]
    totals = [int(answer.get("totalHits", 0)) for answer in await client.multi_search(queries)]
    enough = next((place for place, total in enumerate(totals) if total >= wanted), None)
    if enough is None:
        return await _counted(client, question, [])
    low, high = LADDER[enough - 1] if enough else 0.0, LADDER[enough]
    for _ in range(STEPS):
        points = await _within(client, question, near, high)
        if len(points) < MAX_FACET_VALUES:
            return points
        middle = (low + high) / 2
        inside = cover(near, middle, COARSE).inside or ("none",)
        (answer,) = await client.multi_search([question.narrowed(any_of("cells", inside))])
        low, high = (low, middle) if int(answer.get("totalHits", 0)) >= wanted else (middle, high)
    return points


async def _within(client: Client, question: Question, near: Near, km: float) -> dict[str, int]:
    """Points not farther than that; all of them that there are."""
    area = cover(near, km, COARSE)
    points = await _counted(client, question, [any_of("cells", (*area.inside, *area.edge))])
    if len(points) >= MAX_FACET_VALUES:
        return points
    return {point: count for point, count in points.items() if near.km(*from_point(point)) <= km}


async def _counted(client: Client, question: Question, conditions: list[str]) -> dict[str, int]:
    (answer,) = await client.multi_search([{**question.narrowed(*conditions), "facets": ["point"]}])
    points: dict[str, int] = (answer.get("facetDistribution") or {}).get("point") or {}
    return points
