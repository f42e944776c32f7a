"""Exact circles: the cells inside for sure, and of the cells on the edge the points that are.

A firm has all its offerings at one point, so an edge holds few of them. They are asked for once and kept while the
server's state stays the same (at most a second later a new firm on the very edge counts too).
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Sequence

from search.client import Client, State
from search.criteria import Criteria, any_of
from search.documents import IndexName
from search.errors import SearchUnavailable
from search.geo import FINEST, Near, cover, from_point
from search.indexes import MAX_FACET_VALUES
from search.words import HELPERS

log = logging.getLogger("market.search")
KEPT = 1000
"""Circles whose points are remembered."""

Key = tuple[str, IndexName, Near, float]
_known: OrderedDict[Key, tuple[str, list[str]]] = OrderedDict()


async def circles(
    client: Client, state: State, indexes: Sequence[IndexName], criteria: Criteria
) -> dict[IndexName, list[str]]:
    """The circle in each index as conditions of which one has to hold; empty where none is asked for.

    Raises SearchUnavailable, also where the documents were written before they had cells.
    """
    near, radius = criteria.near, criteria.radius_km
    if near is None or not radius:
        return {index: [] for index in indexes}
    for index in indexes:
        if state.sizes.get(index) and not state.fields[index] >= HELPERS:
            raise SearchUnavailable(f"the index {index} was built by an earlier version")
    found = await asyncio.gather(*(_circle(client, state, index, near, radius) for index in indexes))
    return dict(zip(indexes, found, strict=True))


async def _circle(client: Client, state: State, index: IndexName, near: Near, radius: float) -> list[str]:
    key = (client.url, index, near, radius)
    known = _known.get(key)
    if known is None or known[0] != state.version:
        area = cover(near, radius)
        points = await points_in(client, index, area.edge)
        inside = [point for point in points if near.km(*from_point(point)) <= radius]
        parts = [any_of("cells", area.inside)] if area.inside else []
        parts += [any_of("point", inside)] if inside else []
        known = _known[key] = (state.version, parts or ["cells = none"])
        _known.move_to_end(key)
        while len(_known) > KEPT:
            _known.popitem(last=False)
    return known[1]


async def points_in(client: Client, index: IndexName, cells: Sequence[str]) -> list[str]:
    """Points of all documents in some cells, however many. Raises SearchUnavailable."""
    if not cells:
        return []
    query = {
        "indexUid": index,
        "filter": any_of("cells", cells),
        "facets": ["point"],
        "hitsPerPage": 0,
    }
    (answer,) = await client.multi_search([query])
    points = list((answer.get("facetDistribution") or {}).get("point", {}))
    if len(points) < MAX_FACET_VALUES:
        return points
    if len(cells) == 1 and len(cells[0]) < FINEST:
        cells = [cells[0] + quarter for quarter in "0123"]
    elif len(cells) == 1:
        log.warning("%s: more than %s points in cell %s, the circle is not exact", index, len(points), cells[0])
        return points
    half = len(cells) // 2
    return await points_in(client, index, cells[:half]) + await points_in(client, index, cells[half:])
