"""How long matching takes: a need of 200 words against 1,000, 10,000 and 100,000 offerings, both ways; codes from text.

python -m tests.bench.matching [--sizes 1000 10000]
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

from market.commands.migrate import migrate
from market.db import Sessions, connect, read_only, sessions
from market.matching.asked import Asked
from market.matching.service import Matcher
from market.taxonomy import codes
from market.taxonomy.suggest import split_head, suggester
from search import indexes, write
from search.client import Client, admin
from tests.search import corpus
from tests.support.meili import start_meilisearch

SIZES = (1000, 10_000, 100_000)
TURNS = 60
TODAY = date(2026, 11, 24)
PATIENCE = 30.0


@dataclass(frozen=True)
class Line:
    """Milliseconds at one size."""

    size: int
    what: str
    p50: float
    p99: float


def documents(count: int) -> Iterator[dict[str, Any]]:
    """Offerings of the search bench with the subjects their texts would get."""
    for one in corpus.offerings(count):
        vector = [f"{code} {weight}" for code, weight in zip(one["cpv"], (1.0, 0.6, 0.4, 0.3), strict=False)]
        yield one | {
            "suggested": vector,
            "suggested_prefixes": codes.all_prefixes(one["cpv"]),
            "suggested_labels": one["code_labels"],
            "areas": [],
            "verified_on": 20260301,
        }


def needs(count: int, seed: int = 3) -> list[Asked]:
    """Texts of some 200 words about one or two trades each, with a site, a day and a certificate now and then."""
    r = random.Random(seed)
    found = []
    for _ in range(count):
        trades = r.sample(corpus.trades(), 2)
        names, more = corpus.words_of(trades[0]["id"])
        others, further = corpus.words_of(trades[1]["id"])
        words = " ".join(r.choices([*more, *names], k=30) + r.choices([*others, *further], k=10))
        filler = " ".join(r.choices([part.strip() for part in corpus.FILLER], k=16))
        found.append(
            Asked(
                title=f"{trades[0]['names']['de']} für die Revision",
                text=f"{filler} {words}. {filler}"[:1800],
                lat=52.15,
                lon=14.63,
                on_date=20270115,
                certificates=tuple(r.sample(["iso-9001", "scc", "en-1090"], r.choice([0, 0, 1]))),
                languages=("de",),
            )
        )
    return found


async def timed(what: Sequence[Callable[[], Awaitable[object]]]) -> tuple[float, float]:
    """Median and 99th percentile of milliseconds, after a warm-up of a few."""
    spent = []
    for place, one in enumerate(what):
        began = time.perf_counter()
        await one()
        if place >= len(what) // 4:
            spent.append((time.perf_counter() - began) * 1000)
    return median(spent), sorted(spent)[min(len(spent) - 1, int(len(spent) * 0.99))]


async def at_size(url: str, key: str, factory: Sessions, size: int) -> list[Line]:
    server = admin(url, key, timeout=600)
    write.rebuild(server, "offerings", indexes.settings("offerings"), documents(size))
    asked = needs(TURNS)
    async with Client(url, key, PATIENCE) as client:
        matcher = Matcher(client, factory, lambda: TODAY)
        raw = [_raw(client, need) for need in asked]
        lines = [Line(size, "one word, 20 hits", *await timed(raw))]
        ask = [_match(matcher, need) for need in asked]
        return [*lines, Line(size, "need of 200 words -> offerings", *await timed(ask))]


def _raw(client: Client, need: Asked) -> Callable[[], Awaitable[object]]:
    query = {"indexUid": "offerings", "q": need.title.split()[0], "limit": 20}
    return lambda: client.multi_search([query])


def _match(matcher: Matcher, need: Asked) -> Callable[[], Awaitable[object]]:
    return lambda: matcher.for_need(need, "de", 20)


def suggestion(factory: Sessions) -> Line:
    with read_only(factory) as session:
        made = suggester(session, "cpv")
        spent = []
        for need in needs(TURNS, seed=9):
            began = time.perf_counter()
            made.best(*split_head(f"{need.title}. {need.text}"))
            spent.append((time.perf_counter() - began) * 1000)
    return Line(len(made.codes), "codes from 200 words", median(spent), max(spent))


def matching(sizes: Sequence[int] = SIZES, cpv: Path | None = None) -> list[Line]:
    """All lines of the section. `cpv` is the official list, where it is there."""
    from market.taxonomy.load import load_official

    with tempfile.TemporaryDirectory(prefix="market-bench-") as folder:
        url = f"sqlite:///{folder}/market.db"
        migrate(url)
        engine = connect(url)
        factory = sessions(engine)
        if cpv is not None and cpv.exists():
            with factory.begin() as session:
                load_official(session, "cpv", cpv)
        lines = [suggestion(factory)]
        search_url, key, process = start_meilisearch(Path(folder))
        try:
            for size in sizes:
                lines += asyncio.run(at_size(search_url, key, factory, size))
        finally:
            process.terminate()
            process.wait(20)
            engine.dispose()
    return lines


def table(lines: Sequence[Line]) -> str:
    rows = [f"| {line.size:>7} | {line.what:<32} | {line.p50:>7.1f} | {line.p99:>7.1f} |" for line in lines]
    head = f"| {'size':>7} | {'':<32} | {'p50 ms':>7} | {'p99 ms':>7} |"
    return "\n".join([head, f"|{'-' * 9}|{'-' * 34}|{'-' * 9}|{'-' * 9}|", *rows])


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.matching", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    shared = Path(__file__).parents[3] / "shared" / "data" / "cpv" / "cpv_2008_de_en_pl.csv"
    print(table(matching(parser.parse_args(arguments).sizes, shared)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
