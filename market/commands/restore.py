"""`market restore DIR`: a backup into a database that holds nothing yet, and its files into the store."""

import argparse
import sys
from functools import partial
from pathlib import Path

from market import seals
from market.backups import manifest
from market.backups.restoring import restore
from market.commands import bar
from market.commands.migrate import knows, migrate, upgrade
from market.config import Settings
from market.db import connect, exclusive, read_only, sessions
from market.errors import Invalid
from market.files.stores import store_at
from market.relay import LOCK


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR", help="what `market backup` has written")


def run(settings: Settings, given: argparse.Namespace) -> int:
    found = manifest.read(given.folder)
    if not knows(found.revision):
        raise Invalid(f"The backup is of a shape this version does not know ({found.revision}); a newer one made it.")
    faults = list(manifest.faults(given.folder, found))
    if faults:
        for fault in faults:
            print(f"market restore: {fault}", file=sys.stderr)
        return 1
    engine = connect(settings.database_url)
    parts = len(found.tables) + len(found.files)
    try:
        # A relay that runs waits, and finds the whole in its present shape afterwards.
        with exclusive(engine, LOCK), bar(" parts", parts) as tell:
            restore(engine, store_at(settings.files_url), given.folder, found, partial(upgrade, engine), tell)
            migrate(settings.database_url)
        with read_only(sessions(engine)) as session:
            broken, last = seals.verify(session), seals.head(session)
    finally:
        engine.dispose()
    print(f"{found.rows} rows of {len(found.tables)} tables and {len(found.files)} files, made {found.made_at}")
    if broken is not None:
        print(f"market restore: the journal is broken at {broken.place}: {broken.what}", file=sys.stderr)
        return 1
    print(f"journal whole: {last.place} entries sealed, head {last.hash}")
    print("Start the relay, which fills the search index, and then the web.")
    return 0
