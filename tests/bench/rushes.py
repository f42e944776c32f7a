"""Whether seats stay seats when many firms book at the same moment, and how long they wait for their answer."""

from pathlib import Path

from market.config import load
from market.db import connect, sessions
from tests.bench.report import Report, p50, share
from tests.bookings.rush import THREADS, Rush, rush, served


def rushes(report: Report, folder: Path, databases: dict[str, str], rounds: int, bookings: int) -> None:
    """Rounds of parallel bookings for a tenth as many seats over HTTP, on each database."""
    told: list[tuple[object, ...]] = []
    seats = bookings // 10
    for name, url in databases.items():
        settings = load(
            {"MARKET_DATABASE_URL": url, "MARKET_VAR": str(folder), "MARKET_BASE_URL": "http://127.0.0.1:8000"}
        )
        engine = connect(url)
        with served(settings, sessions(engine)) as (base, tokens):
            found = [rush(base, tokens, sessions(engine), bookings, seats) for _ in range(rounds)]
        engine.dispose()
        times = sorted(one.seconds for one in found)
        right = sum(went_well(one, bookings, seats) for one in found)
        errors = sum(status >= 400 for one in found for status in one.statuses)
        told.append((name, rounds, right, errors, f"{p50(times):.2f}", f"{share(times, 0.95):.2f}"))
        report.goal(f"rounds of {bookings} bookings for {seats} seats gone wrong, {name}", rounds - right, 0, "rounds")
    title = f"{bookings} bookings at once for {seats} seats, {THREADS} threads"
    report.table(title, "database | rounds | exactly right | error pages | s a round, p50 | p95", told)


def went_well(one: Rush, bookings: int, seats: int) -> bool:
    """Exactly the seats there are, everybody else on the waiting list in order, no error page."""
    figures = (one.reserved, one.booked, one.waiting) == (seats, seats, bookings - seats)
    return figures and one.in_order and set(one.statuses) == {303}
