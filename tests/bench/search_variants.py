"""What the choices in `search/` cost and bring: circles, the full query, marks, wording, synonyms.

    python -m tests.bench.search_variants [--sizes 10000 100000] [--only circles full marks wording synonyms]

Prints one Markdown table a section; docs/search-settings.md keeps the figures the choices were made by.
"""

import argparse
import asyncio
import itertools
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from math import acos, cos, degrees, pi, radians, sin
from pathlib import Path
from typing import Any

from search import indexes, query, write
from search.asking import Question
from search.circles import circles
from search.client import Client, admin
from search.criteria import Criteria, any_of
from search.geo import EARTH_KM, Near, cover, from_point
from search.wording import telling, wording
from search.words import split
from tests.search.conftest import TODAY
from tests.search.corpus import offerings, trades, words_of
from tests.search.test_spelling import sample
from tests.support.meili import start_meilisearch

EISENHUETTENSTADT = Near(52.1458, 14.6313)
WORDS = ["schweißen", "kranprüfung", "instandhaltung", "rohrleitungsbau", "gerüst", "schweißer", "elektriker"]
WORDS += ["industriereinigung", "hydraulik", "kran prüfen"]
Query = dict[str, Any]
Rows = Iterable[tuple[Any, ...]]


class Bench:
    """A server with its clients, and the tables as they are printed."""

    def __init__(self, url: str, key: str, client: Client, sizes: list[int]) -> None:
        self.admin = admin(url, key, timeout=120)
        self.client, self.sizes = client, sizes

    def load(self, name: str, documents: Iterable[Any], **settings: Any) -> float:
        """Fill an index from nothing; seconds until all is searchable."""
        began = time.perf_counter()
        write.rebuild(self.admin, name, indexes.settings("offerings") | settings, documents)  # type: ignore[arg-type]
        return time.perf_counter() - began

    async def timed(self, ask: Callable[[int], Awaitable[Any]], rounds: int = 40) -> tuple[str, str]:
        """Median and 99th percentile in milliseconds, after three to warm up."""
        spent = []
        for number in range(rounds + 3):
            began = time.perf_counter()
            await ask(number)
            spent.append((time.perf_counter() - began) * 1000)
        spent = sorted(spent[3:])
        return f"{statistics.median(spent):.1f}", f"{spent[int(len(spent) * 0.99)]:.1f}"

    async def raw(self, queries: list[Query], rounds: int = 40) -> tuple[str, str]:
        """The queries in turn, each alone."""
        return await self.timed(lambda n: self.client.multi_search([queries[n % len(queries)]]), rounds)


def table(title: str, heads: str, rows: Rows) -> None:
    names = heads.split(" | ")
    print(f"\n## {title}\n\n| {heads} |\n|{'---|' * len(names)}")
    for row in rows:
        print(f"| {' | '.join(str(cell) for cell in row)} |", flush=True)


# -- circles


def strips(near: Near, km: float, count: int) -> str:
    """The rectangles of latitude bands that lie wholly inside a circle, as ranges of numbers."""

    def half_width(lat: float) -> float:
        a, b = radians(near.lat), radians(lat)
        c = (cos(km / EARTH_KM) - sin(a) * sin(b)) / (cos(a) * cos(b))
        return degrees(acos(max(-1.0, min(1.0, c))))

    edges = [near.lat - degrees(km / EARTH_KM) * cos(pi * step / count) for step in range(count + 1)]
    parts = []
    for south, north in itertools.pairwise(edges):
        half = min(half_width(south), half_width(north))
        parts.append(f"(lat {south} TO {north} AND lng {near.lng - half} TO {near.lng + half})")
    return " OR ".join(parts)


async def circle_rows(bench: Bench, size: int) -> Rows:
    """One filter alone, no words: what it costs and how many of the documents it finds."""
    documents = list(offerings(size))
    with_geo = ({**d, "_geo": {"lat": d["lat"], "lng": d["lng"]}} for d in documents)
    filterable = [*indexes.settings("offerings")["filterableAttributes"], "_geo"]
    many = {"filterableAttributes": filterable, "pagination": {"maxTotalHits": size}}
    bench.load("geo", with_geo, **many)
    rows = []
    for km in (10, 25, 50, 100):
        near = EISENHUETTENSTADT
        truth = sum(near.km(d["lat"], d["lng"]) <= km for d in documents)
        area = cover(near, km)
        edge = {"indexUid": "geo", "filter": any_of("cells", area.edge), "facets": ["point"], "hitsPerPage": 0}
        (answer,) = await bench.client.multi_search([edge])
        points = [p for p in answer["facetDistribution"]["point"] if near.km(*from_point(p)) <= km]
        variants: dict[str, Any] = {
            "`_geoRadius`": f"_geoRadius({near.lat}, {near.lng}, {km * 1000})",
            "24 strips, not exact": strips(near, km, 24),
            f"{len(area.inside)} cells and {len(points)} points": [
                [any_of("cells", area.inside or ["none"]), any_of("point", points or ["none"])]
            ],
        }
        for name, condition in variants.items():
            asked = {"indexUid": "geo", "filter": condition, "hitsPerPage": 0}
            (answer,) = await bench.client.multi_search([asked])
            rows.append((f"{size:,}", km, name, f"{answer['totalHits'] / truth:.4f}", *await bench.raw([asked])))
        rows.append((f"{size:,}", km, "the edge's points, asked once", "", *await bench.raw([edge])))
    return rows


async def circles_section(bench: Bench) -> None:
    rows = [row for size in bench.sizes for row in await circle_rows(bench, size)]
    table("Circles: one filter, no words", "documents | km | variant | found / true | p50 ms | p99 ms", rows)


# -- the full query


def full(q: str, km: float | None, per_page: int = 20) -> Criteria:
    """Three filters, a circle, words."""
    near = EISENHUETTENSTADT if km else None
    some = {"languages": ("pl",), "available_by": 20261231, "kinds": ("service",)}
    return Criteria(q=q, near=near, radius_km=km, per_page=per_page, **some)  # type: ignore[arg-type]


async def page(bench: Bench, criteria: Criteria) -> Query:
    """The hits' own request with four facets: what "raw" means in the tables."""
    circle = await circles(bench.client, await bench.client.state(), ("offerings",), criteria)
    question = Question("offerings", criteria, TODAY, circle["offerings"])
    return question.page("certificates", "trades", "district", "employees")


async def full_section(bench: Bench) -> None:
    rows: list[tuple[Any, ...]] = []
    for size in bench.sizes:
        spent = bench.load("offerings", offerings(size))
        bench.load("providers", offerings(size // 4, seed=9, a_firm=1))
        bench.load("needs", offerings(max(100, size // 50), seed=11))
        said = f"{size:,}"
        rows.append((said, f"built in {spent:.0f} s ({size / spent:,.0f}/s)", "", ""))
        for km in (None, 25, 50, 100):
            queries = [await page(bench, full(q, km)) for q in WORDS]
            rows.append((said, f"raw, {km or 'no'} km, 20 hits", *await bench.raw(queries, 100)))
        for name, criteria in {
            "find: full, 50 km": [full(q, 50) for q in WORDS],
            "find: full, 50 km, 10 hits": [full(q, 50, 10) for q in WORDS],
            "find: full, certificate, another day": [
                Criteria(q=q, certificates=("iso-9001",), valid_on=20270101) for q in WORDS
            ],
            "find: one word": [Criteria(q=q) for q in WORDS],
            "find: two letters": [Criteria(q=q[:2]) for q in WORDS],
            "find: no words": [Criteria()],
            "find: by distance, no words": [Criteria(near=EISENHUETTENSTADT, sort="distance")],
            "find: by distance, one word": [Criteria(q=q, near=EISENHUETTENSTADT, sort="distance") for q in WORDS],
            "find: nothing found": [Criteria(q=f"xylophon {q}", kinds=("none",)) for q in WORDS],
        }.items():
            rows.append((said, name, *await bench.timed(finding(bench, criteria), 60)))
    table("The full query (3 filters, circle, 4 facets, marks)", "documents | question | p50 ms | p99 ms", rows)


def finding(bench: Bench, criteria: list[Criteria]) -> Callable[[int], Awaitable[Any]]:
    return lambda n: query.find(bench.client, "offerings", criteria[n % len(criteria)], TODAY)


async def marks_section(bench: Bench) -> None:
    """What showing more costs, on the raw full query."""
    rows = []
    for size in bench.sizes:
        bench.load("offerings", offerings(size))
        plain = [await page(bench, full(q, 50)) for q in WORDS]
        for name, change in {
            "as it is": {},
            "no marks": {"attributesToHighlight": []},
            "`trade_words` marked too": {"attributesToHighlight": [*plain[0]["attributesToHighlight"], "trade_words"]},
            "positions of all matches": {"showMatchesPosition": True},
            "no score details": {"showRankingScoreDetails": False},
            "10 hits": {"hitsPerPage": 10},
            "no facets": {"facets": []},
        }.items():
            rows.append((f"{size:,}", name, *await bench.raw([{**asked, **change} for asked in plain], 100)))
    table("Marks", "documents | variant | p50 ms | p99 ms", rows)


# -- words


def parts_before(q: str) -> str:
    return wording(q).text


def parts_after(q: str) -> str:
    words = telling(q)
    return " ".join(dict.fromkeys([*words, *(part for word in words for part in split(word.lower()))]))


def parts_only(q: str) -> str:
    return wording(q, every=True).text


WORDINGS: dict[str, Callable[[str], tuple[str, str]]] = {
    "as typed, `last`": lambda q: (q, "last"),
    "as typed, `frequency`": lambda q: (q, "frequency"),
    "as typed, `all`": lambda q: (q, "all"),
    "parts after, `frequency`": lambda q: (parts_after(q), "frequency"),
    "parts before, `frequency`": lambda q: (parts_before(q), "frequency"),
    "parts before, `last`": lambda q: (parts_before(q), "last"),
    "parts only, `all`": lambda q: (parts_only(q), "all"),
    "chosen: parts before, strategy by words": lambda q: (wording(q).text, wording(q).strategy),
}


def bare(documents: Iterable[Any]) -> Iterator[Any]:
    """As imported without trades: only what the firm wrote itself."""
    for d in documents:
        yield {**d, "trade_names": [], "trade_words": [], "code_labels": [], "keywords": []}


async def recall(bench: Bench, said: Callable[[str], tuple[str, str]], languages: bool) -> tuple[str, ...]:
    """Share of the sample with a right trade among five, with one first, and share of right hits among five."""
    found = []
    for typed, wanted, group in sample():
        if languages or group not in ("pl", "en", "norm"):
            text, strategy = said(typed)
            asked = {"indexUid": "words", "q": text, "matchingStrategy": strategy, "limit": 5}
            (answer,) = await bench.client.multi_search([asked])
            right = [not wanted.isdisjoint(hit["trades"]) for hit in answer["hits"]]
            found.append((any(right), right[:1] == [True], sum(right) / 5))
    return tuple(f"{statistics.mean(column):.2f}" for column in zip(*found, strict=True))


async def wording_section(bench: Bench) -> None:
    rows = []
    for kind, documents in {"with trades": offerings(2000), "without": bare(offerings(2000))}.items():
        bench.load("words", documents)
        for name, said in WORDINGS.items():
            rows.append((kind, name, *await recall(bench, said, languages=kind == "with trades")))
    heads = "documents | wording | right among 5 | right first | share of 5"
    table("Wording: the sample against 2,000 offerings", heads, rows)


def mutual() -> dict[str, list[str]]:
    """Every word of a trade a synonym of all the others: about 25 for each."""
    found: dict[str, list[str]] = {}
    for trade in trades():
        names, more = words_of(trade["id"])
        every = [word.lower() for word in dict.fromkeys([*names, *more])]
        for word in every:
            found[word] = list(dict.fromkeys([*found.get(word, []), *(other for other in every if other != word)]))
    return found


def without_words(documents: Iterable[Any]) -> Iterator[Any]:
    for d in documents:
        yield {**d, "trade_words": []}


async def synonyms_section(bench: Bench) -> None:
    """Everyday words in the documents against the same as synonyms of the query."""
    own = indexes.settings("offerings")["synonyms"]
    rows = []
    for size in bench.sizes:
        for name, settings, documents in (
            ("words in the documents and our synonyms", {}, offerings(size)),
            ("words in the documents, no synonyms", {"synonyms": {}}, offerings(size)),
            ("words as mutual synonyms", {"synonyms": own | mutual()}, without_words(offerings(size))),
            ("neither", {"synonyms": {}}, without_words(offerings(size))),
        ):
            spent = bench.load("words", documents, **settings)
            quality = await recall(bench, WORDINGS["chosen: parts before, strategy by words"], languages=True)
            queries = [
                {"indexUid": "words", "q": wording(typed).text, "matchingStrategy": wording(typed).strategy}
                for typed, _, _ in sample()
            ]
            rows.append((f"{size:,}", name, *quality, *await bench.raw(queries, len(queries)), f"{spent:.0f}"))
    heads = "documents | variant | right among 5 | right first | share of 5 | p50 ms | p99 ms | build s"
    table("Everyday words: in the documents or as synonyms", heads, rows)


SECTIONS: dict[str, Callable[[Bench], Awaitable[None]]] = {
    "circles": circles_section,
    "full": full_section,
    "marks": marks_section,
    "wording": wording_section,
    "synonyms": synonyms_section,
}


async def run(url: str, key: str, sizes: list[int], sections: list[str]) -> None:
    async with Client(url, key, timeout=30) as client:
        bench = Bench(url, key, client, sizes)
        for section in sections:
            await SECTIONS[section](bench)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000], help="numbers of offerings")
    parser.add_argument("--only", nargs="+", choices=list(SECTIONS), default=list(SECTIONS), help="sections")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url, key, process = start_meilisearch(Path(folder))
        try:
            asyncio.run(run(url, key, arguments.sizes, arguments.only))
        finally:
            process.terminate()
            process.wait(20)


if __name__ == "__main__":
    main()
