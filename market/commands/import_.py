"""`market import offerings|needs FILE`: takes every record that can be taken and names the others by their line."""

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from tqdm import tqdm

from market.config import Settings
from market.db import connect, sessions
from market.errors import Invalid
from market.exchange.files import FORMATS, Format, format_of
from market.exchange.importing import Report, import_needs, import_offerings
from market.values import utc_now
from market.viewer import OPERATOR

SHOWN = 1000
"""Refused records named on the screen; more say the same."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=("offerings", "needs"), help="what the file holds")
    parser.add_argument("file", metavar="FILE", help="JSONL, CSV or XLSX; - reads from the standard input")
    parser.add_argument("--dry-run", action="store_true", help="check everything, keep nothing")
    parser.add_argument("--encoding", help="of a CSV (default: UTF-8, else cp1250 for Polish, cp1252)")
    parser.add_argument("--format", choices=FORMATS, help="where the ending of the name does not say it")


def run(settings: Settings, given: argparse.Namespace) -> int:
    """Exit code 1 when a record was refused, or all of them."""
    with ExitStack() as open_:
        if given.file == "-":
            file: BinaryIO = sys.stdin.buffer
            kind: Format = given.format or "jsonl"
        else:
            kind = given.format or format_of(given.file)
            try:
                file = open_.enter_context(Path(given.file).open("rb"))
            except OSError as error:
                raise Invalid(f"{given.file} cannot be read: {error.strerror}.") from error
        engine = connect(settings.database_url)
        open_.callback(engine.dispose)
        bar = open_.enter_context(tqdm(unit=f" {given.what}", disable=not sys.stderr.isatty()))
        take = import_offerings if given.what == "offerings" else import_needs
        report = take(
            sessions(engine),
            file,
            kind,
            now=utc_now(),
            viewer=OPERATOR,
            dry_run=given.dry_run,
            encoding=given.encoding,
            progress=bar.update,
        )
    tell(report, given.dry_run)
    return 1 if report.refused else 0


def tell(report: Report, dry_run: bool) -> None:
    """Refused records on stderr, the sums on stdout."""
    for line, external_id, reason in report.refused[:SHOWN]:
        where = f"line {line}" if line else "the file"
        print(f"{where}{f' ({external_id})' if external_id else ''}: {reason}", file=sys.stderr)
    if len(report.refused) > SHOWN:
        print(f"... and {len(report.refused) - SHOWN} more", file=sys.stderr)
    sums = f"{report.created} created, {report.changed} changed, {report.unchanged} unchanged"
    print(f"{sums}, {len(report.refused)} refused" + (" (dry run: nothing was kept)" if dry_run else ""))
