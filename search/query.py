"""The questions of the hot path: all of it async and without the database.

The page of hits is one request; the counts without a group's own choice and those of the other tabs are two more that
run beside it, because the server answers the queries of one request one after another.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from search import facets, thorough
from search.asking import Question
from search.circles import circles
from search.client import Client, State
from search.criteria import Criteria
from search.documents import INDEXES, IndexName
from search.errors import SearchUnavailable
from search.geo import Near
from search.hits import Hit, Hits, Suggestion, likely_words
from search.indexes import MAX_HITS
from search.nearest import nearest_page
from search.wording import Wording, looser

log = logging.getLogger("market.search")

__all__ = ["Criteria", "Hit", "Hits", "Near", "Suggestion", "count", "find", "suggest"]

Counts = dict[IndexName, int]
SUGGESTED: tuple[IndexName, ...] = ("providers", "offerings", "needs")
TITLES = ["title", "titles.de", "titles.en", "titles.pl", "translit"]


Meant: TypeAlias = Callable[[str], Awaitable[thorough.Meaning]]
TradeWords: TypeAlias = Callable[[Sequence[str]], tuple[str, ...]]
"""Names and everyday words of trades by their ids: they explain hits in which nothing visible matched. The server could
mark them, but they are long lists: sent with every hit they double the answer."""


def _no_words(trades: Sequence[str]) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True)
class _Beside:
    """What is wanted beside the hits."""

    counts: bool
    facets: bool
    trade_words: TradeWords = _no_words


NOTHING = _Beside(counts=False, facets=False)
PATIENCE = 1.5
"""Time limits of the client the slower way may take; then the quick answer has to do."""


async def find(
    client: Client,
    tab: IndexName,
    criteria: Criteria,
    today: int,
    *,
    with_counts: bool = True,
    meaning: Meant | None = None,
    trade_words: TradeWords = _no_words,
) -> tuple[Hits, Counts]:
    """One page of a tab with its facets, and the number of hits in every tab.

    `today` is a day number; `meaning` tells what longer or poorly answered questions are about. Raises
    SearchUnavailable, also when the index holds nothing at all.
    """
    began = time.perf_counter()
    wanted = _Beside(with_counts, facets=True, trade_words=trade_words)
    answer = await _thoroughly(client, tab, criteria, today, wanted, meaning) if thorough.is_text(criteria) else None
    if answer is None:
        async with client.limited():
            answer = await _find(client, tab, criteria, today, wanted)
        if thorough.wanted(criteria, answer[0].hits):
            better = await _thoroughly(client, tab, criteria, today, wanted, meaning)
            answer = (replace(better[0], loosely=answer[0].total == 0), better[1]) if better else answer
    found, counts = answer
    if found.total == 0:
        async with client.limited():
            if other := await _another_wording(client, tab, criteria, today):
                found, counts = await _find(client, tab, criteria, today, wanted, worded=other)
    return replace(found, took_ms=(time.perf_counter() - began) * 1000), counts


async def _thoroughly(
    client: Client, tab: IndexName, criteria: Criteria, today: int, beside: _Beside, meaning: Meant | None
) -> tuple[Hits, Counts] | None:
    """The slower way; None where the usual one answers, where nothing is found, or where it takes too long."""
    try:
        meant = await meaning(criteria.q) if meaning else thorough.Meaning()
        async with asyncio.timeout(PATIENCE * client.seconds):
            if criteria.page > 1 and not thorough.is_text(criteria):
                first, _ = await _find(client, tab, replace(criteria, page=1, per_page=thorough.ENOUGH), today, NOTHING)
                if not thorough.wanted(replace(criteria, page=1), first.hits):
                    return None
            state = await client.state()
            ask = Question(tab, criteria, today, (await circles(client, state, (tab,), criteria))[tab])
            among = await thorough.ranking(client, ask, state.sizes.get(tab, 0), meant)
            return await _find(client, tab, criteria, today, beside, among=among) if among else None
    except (SearchUnavailable, TimeoutError) as error:
        log.info("the quick answer has to do: %r", error)
        return None


async def _another_wording(client: Client, tab: IndexName, criteria: Criteria, today: int) -> Wording | None:
    """The closest other wording that finds something; none where all words, or only those, are wanted."""
    others = [] if criteria.exact or criteria.sort else looser(criteria.q)
    circle = (await circles(client, await client.state(), (tab,), criteria))[tab] if others else []
    queries = [Question(tab, criteria, today, circle, other).counting() for other in others]
    answers = await client.multi_search(queries)
    return next((other for other, answer in zip(others, answers, strict=True) if _total(answer)), None)


async def _find(
    client: Client,
    tab: IndexName,
    criteria: Criteria,
    today: int,
    wanted: _Beside,
    *,
    worded: Wording | None = None,
    among: Mapping[str, float] | None = None,
) -> tuple[Hits, Counts]:
    state = await client.state()
    if not state.sizes.get(tab):
        raise SearchUnavailable(f"the index {tab} holds nothing or is not there")
    others = [name for name in INDEXES if name != tab and state.sizes.get(name)] if wanted.counts else []
    circle = await circles(client, state, (tab, *others), criteria)
    ask = Question(tab, criteria, today, circle[tab], worded, among)
    days = await facets.day_fields(client, state, ask) if wanted.facets else {}
    groups = facets.countings(ask, days) if wanted.facets else []
    counting = [replace(ask, index=name, circle=circle[name], among=None).counting() for name in others]
    (main, raw), own, elsewhere = await asyncio.gather(
        _page(client, state, ask, facets.main_fields(ask, days) if wanted.facets else []),
        client.multi_search([one.query for one in groups]),
        client.multi_search(counting),
    )
    total = _total(main)
    if total == 0 and not (await client.state(fresh=True)).sizes.get(tab):
        raise SearchUnavailable(f"the index {tab} holds nothing")
    counts: Counts = (dict.fromkeys(INDEXES, 0) if wanted.counts else {}) | {tab: total}
    counts |= {name: _total(answer) for name, answer in zip(others, elsewhere, strict=True)}
    counted = facets.read(ask, main, groups, own, days) if wanted.facets else {}
    words_of = wanted.trade_words if criteria.q and not criteria.exact else _no_words
    hits = [Hit.found(hit, criteria.near, ask.wording.words, words_of(hit["trades"])) for hit in raw]
    used = _meant(criteria, hits)
    likely = likely_words(criteria.q, hits)
    return Hits(total, total < MAX_HITS, hits, counted, likely, used, loosely=worded is not None), counts


async def _page(
    client: Client, state: State, ask: Question, fields: list[str]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The answer with total and facets, and the raw hits of the page."""
    near = ask.criteria.near
    if ask.among is not None:
        return await _ranked(client, ask, ask.among, fields)
    if ask.criteria.sort != "distance" or near is None:
        (main,) = await client.multi_search([ask.page(*fields)])
        return main, main["hits"]
    (main,), raw = await asyncio.gather(
        client.multi_search([ask.counting(*fields)]), nearest_page(client, state, ask, near)
    )
    return main, raw


async def _ranked(
    client: Client, ask: Question, among: Mapping[str, float], fields: list[str]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The page of an order that was made here."""
    c = ask.criteria
    refs = list(among)[(c.page - 1) * c.per_page : c.page * c.per_page]
    main, marked, every = await client.multi_search([ask.counting(*fields), *ask.those(refs)])
    raw = {hit["id"]: hit for answer in (every, marked) for hit in answer["hits"]}
    return main, [{**raw[ref], "_rankingScore": among[ref]} for ref in refs if ref in raw]


def _meant(criteria: Criteria, hits: Sequence[Hit]) -> tuple[str, ...]:
    """Names and words of trades that led here, where no title says the words themselves."""
    if not criteria.q or criteria.exact or not hits or {"title", "titles"} & set(hits[0].matched):
        return ()
    return tuple(dict.fromkeys(name for hit in hits[:5] for name in hit.meant))[:3]


def _total(answer: dict[str, Any]) -> int:
    return int(answer.get("totalHits", 0))


async def count(client: Client, index: IndexName, criteria: Sequence[Criteria], today: int) -> list[int]:
    """Number of hits of several questions in one request. Raises SearchUnavailable."""
    async with client.limited():
        state = await client.state()
        queries = []
        for one in criteria:
            circle = await circles(client, state, (index,), one)
            queries.append(Question(index, one, today, circle[index]).counting())
        return [_total(answer) for answer in await client.multi_search(queries)]


async def suggest(client: Client, text: str, limit: int = 8) -> list[Suggestion]:
    """Firms, offerings and needs whose titles fit the letters typed, firms first. Raises SearchUnavailable."""
    async with client.limited():
        state = await client.state()
        asked = [name for name in SUGGESTED if state.sizes.get(name)]
        answers = await client.multi_search([_suggesting(name, text, limit) for name in asked])
    named: dict[str, Suggestion] = {}
    for name, answer in zip(asked, answers, strict=True):
        share = max(1, limit // 2) if name == "providers" else limit
        for raw in answer["hits"][:share]:
            named.setdefault(raw["title"].lower(), Suggestion(raw["title"], name, raw["id"], raw["slug"]))
    return list(named.values())[:limit]


def _suggesting(name: IndexName, text: str, limit: int) -> dict[str, Any]:
    return {
        "indexUid": name,
        "q": text[:200],
        "limit": limit,
        "attributesToSearchOn": TITLES,
        "attributesToRetrieve": ["id", "slug", "title"],
        "matchingStrategy": "all",
    }
