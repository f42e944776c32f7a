"""Candidates for a long text: one request with a query per term, what each finds summed up here.

Meilisearch reads ten words of a query and wants them all, so the text is never sent as a whole; nor is the title: four
words together cost it as much as five asked one by one, and found nothing more (docs/performance.md). What was found is
only looked at again by whoever knows how to compare: order and reasons are made there.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from search.client import Client
from search.criteria import any_of, quoted
from search.documents import IndexName
from search.terms import Terms, beginning

FOUND = 24
"""Hits of each query."""
CODES, EXACT, CLASS, NORMS = 5, 2, 4, 1
"""Codes whose class (so many digits) is looked for, codes looked for by themselves, norms looked for as they stand."""
STATED = 1.5
"""What a code, a trade or a norm counts beside a telling word."""
AT_ONCE = 3
"""Requests side by side: the server answers the queries of one request one after another."""

_COMMON = [
    *("id", "slug", "title", "titles", "lang", "summary", "summaries", "text", "keywords", "kind", "kinds", "trades"),
    *("trade_names", "cpv", "suggested", "languages", "organisation", "organisation_ref", "organisation_slug", "town"),
    *("verified_on", "lat", "lng", "district", "ewc", "certificates", "is_demo"),
]
READ: dict[IndexName, list[str]] = {
    "offerings": [
        *_COMMON,
        *("certificate_until", "certificate_from", "certificate_levels", "certificate_words", "radius_km", "areas"),
        *("available_on", "price_mode", "price_cents", "currency", "unit", "facts", "direction"),
    ],
    "needs": [*_COMMON, "execution_from", "bids_until", "quantity", "unit", "site", "procedure", "published_on"],
    "providers": _COMMON,
}
"""Fields read of candidates: helper fields of the search stay where they are."""

Document = Mapping[str, Any]
Filter = str | list[str]


@dataclass(frozen=True)
class Sought:
    """What to look for besides the terms: codes and trades with weights."""

    terms: Terms
    codes: Mapping[str, float]
    trades: Mapping[str, float]


async def candidates(
    client: Client,
    index: IndexName,
    sought: Sought,
    conditions: Sequence[Filter],
    most: int,
    found: int = FOUND,
    coded: int = FOUND,
) -> list[Document]:
    """Whole documents, those with the most evidence first: of `found` hits a word or norm, of `coded` a query for
    codes or trades. Raises SearchUnavailable."""
    asked = list(_queries(index, sought, list(conditions), found, coded))
    halves = [asked[start::AT_ONCE] for start in range(AT_ONCE)]
    answers = await asyncio.gather(*(client.multi_search([query for _, query in half]) for half in halves))
    evidence: dict[str, float] = defaultdict(float)
    for half, answer in zip(halves, answers, strict=True):
        for (weight, _), one in zip(half, answer, strict=True):
            for place, hit in enumerate(one["hits"]):
                evidence[hit["id"]] += weight / (1 + place / FOUND)
    best = sorted(evidence, key=lambda id_: (-evidence[id_], id_))[:most]
    return await read(client, index, best)


async def read(client: Client, index: IndexName, refs: Sequence[str]) -> list[Document]:
    """Documents by their references, in that order. Raises SearchUnavailable."""
    if not refs:
        return []
    query = {"indexUid": index, "filter": any_of("id", refs), "limit": len(refs), "attributesToRetrieve": READ[index]}
    (answer,) = await client.multi_search([query])
    place = {ref: number for number, ref in enumerate(refs)}
    return sorted(answer["hits"], key=lambda hit: place[hit["id"]])


def _queries(
    index: IndexName, sought: Sought, conditions: list[Filter], found: int, coded: int
) -> Iterable[tuple[float, dict[str, Any]]]:
    """Weight and query of every way to look."""

    def query(q: str, *more: Filter) -> dict[str, Any]:
        return {
            "indexUid": index,
            "q": q,
            "filter": [*conditions, *more],
            "limit": found if q else coded,
            "attributesToRetrieve": ["id"],
        }

    for word, weight in sought.terms.words.items():
        yield weight, query(beginning(word))
    for norm in sought.terms.norms[:NORMS]:
        yield STATED, query(f'"{norm}"')
    stems = [_stem(code) for code in list(sought.codes)[:CODES]]
    if stems:
        exact, near = _list(stems[:EXACT]), _list(stem[:CLASS] for stem in stems)
        yield STATED, query("", f"cpv_prefixes IN [{exact}] OR suggested_prefixes IN [{exact}]")
        yield STATED / 2, query("", f"suggested_prefixes IN [{near}]")
    if sought.trades:
        yield STATED, query("", f"trades IN [{_list(sought.trades)}]")


def _list(values: Iterable[str]) -> str:
    return ", ".join(quoted(value) for value in dict.fromkeys(values))


def _stem(code: str) -> str:
    return code[:2] + code[2:].rstrip("0")
