"""How fast questions are answered: Meilisearch itself, our API, our page, PostgreSQL; at each size."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp

from search import indexes, write
from search.client import admin
from tests.bench.fulltext import FullText
from tests.bench.questions import FULL, LONG, WORDS, Asked, Params, Query, asked
from tests.bench.report import Report, Way, interleaved, memory, p50, share
from tests.search.corpus import offerings
from tests.support.town import KEY, Town, town

HEADS = "offerings | question | way | p50 ms | p99 ms | ratio | over raw ms"
PAGE = {"Accept": "text/html", "Accept-Encoding": "gzip, br, zstd", "Accept-Language": "de"}
FRAGMENT = {**PAGE, "HX-Request": "true"}
SETS: dict[str, list[Params]] = {
    "one word": [{"q": q} for q in WORDS],
    "full": [{"q": q, **FULL} for q in WORDS],
    "long text": [{"q": q} for q in LONG],
}
CONNECTIONS = 16


def load(server: tuple[str, str], size: int) -> float:
    """Fill the indexes of a server as they are at this size; offerings a second."""
    client = admin(*server, timeout=120)
    began = time.perf_counter()
    write.rebuild(client, "offerings", indexes.settings("offerings"), offerings(size))
    rate = size / (time.perf_counter() - began)
    write.rebuild(client, "providers", indexes.settings("providers"), offerings(size // 4, seed=9, a_firm=1))
    write.rebuild(client, "needs", indexes.settings("needs"), offerings(max(100, size // 50), seed=11))
    return rate


def reading(report: Report, folder: Path, database_url: str, sizes: list[int], rounds: int, full: FullText) -> None:
    """All tables of reading. No relay runs: it would build the indexes anew from the database."""
    for size in sizes:
        with town(folder / str(size), database_url) as built:
            built.start("meilisearch")
            rate = load((built.search_url, KEY), size)
            full.load(offerings(size))
            built.start("serve")
            asyncio.run(at_size(report, built, database_url, size, rounds, full))
            told = [(name, *(f"{mb:.0f}" for mb in memory(pid(built, name)))) for name in ("serve", "meilisearch")]
            report.table(f"Memory at {size:,}, one web process", "process | RSS MB | PSS MB", told)
            print(f"\nindex of {size:,} built anew: {rate:,.0f} offerings/s")
            built.kill("serve")
            built.children["serve"] = built.verb("serve", "--workers", "2")
            built.start("serve")
            asyncio.run(at_once(report, built, size, min(4.0, rounds / 25)))
            workers = [f"{mb:.0f}" for mb in memory(pid(built, "serve"))]
            report.table(f"Memory at {size:,}", "process | RSS MB | PSS MB", [("serve, two workers", *workers)])


def pid(built: Town, name: str) -> int:
    process = built.children[name].process
    assert process is not None
    return process.pid


async def at_size(report: Report, built: Town, database: str, size: int, rounds: int, full: FullText) -> None:
    rows: list[tuple[object, ...]] = []
    async with client() as http:
        for kind, params in SETS.items():
            questions = await asked(database, (built.search_url, KEY), params)
            ways = ways_of(http, built, questions) | {"PostgreSQL full text": full.way(questions)}
            if kind == "long text":
                del ways["PostgreSQL full text"]
            spent = await interleaved(ways, rounds)
            raw = p50(spent["raw"])
            for name, times in spent.items():
                over = p50(times) - raw
                said = (f"{p50(times):.2f}", f"{share(times, 0.99):.2f}", f"{p50(times) / raw:.2f}", f"{over:+.2f}")
                rows.append((f"{size:,}", kind, name, *said))
            goals(report, kind, size, {name: p50(times) for name, times in spent.items()})
    report.table(f"Latency at {size:,}", HEADS, rows)


def goals(report: Report, kind: str, size: int, middle: dict[str, float]) -> None:
    raw, what = middle["raw"], f"{kind} at {size:,}"
    if kind == "long text":  # asked for in pieces: there is no one query to compare with
        return
    for name, times, over in (("API", 1.5, 2.0), ("HTML fragment", 2.0, 4.0)):
        if size >= 100_000:
            report.goal(f"{name}, {what}: p50 over raw", middle[name] / raw, times, "x")
        report.goal(f"{name}, {what}: p50 above raw", middle[name] - raw, over, "ms")
    if kind == "full" and size >= 100_000:
        report.goal(f"raw, {what}: p50", raw, 10.0, "ms")


def client() -> aiohttp.ClientSession:
    # Nothing is unpacked here: what is measured ends with the last byte.
    return aiohttp.ClientSession(auto_decompress=False, connector=aiohttp.TCPConnector(limit=CONNECTIONS))


def ways_of(http: aiohttp.ClientSession, built: Town, questions: list[Asked]) -> dict[str, Way]:
    """Each of them reads the answer whole and insists on 200."""
    search = {"Accept-Encoding": "identity", "Authorization": f"Bearer {KEY}"}
    web = f"http://127.0.0.1:{built.port}"

    async def post(queries: list[Query]) -> None:
        await fetched(http.post(f"{built.search_url}/multi-search", json={"queries": queries}, headers=search))

    def raw(hits: int) -> Callable[[int], Awaitable[object]]:
        return lambda n: post([{**questions[n % len(questions)].hits, "hitsPerPage": hits}])

    async def everything(n: int) -> None:
        await asyncio.gather(*(post(queries) for queries in questions[n % len(questions)].requests))

    def get(path: str, headers: dict[str, str]) -> Way:
        return lambda n: fetched(http.get(f"{web}{path}{questions[n % len(questions)].address}", headers=headers))

    return {
        "raw": raw(questions[0].hits["hitsPerPage"]),
        "raw, all requests of the page": everything,
        "API": get(f"/api/v1/search/offerings?limit={questions[0].hits['hitsPerPage']}&", {}),
        "HTML fragment": get("/search?", FRAGMENT),
        "HTML page": get("/search?", PAGE),
    }


async def fetched(request: "aiohttp.client._RequestContextManager") -> bytes:
    async with request as response:
        body = await response.read()
        if response.status != 200:
            raise RuntimeError(f"{response.url}: {response.status} {body[:200]!r}")
        return body


async def at_once(report: Report, built: Town, size: int, seconds: float) -> None:
    """Requests a second with many connections; the asking process shares the same cores."""
    rows = []
    questions = [Asked(params, {"hitsPerPage": 10}, []) for params in SETS["one word"]]
    async with client() as http:
        ways = ways_of(http, built, questions)
        for name in ("API", "HTML fragment", "HTML page"):
            done = await for_a_while(ways[name], seconds)
            rows.append((f"{size:,}", name, f"{done / seconds:.0f}"))
    report.table(f"Requests a second, two workers, {CONNECTIONS} connections", "offerings | way | requests/s", rows)


async def for_a_while(way: Way, seconds: float) -> int:
    end, done = time.perf_counter() + seconds, 0

    async def one(first: int) -> None:
        nonlocal done
        number = first
        while time.perf_counter() < end:
            await way(number)
            number, done = number + 1, done + 1

    await asyncio.gather(*(one(first) for first in range(CONNECTIONS)))
    return done
