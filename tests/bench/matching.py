"""How long matching takes: a need of some 200 words against 1,000 to 100,000 offerings, and the other way round;
codes from text; and what the helper fields of matching cost in the building of an index.

    python -m tests.bench.matching [--sizes 1000,10000]
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from market.accounts.models import Organisation
from market.commands.migrate import migrate
from market.db import Sessions, connect, read_only, sessions, take_statistics
from market.matching.asked import Asked
from market.matching.demand import for_offering
from market.matching.service import Matcher
from market.needs.documents import need_documents
from market.needs.models import Need
from market.offerings.models import Offering
from market.taxonomy import codes
from market.taxonomy.load import load_official
from market.taxonomy.subjects import subject_fields
from market.taxonomy.suggest import split_head, suggester
from search import indexes, write
from search.client import Client, admin
from tests.bench.report import Report, Way, interleaved, p50, share
from tests.factories import DETAILS
from tests.search import corpus
from tests.support.meili import start_meilisearch

SIZES = [1_000, 10_000, 100_000]
TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
PATIENCE = 30.0
ROWS = 40
"""Offerings that stand in the database and ask for their needs."""
NEEDS_SHARE = 50
"""One need for so many offerings."""
FILLED = 20_000
"""Documents indexed with and without the fields of matching."""
PLAIN_BATCH = 5_000
"""Of the plain ones in a request: not our own number, so that the measure stays while that is tuned."""
CPV = Path(__file__).parents[3] / "shared" / "data" / "cpv" / "cpv_2008_de_en_pl.csv"


def documents(count: int) -> Iterator[dict[str, Any]]:
    """Offerings of the search bench with subjects like those their texts would get."""
    for one in corpus.offerings(count):
        vector = [f"{code} {weight}" for code, weight in zip(one["cpv"], (1.0, 0.6, 0.4, 0.3), strict=False)]
        yield one | {
            "suggested": vector,
            "suggested_prefixes": codes.all_prefixes(one["cpv"]),
            "suggested_labels": one["code_labels"],
            "areas": [],
            "verified_on": 20260301,
        }


def asked(count: int, seed: int = 3) -> list[Asked]:
    """Texts of some 200 words about one or two trades each, with a site, a day and a certificate now and then."""
    r = random.Random(seed)
    found = []
    for _ in range(count):
        first, second = r.sample(corpus.trades(), 2)
        names, more = corpus.words_of(first["id"])
        others, further = corpus.words_of(second["id"])
        words = " ".join(r.choices([*more, *names], k=30) + r.choices([*others, *further], k=10))
        filler = " ".join(r.choices([part.strip() for part in corpus.FILLER], k=16))
        found.append(
            Asked(
                title=f"{first['names']['de']} für die Revision",
                text=f"{filler} {words}. {filler}"[:1800],
                lat=52.15,
                lon=14.63,
                on_date=20270115,
                certificates=tuple(r.sample(["iso-9001", "scc", "en-1090"], r.choice([0, 0, 1]))),
                languages=("de",),
            )
        )
    return found


def rows(factory: Sessions, needs: int) -> tuple[list[int], list[Any]]:
    """Needs and some offerings in the database; ids of the offerings, and the needs' public documents."""
    with factory.begin() as session:
        organisation = Organisation(name="Probewerk", verified_on=TODAY, created_at=NOW, updated_at=NOW)
        session.add(organisation)
        session.flush()
        common = {"organisation_id": organisation.id, "created_at": NOW, "updated_at": NOW, "published_at": NOW}
        wanted = [
            common | {"stage": "published", "title": one.title, "description": one.text, "lat": one.lat, "lon": one.lon}
            for one in asked(needs, seed=5)
        ]
        session.execute(insert(Need), wanted)
        session.execute(insert(Offering), [common | _row(one) for one in corpus.offerings(ROWS, seed=17)])
        ids = list(session.scalars(Need.__table__.select().with_only_columns(Need.id)))
        made = [document for _, document in need_documents(session, ids, TODAY) if document is not None]
        return list(session.scalars(Offering.__table__.select().with_only_columns(Offering.id))), made


def _row(one: dict[str, Any]) -> dict[str, Any]:
    same = {name: one[name] for name in ("title", "summary", "kind", "lat", "radius_km", "town", "country", "district")}
    listed = {name: tuple(one[name]) for name in ("trades", "cpv", "languages")}
    text = {"description": one["text"], "lon": one["lng"], "status": "published"}
    return same | listed | text | {"details_json": DETAILS[one["kind"]]}


async def at_size(report: Report, url: str, key: str, factory: Sessions, size: int, rounds: int) -> dict[str, float]:
    """Interleaved with the plainest question there is, of one word; p50 by way."""
    server = admin(url, key, timeout=600)
    write.rebuild(server, "offerings", indexes.settings("offerings"), documents(size))
    offered, needs = rows(factory, max(100, size // NEEDS_SHARE))
    write.rebuild(server, "needs", indexes.settings("needs"), needs)
    take_statistics(factory.kw["bind"])  # as the relay does
    questions = asked(rounds + 3)
    async with Client(url, key, PATIENCE) as client:
        matcher = Matcher(client, factory, lambda: TODAY)

        async def raw(n: int) -> object:
            word = questions[n].title.split()[0]
            return await client.multi_search([{"indexUid": "offerings", "q": word, "limit": 20}])

        ways: dict[str, Way] = {
            "raw, one word": raw,
            "need -> offerings": lambda n: matcher.for_need(questions[n], "de", 20),
            f"offering -> {len(needs):,} needs": lambda n: for_offering(matcher, offered[n % ROWS], "de"),
        }
        spent = await interleaved(ways, rounds)
    middle = {name: p50(times) for name, times in spent.items()}
    plain = middle["raw, one word"]
    told = [
        (f"{size:,}", name, f"{p50(times):.1f}", f"{share(times, 0.99):.1f}", f"{p50(times) / plain:.1f}")
        for name, times in spent.items()
    ]
    report.table(f"Matching at {size:,}", "offerings | way | p50 ms | p99 ms | times raw", told)
    return middle


def suggestion(report: Report, factory: Sessions, rounds: int) -> None:
    with read_only(factory) as session:
        made = suggester(session, "cpv")
        spent = []
        for need in asked(rounds + 3, seed=9):
            began = time.perf_counter()
            made.best(*split_head(f"{need.title}. {need.text}"))
            spent.append((time.perf_counter() - began) * 1000)
    spent = sorted(spent[3:])
    told = [(f"{len(made.codes):,}", f"{p50(spent):.1f}", f"{share(spent, 0.99):.1f}")]
    report.table("Codes from 200 words", "codes known | p50 ms | p99 ms", told)
    report.goal("codes from a text: p50", p50(spent), 30.0, "ms")


def filling(report: Report, url: str, key: str, factory: Sessions, count: int) -> None:
    """The same documents as they are, and with all that search and matching add, the making of it included."""
    server = admin(url, key, timeout=600)
    plain = list(corpus.offerings(count))

    def seconds(made: Iterable[Any], bare: bool) -> float:
        began = time.perf_counter()
        if bare:
            tasks = server.index("plain").add_documents_in_batches(list(made), PLAIN_BATCH, "id")
            done = [server.wait_for_task(task.task_uid, timeout_in_ms=600_000) for task in tasks]
            assert all(task.status == "succeeded" for task in done), done
        else:
            write.rebuild(server, "offerings", indexes.settings("offerings"), made)
        return time.perf_counter() - began

    def rich(session: Session) -> Iterator[dict[str, Any]]:
        for one in plain:
            yield one | subject_fields(session, one["title"], f"{one['summary']} {one['text']}", "de")

    bare = seconds(plain, bare=True)
    with read_only(factory) as session:
        ours = seconds(rich(session), bare=False)
    told = [(f"{count:,}", f"{count / bare:,.0f}", f"{count / ours:,.0f}", f"{ours / bare:.2f}")]
    report.table("Building an index", "offerings | plain, offerings/s | ours, offerings/s | times as long", told)
    report.goal("building the index beside plain documents", ours / bare, 2.0, "x")


def matching(report: Report, sizes: list[int], rounds: int, cpv: Path = CPV) -> None:
    """All tables of matching, with their goals. `cpv` is the official list, where it is there."""
    middles = {}
    with tempfile.TemporaryDirectory(prefix="market-bench-") as name:
        folder = Path(name)
        url, key, process = start_meilisearch(folder)
        try:
            for size in sizes:
                database = f"sqlite:///{folder / f'{size}.db'}"
                migrate(database)
                engine = connect(database)
                factory = sessions(engine)
                if cpv.exists():
                    with factory.begin() as session:
                        load_official(session, "cpv", cpv)
                if size == sizes[0]:
                    suggestion(report, factory, rounds)
                    filling(report, url, key, factory, min(FILLED, 2 * max(sizes)))
                middles[size] = asyncio.run(at_size(report, url, key, factory, size, rounds))
                engine.dispose()
        finally:
            process.terminate()
            process.wait(20)
    goals(report, middles)


def goals(report: Report, middles: dict[int, dict[str, float]]) -> None:
    least, most = min(middles), max(middles)
    for way, spent in middles[most].items():
        if way.startswith("raw"):
            continue
        what = way.partition(" -> ")[0]
        first = next(time for name, time in middles[least].items() if name.startswith(what))
        report.goal(f"match of {what} at {most:,}: p50", spent, 60.0, "ms")
        report.goal(
            f"match of {what} at {most:,}: p50 in raw questions", spent / middles[most]["raw, one word"], 6.0, "x"
        )
        if most > least:
            report.goal(f"match of {what}: p50 at {most:,} beside {least:,}", spent / first, 2.0, "x")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.matching", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--sizes", type=lambda text: [int(part) for part in text.split(",")], default=SIZES)
    parser.add_argument("--rounds", type=int, default=60)
    given = parser.parse_args(arguments)
    report = Report()
    matching(report, given.sizes, given.rounds)
    report.end()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
