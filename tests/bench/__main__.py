"""Measures the whole marketplace on this machine: search, pages, imports, memory, matching.

    make bench                                 1,000, 10,000 and 100,000 offerings, some ten minutes
    make bench ARGS="--sizes 1000,10000"       less of it

Everything runs on loopback, in processes of its own, and is gone afterwards. Prints Markdown tables and the goals.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

from market.commands.migrate import migrate
from tests.bench.alerts import NEEDS, alerts
from tests.bench.bids import bids
from tests.bench.fulltext import full_text
from tests.bench.hanging import hanging
from tests.bench.intake import intake
from tests.bench.matching import matching
from tests.bench.reading import reading
from tests.bench.report import Report
from tests.bench.rushes import rushes
from tests.bench.signing_in import signing_in
from tests.bench.wagons import wagons
from tests.bench.writing import writing
from tests.support import postgres


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--sizes", type=sizes, default=[1_000, 10_000, 100_000], help="offerings: 1000,10000,100000")
    parser.add_argument("--rounds", type=int, default=100, help="questions of each sort (default 100)")
    parser.add_argument("--imported", type=int, default=3000, help="offerings imported (default 3000)")
    parser.add_argument("--table", type=int, default=5000, help="rows of a firm's workbook (default 5000)")
    parser.add_argument("--changes", type=int, default=20, help="changes of each sort (default 20)")
    parser.add_argument(
        "--rushes", type=int, default=50, help="rounds of bookings for a tenth as many seats (default 50)"
    )
    parser.add_argument("--bookings", type=int, default=200, help="bookings of a round (default 200)")
    parser.add_argument("--bids", type=int, default=100, help="bids of 5 MB in the last minute (default 100)")
    parser.add_argument("--firms", type=int, default=10_000, help="firms that may hear of a need (default 10000)")
    parser.add_argument("--searches", type=int, default=1000, help="saved searches (default 1000)")
    parser.add_argument("--needs", type=int, default=NEEDS, help=f"needs they hear of (default {NEEDS})")
    parser.add_argument(
        "--workers", type=int, default=2, help="web processes that take bids (default 2, as in fly.toml)"
    )
    parser.add_argument("--databases", default="SQLite,PostgreSQL", help="SQLite, PostgreSQL or both (default)")
    given = parser.parse_args()
    began, report = time.perf_counter(), Report()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before the start")
    with tempfile.TemporaryDirectory(prefix="market-bench-") as name:
        folder = Path(name)
        databases = {"SQLite": f"sqlite:///{folder / 'market.db'}"}
        with postgres.cluster() as url, full_text() as texts:
            databases["PostgreSQL"] = url
            for database in databases.values():
                migrate(database)
            one, databases = databases["SQLite"], {name: databases[name] for name in given.databases.split(",")}
            reading(report, folder, one, given.sizes, given.rounds, texts)
            intake(report, folder, databases, given.table)
            writing(report, folder, databases, given.imported, given.changes)
            rushes(report, folder, databases, given.rushes, given.bookings)
            wagons(report, databases, given.rushes)
            signing_in(report, folder, databases, given.rounds)
            hanging(report, folder, databases, given.rounds)
            bids(report, folder, databases, given.bids, given.workers)
            alerts(report, folder, databases, given.firms, given.searches, given.needs)
        matching(report, given.sizes, given.rounds)
    report.end()
    print(f"{time.perf_counter() - began:.0f} s, load {os.getloadavg()[0]:.1f} at the end")
    return 0


def sizes(text: str) -> list[int]:
    """Raises ValueError, which argparse tells."""
    found = [int(part.replace("_", "")) for part in text.split(",")]
    if not all(100 <= size <= 200_000 for size in found):
        raise ValueError(text)
    return found


if __name__ == "__main__":
    raise SystemExit(main())
