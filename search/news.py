"""Which of some documents fit which of many kept searches. Meilisearch keeps no queries that wait for documents, so
each is asked again, narrowed to what is new.

A kept search means every word of its question (a page of hits may end in looser ones; a letter may not), and its circle
is decided here by the document's own point.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from search.asking import Question
from search.client import Client
from search.criteria import Criteria, any_of
from search.documents import IndexName
from search.wording import wording

AT_ONCE = 50
"""Queries a request."""
MOST = 1000
"""References read of one search."""


@dataclass(frozen=True)
class Kept:
    """One search as it is kept."""

    index: IndexName
    criteria: Criteria


async def fitting(
    client: Client, searches: Sequence[Kept], refs: Mapping[IndexName, Sequence[str]], today: int
) -> list[list[str]]:
    """For each search those of the references that fit it. Raises SearchUnavailable."""
    found: list[list[str]] = [[] for _ in searches]
    asked = [place for place, one in enumerate(searches) if refs.get(one.index)]
    for start in range(0, len(asked), AT_ONCE):
        part = asked[start : start + AT_ONCE]
        queries = [_query(searches[place], refs[searches[place].index], today) for place in part]
        for place, answer in zip(part, await client.multi_search(queries), strict=True):
            found[place] = _inside(searches[place], answer["hits"])
    return found


async def present(client: Client, search: Kept, today: int) -> tuple[list[str], bool]:
    """What fits a search now, and whether that is all of it. Raises SearchUnavailable."""
    (answer,) = await client.multi_search([_query(search, None, today)])
    return _inside(search, answer["hits"]), len(answer["hits"]) < MOST


def _query(search: Kept, refs: Sequence[str] | None, today: int) -> dict[str, Any]:
    c = search.criteria
    question = Question(search.index, c, today, worded=wording(c.q, every=True, plain=c.exact))
    query = question.narrowed(*([any_of("id", refs)] if refs is not None else []))
    del query["hitsPerPage"]
    limit = len(refs) if refs is not None else MOST
    return query | {"limit": limit, "attributesToRetrieve": ["id", "lat", "lng"]}


def _inside(search: Kept, hits: Sequence[Mapping[str, Any]]) -> list[str]:
    near, radius = search.criteria.near, search.criteria.radius_km
    if near is None or not radius:
        return [hit["id"] for hit in hits]
    placed = [hit for hit in hits if hit.get("lat") is not None and hit.get("lng") is not None]
    return [hit["id"] for hit in placed if near.km(hit["lat"], hit["lng"]) <= radius]
