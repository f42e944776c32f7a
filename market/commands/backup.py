"""`market backup DIR`: database and files into a folder, while the marketplace runs."""

import argparse
import sys
from pathlib import Path

from market.backups.making import make
from market.commands import bar
from market.config import Settings
from market.db import connect
from market.files.stores import store_at
from market.values import utc_now


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR", help="a new or empty folder")


def run(settings: Settings, given: argparse.Namespace) -> int:
    engine = connect(settings.database_url)
    try:
        with bar(" parts") as tell:
            made = make(engine, store_at(settings.files_url), given.folder, utc_now(), tell)
    finally:
        engine.dispose()
    print(f"{made.rows} rows of {len(made.tables)} tables and {len(made.files)} files in {given.folder}")
    print("MARKET_SECRET and MARKET_SEALING_KEY are not in it; keep them in another place.")
    for key in made.missing:
        print(f"market backup: the file {key} has a row and is not in the store", file=sys.stderr)
    return 1 if made.missing else 0
