"""Whether pages stay fast while another system hangs and as many requests as there are threads are stuck in it."""

import time
from pathlib import Path
from typing import Final

import httpx2

from market.config import load
from market.db import connect, sessions
from tests.bench.report import Report, p50, share
from tests.conftest import empty
from tests.support.deaf import deaf
from tests.support.stuck import MANY, PARTS, Place, environment, people_of, ways
from tests.support.town import Town, town, until

PAGES: Final = {"home": "/", "search": "/search?q=Rohre", "signed in": "/me/profile"}
WARM: Final = 5
LETTERS: Final = 3
"""As many links as an address may ask for in a while."""


def hanging(report: Report, folder: Path, databases: dict[str, str], rounds: int) -> None:
    """Scanner, store, provider and mail server are one deaf server; requests are led into one of them at a time."""
    told: list[tuple[object, ...]] = []
    for name, url in databases.items():
        engine = connect(url)
        empty(engine)
        with deaf() as ear, town(folder / f"hanging-{name}", url, warm=True) as built:
            for part in (*PARTS, "mail"):
                built.env |= environment(part, ear)
            token, ref = people_of(sessions(engine), load(built.env), ear)
            built.start("meilisearch", "relay", "serve")
            until(lambda: _found(built), 60, "the offering in the index")
            for part, lead_in in {"nothing": _nowhere, **ways(ref)}.items():
                place = Place(f"http://127.0.0.1:{built.port}", token, lead_in, ear)
                if part == "mail":  # nobody waits for a letter, so nobody is stuck: some are written, and it hangs
                    place.stick(LETTERS)
                elif part != "nothing":
                    place.keep_stuck(MANY)
                if part != "nothing":
                    until(lambda: ear.held, 30, f"the first to hang in {part}")
                times = measured(place, rounds)
                for page, spent in times.items():
                    told.append((name, part, page, f"{p50(spent):.1f}", f"{share(spent, 0.95):.1f}"))
                worst = max(share(spent, 0.95) for spent in times.values())
                report.goal(f"p95 of other pages while {part} hangs, {name}", worst, 300, "ms")
                place.end()
                ear.sleep()
        engine.dispose()
    title = f"Pages while {MANY} requests are stuck in a system that hangs, ms"
    report.table(title, "database | hangs | page | p50 | p95", told)


def measured(place: Place, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each page, sorted; one after the other, as one reader more among those who wait."""
    spent: dict[str, list[float]] = {page: [] for page in PAGES}
    with place.client(signed_in=True) as member, place.client() as stranger:
        clients: dict[str, httpx2.Client] = dict.fromkeys(PAGES, stranger) | {"signed in": member}
        for number in range(rounds + WARM):
            for page, path in PAGES.items():
                began = time.perf_counter()
                answer = clients[page].get(path)
                if number >= WARM:
                    spent[page].append((time.perf_counter() - began) * 1000)
                assert answer.status_code == 200, (page, answer.status_code)
    return {page: sorted(times) for page, times in spent.items()}


def _nowhere(client: httpx2.Client) -> httpx2.Response:
    return client.get("/healthz")


def _found(built: Town) -> bool:
    answer = built.ask("/api/v1/search/offerings?q=Rohre")
    return answer is not None and b'"limited":false' in answer[1].replace(b" ", b"") and b"Rohre biegen" in answer[1]
