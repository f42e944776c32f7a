"""`market journal verify`: whether the audit trail is whole; `market journal export`: what it says."""

import argparse
import json
import sys
from datetime import date

from sqlalchemy import select

from market import seals
from market.config import Settings
from market.db import connect, read_only, sessions
from market.journal import Entry
from market.values import local_day


def arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("verify", help="go through the whole chain", description="Go through the whole chain.")
    export = actions.add_parser(
        "export", help="write entries as JSON lines", description="Write entries as JSON lines."
    )
    export.add_argument("--since", type=date.fromisoformat, metavar="DAY", help="first day, e.g. 2026-11-24")
    export.add_argument("--verb", default="", help="only verbs that begin so, e.g. accounts.")


def run(settings: Settings, given: argparse.Namespace) -> int:
    engine = connect(settings.database_url)
    try:
        with read_only(sessions(engine)) as session:
            if given.action == "export":
                query = select(Entry).where(Entry.verb.startswith(given.verb, autoescape=True)).order_by(Entry.id)
                for entry in session.scalars(query.execution_options(yield_per=1000)):
                    if given.since is None or local_day(entry.at) >= given.since:
                        print(json.dumps(_line(entry), ensure_ascii=False))
                return 0
            fault = seals.verify(session)
            if fault is not None:
                print(f"broken at {fault.place}: {fault.what}", file=sys.stderr)
                return 1
            now = seals.head(session)
            print(f"whole: {now.place} entries sealed, head {now.hash}")
            return 0
    finally:
        engine.dispose()


def _line(entry: Entry) -> dict[str, object]:
    return {
        "at": entry.at.isoformat(),
        "actor": entry.actor,
        "verb": entry.verb,
        "subject": f"{entry.subject} {entry.subject_id}",
        "data": entry.data,
        "place": entry.place,
        "hash": entry.hash,
    }
