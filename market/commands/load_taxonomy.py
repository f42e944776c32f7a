"""`market load-taxonomy cpv|ewc|places FILE`: reads an official list in the form it is published in."""

import argparse
import sys
from pathlib import Path

from tqdm import tqdm

from market.config import Settings
from market.db import connect, sessions
from market.errors import Invalid
from market.taxonomy.load import load_official
from market.taxonomy.models import CodeList
from market.values import utc_now


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("list", choices=("cpv", "ewc", "places"), help="which list the file is")
    parser.add_argument("file", metavar="FILE", type=Path, help="CSV as published")


def run(settings: Settings, given: argparse.Namespace) -> int:
    """Exit code 1 when a line was refused. What documents say of codes follows with the next `market reindex`."""
    engine = connect(settings.database_url)
    try:
        with (
            tqdm(unit=" lines", disable=not sys.stderr.isatty()) as bar,
            sessions(engine).begin() as session,
        ):
            report = load_official(session, given.list, given.file, bar.update)
            session.merge(CodeList(name=given.list, file=given.file.name, lines=report.loaded, loaded_at=utc_now()))
    except OSError as error:
        raise Invalid(f"{given.file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise Invalid(f"{given.file} is not UTF-8.") from error
    finally:
        engine.dispose()
    for line, reason in report.refused:
        print(f"line {line}: {reason}", file=sys.stderr)
    print(f"{report.loaded} lines read, {report.changed} new or changed, {len(report.refused)} refused")
    if report.changed:
        print("Run `market reindex` to bring the new labels into the search.", file=sys.stderr)
    return 1 if report.refused else 0
