"""Candidates for a long text: a query per term and per code it speaks of, what each finds summed up here.

Meilisearch reads ten words of a query and wants them all, so the text is never sent as a whole; nor is the title: four
words together cost it as much as five asked one by one, and found nothing more (docs/performance.md). What was found is
only looked at again by whoever knows how to compare: order and reasons are made there.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from search.client import Client
from search.criteria import any_of, quoted
from search.documents import IndexName
from search.terms import Terms, beginning

FOUND, CODED = 12, 24
"""Hits of each query for a word or norm; and for codes or trades, among whose hits the first are not the best."""
FADING = 24
"""At this place a hit counts half."""
CODES, EXACT, CLASS, NORMS = 5, 2, 4, 1
"""Codes whose class (so many digits) is looked for, codes looked for by themselves, norms looked for as they stand."""
STATED = 1.5
"""What a code, a trade or a norm counts beside a telling word."""
AT_ONCE = 2
"""Requests side by side, for words and for codes: the server answers the queries of one request one after another."""

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
_Asked = tuple[float, dict[str, Any]]
_Told = tuple[float, list[dict[str, Any]]]


@dataclass(frozen=True)
class Meant:
    """Codes and trades with weights."""

    codes: Mapping[str, float]
    trades: Mapping[str, float]


@dataclass(frozen=True)
class Sought:
    """What to look for: telling words, and what the text is about; while that is found out words are asked for."""

    terms: Terms
    meant: Meant | Awaitable[Meant]


async def candidates(
    client: Client,
    index: IndexName,
    sought: Sought,
    conditions: Sequence[Filter],
    most: int,
    found: int = FOUND,
    coded: int = CODED,
) -> list[Document]:
    """Whole documents, those with the most evidence first: of `found` hits a word or norm, of `coded` a query for
    codes or trades. Few hits are read along with what finds them, many only once it is known which. Raises
    SearchUnavailable."""
    ask = _Asking(index, list(conditions), found, coded)

    async def by_meaning() -> list[_Told]:
        meant = sought.meant if isinstance(sought.meant, Meant) else await sought.meant
        return await _told(client, list(ask.meaning(meant)))

    halves = await asyncio.gather(_told(client, list(ask.words(sought.terms))), by_meaning())
    evidence: dict[str, float] = defaultdict(float)
    for weight, hits in (one for told in halves for one in told):
        for place, hit in enumerate(hits):
            evidence[hit["id"]] += weight / (1 + place / FADING)
    best = sorted(evidence, key=lambda id_: (-evidence[id_], id_))[:most]
    if not ask.whole:
        return await read(client, index, best)
    read_along = {hit["id"]: hit for told in halves for _, hits in told for hit in hits}
    return [read_along[id_] for id_ in best]


async def _told(client: Client, asked: Sequence[_Asked]) -> list[_Told]:
    """The same weights with what was found."""
    parts = [asked[start::AT_ONCE] for start in range(AT_ONCE)]
    answers = await asyncio.gather(*(client.multi_search([query for _, query in part]) for part in parts))
    return [
        (weight, one["hits"])
        for part, answer in zip(parts, answers, strict=True)
        for (weight, _), one in zip(part, answer, strict=True)
    ]


async def read(client: Client, index: IndexName, refs: Sequence[str]) -> list[Document]:
    """Documents by their references, in that order. Raises SearchUnavailable."""
    if not refs:
        return []
    query = {"indexUid": index, "filter": any_of("id", refs), "limit": len(refs), "attributesToRetrieve": READ[index]}
    (answer,) = await client.multi_search([query])
    place = {ref: number for number, ref in enumerate(refs)}
    return sorted(answer["hits"], key=lambda hit: place[hit["id"]])


@dataclass(frozen=True)
class _Asking:
    """Weight and query of every way to look."""

    index: IndexName
    conditions: list[Filter]
    found: int
    coded: int

    @property
    def whole(self) -> bool:
        return max(self.found, self.coded) <= CODED

    def words(self, terms: Terms) -> Iterable[_Asked]:
        for word, weight in terms.words.items():
            yield weight, self._query(beginning(word))
        for norm in terms.norms[:NORMS]:
            yield STATED, self._query(f'"{norm}"')

    def meaning(self, meant: Meant) -> Iterable[_Asked]:
        stems = [_stem(code) for code in list(meant.codes)[:CODES]]
        if stems:
            exact, near = _list(stems[:EXACT]), _list(stem[:CLASS] for stem in stems)
            yield STATED, self._query("", f"cpv_prefixes IN [{exact}] OR suggested_prefixes IN [{exact}]")
            yield STATED / 2, self._query("", f"suggested_prefixes IN [{near}]")
        if meant.trades:
            yield STATED, self._query("", f"trades IN [{_list(meant.trades)}]")

    def _query(self, q: str, *more: Filter) -> dict[str, Any]:
        return {
            "indexUid": self.index,
            "q": q,
            "filter": [*self.conditions, *more],
            "limit": self.found if q else self.coded,
            "attributesToRetrieve": READ[self.index] if self.whole else ["id"],
        }


def _list(values: Iterable[str]) -> str:
    return ", ".join(quoted(value) for value in dict.fromkeys(values))


def _stem(code: str) -> str:
    return code[:2] + code[2:].rstrip("0")
