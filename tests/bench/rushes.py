"""Whether seats stay seats when many firms book at the same moment, and how long they wait for their answer."""

from pathlib import Path

from market.config import load
from market.db import connect, sessions
from tests.bench.report import Report, p50, share
from tests.bookings.rush import THREADS, Rush, rush, served

BOOKINGS = 200
SEATS = 20


def rushes(report: Report, folder: Path, databases: dict[str, str], rounds: int) -> None:
    """Rounds of 200 parallel bookings for 20 seats over HTTP, on each database."""
    told: list[tuple[object, ...]] = []
    for name, url in databases.items():
        settings = load(
            {"MARKET_DATABASE_URL": url, "MARKET_VAR": str(folder), "MARKET_BASE_URL": "http://127.0.0.1:8000"}
        )
        engine = connect(url)
        with served(settings, sessions(engine)) as (base, tokens):
            found = [rush(base, tokens, sessions(engine), BOOKINGS, SEATS) for _ in range(rounds)]
        engine.dispose()
        times = sorted(one.seconds for one in found)
        right = sum(went_well(one) for one in found)
        errors = sum(status >= 400 for one in found for status in one.statuses)
        told.append((name, rounds, right, errors, f"{p50(times):.2f}", f"{share(times, 0.95):.2f}"))
        report.goal(f"rounds of {BOOKINGS} bookings for {SEATS} seats gone wrong, {name}", rounds - right, 0, "rounds")
    title = f"{BOOKINGS} bookings at once for {SEATS} seats, {THREADS} threads"
    report.table(title, "database | rounds | exactly right | error pages | s a round, p50 | p95", told)


def went_well(one: Rush) -> bool:
    """Exactly the seats there are, everybody else on the waiting list in order, no error page."""
    figures = (one.reserved, one.booked, one.waiting) == (SEATS, SEATS, BOOKINGS - SEATS)
    return figures and one.in_order and set(one.statuses) == {303}
