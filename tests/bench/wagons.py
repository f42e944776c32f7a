"""Many firms at once for the last places of a rail slot: none is given twice, on either database."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime

from market.db import connect
from market.db import sessions as make_sessions
from tests.bench.report import Report
from tests.movements.test_service import rush

FIRMS, PLACES = 24, 32
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def wagons(report: Report, databases: Mapping[str, str], rounds: int = 50) -> None:
    """Each round ends the run where a slot holds more or less than its capacity, or the order of waiting breaks."""
    rows = []
    for name, url in databases.items():
        engine = connect(url)
        began = time.perf_counter()
        given = [rush(make_sessions(engine), NOW, FIRMS, PLACES) for _ in range(rounds)]
        spent = (time.perf_counter() - began) / rounds
        engine.dispose()
        report.goal(f"places of a rail slot given in a rush, {name}: most of {rounds} rounds", max(given), PLACES, "")
        rows.append([name, rounds, FIRMS, PLACES, f"{min(given)} to {max(given)}", f"{spent:.2f}"])
    heads = "database | rounds | firms at once, 4 wagons each | places | places given | s a round"
    report.table("A rush on the last places of a rail slot", heads, rows)
