"""`market export offerings|needs|providers`: the import's fields with `ref` and `url`, to the screen or a file."""

import argparse
import io
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy.orm import Session
from tqdm import tqdm

from market.config import Settings
from market.db import connect, read_only, sessions
from market.errors import Invalid
from market.exchange import exporting, tables
from market.exchange.files import FORMATS, Format, format_of

SOURCES: dict[str, tuple[Callable[[Session, str], Iterator[dict[str, Any]]], tuple[str, ...]]] = {
    "offerings": (exporting.offerings, exporting.OFFERING_COLUMNS),
    "needs": (exporting.needs, exporting.NEED_COLUMNS),
    "providers": (exporting.listed_providers, exporting.PROVIDER_COLUMNS),
}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=tuple(SOURCES), help="what to write")
    parser.add_argument("--format", choices=FORMATS, help="default: by the name of the output, else jsonl")
    parser.add_argument("--output", metavar="FILE", help="default: the standard output")


def run(settings: Settings, given: argparse.Namespace) -> int:
    """A file appears only when it is whole."""
    kind: Format = given.format or (format_of(given.output) if given.output else "jsonl")
    if given.output is None:
        if kind == "xlsx" and sys.stdout.isatty():
            raise Invalid("A workbook is nothing for the screen; name a file with --output.")
        write(settings, given.what, kind, sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return 0
    target = Path(given.output)
    part = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with part.open("wb") as file:
            count = write(settings, given.what, kind, file)
        part.replace(target)
    except OSError as error:
        raise Invalid(f"{target} cannot be written: {error.strerror}.") from error
    finally:
        part.unlink(missing_ok=True)
    print(f"{count} {given.what} written to {target}", file=sys.stderr)
    return 0


def write(settings: Settings, what: str, kind: Format, file: BinaryIO | io.BufferedWriter) -> int:
    engine = connect(settings.database_url)
    read, columns = SOURCES[what]
    try:
        with read_only(sessions(engine)) as session:
            found = read(session, settings.base_url)
            counted = tqdm(found, unit=f" {what}", disable=not sys.stderr.isatty() or file is sys.stdout.buffer)
            return tables.write(counted, columns, kind, file)
    finally:
        engine.dispose()
