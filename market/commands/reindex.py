"""`market reindex`: build new indexes from the database and swap them in; searches go on meanwhile."""

import argparse
import sys

from market.commands import bar
from market.config import Settings
from market.db import connect, exclusive
from market.relay import LOCK, Relay
from market.values import utc_now
from search.errors import SearchError


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--if-needed", action="store_true", help="only where the index differs from the database")


def run(settings: Settings, given: argparse.Namespace) -> int:
    engine = connect(settings.database_url)
    try:
        with (
            exclusive(engine, LOCK),
            Relay(engine, settings.search_url, settings.search_key) as relay,
            bar(" documents") as progress,
        ):
            if given.if_needed:
                relay.prepare()
                print("rebuilt" if relay.heal(utc_now()) else "nothing to do")
                return 0
            counts = relay.rebuild(utc_now(), progress)
    except SearchError as error:
        print(f"market reindex: the search server does not answer: {error}", file=sys.stderr)
        return 1
    print(", ".join(f"{name}: {count}" for name, count in counts.items()))
    return 0
