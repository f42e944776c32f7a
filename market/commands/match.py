"""`market match FILE`: needs in, the offerings that fit them out, best first with reasons; one JSON object a line."""

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any

from tqdm import tqdm

from market.commands.files import opened
from market.config import Settings
from market.db import Sessions, connect, read_only, sessions
from market.exchange.asking import asked
from market.exchange.files import FORMATS, Row, format_of, rows
from market.exchange.reasons import Refused, read
from market.exchange.records import NeedRecord
from market.matching.reasons import Reason
from market.matching.service import Matcher, Matches, names_of
from market.taxonomy.places import Gazetteer
from market.values import LANGUAGES, local_day, utc_now
from search.client import Client

LIMIT = 20
PATIENCE = 10.0
"""Seconds the search server may take for one need: nobody waits for a page here."""

Line = dict[str, Any]


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", metavar="FILE", help="needs as JSONL, CSV or XLSX; - reads JSONL from the standard input"
    )
    parser.add_argument("--limit", type=int, default=LIMIT, metavar="N", help=f"matches a need (default: {LIMIT})")
    parser.add_argument("--language", choices=LANGUAGES, default="de", help="language of the reasons (default: de)")
    parser.add_argument("--near", action="store_true", help="near misses, too: the one criterion and what helps")
    parser.add_argument("--format", choices=FORMATS, help="where the ending of the name does not say it")


def run(settings: Settings, given: argparse.Namespace) -> int:
    """Exit code 1 when a record was refused; the others are answered."""
    with ExitStack() as open_:
        kind = given.format or ("jsonl" if given.file == "-" else format_of(given.file))
        file = open_.enter_context(opened(given.file))
        engine = connect(settings.database_url)
        open_.callback(engine.dispose)
        bar = open_.enter_context(tqdm(unit=" needs", disable=not sys.stderr.isatty()))
        found = rows(file, kind, list(NeedRecord.model_fields))
        return asyncio.run(Work(settings, sessions(engine), given, bar).run(found))


class Work:
    """One run over one file."""

    def __init__(self, settings: Settings, factory: Sessions, given: argparse.Namespace, bar: Any) -> None:
        self.factory, self.given, self.bar = factory, given, bar
        self.client = (
            Client(settings.search_url, settings.search_key, PATIENCE) if settings.search_url is not None else None
        )
        self.matcher = Matcher(self.client, factory, lambda: local_day(utc_now()))

    async def run(self, found: Iterator[Row]) -> int:
        if self.client is None:
            return await self._all(found)
        async with self.client:
            return await self._all(found)

    async def _all(self, found: Iterator[Row]) -> int:
        refused = 0
        with read_only(self.factory) as session:
            gazetteer = Gazetteer.load(session)
        for row in found:
            try:
                print(json.dumps(await self._answer(row, gazetteer), ensure_ascii=False))
            except Refused as reason:
                print(f"line {row.line}: {reason}", file=sys.stderr)
                refused += 1
            self.bar.update()
        return 1 if refused else 0

    async def _answer(self, row: Row, gazetteer: Gazetteer) -> Line:
        """Raises Refused."""
        if row.reason:
            raise Refused(row.reason)
        record: NeedRecord = read(NeedRecord, row.values)
        with read_only(self.factory) as session:
            need = asked(session, record, gazetteer)
        matches = await self.matcher.for_need(need, self.given.language, max(1, self.given.limit))
        with read_only(self.factory) as session:
            refs = [one.ref for one in matches.matches] + [one.ref for one in matches.near]
            names = names_of(session, refs)
        return line(record.external_id, matches, names, near=self.given.near)


def line(external_id: str, matches: Matches, names: dict[str, str], *, near: bool) -> Line:
    """The answer to one need."""
    found: Line = {
        "external_id": external_id,
        "matches": [
            {
                "external_id": names[one.ref],
                "score": one.score,
                "reasons": _reasons(one.reasons),
                "missing": _reasons(one.missing),
            }
            for one in matches.matches
        ],
    }
    if near:
        found["near"] = [
            {
                "external_id": names[one.ref],
                "criterion": one.criterion,
                "text": one.text,
                "advice": one.advice.text,
                "offers": [{"title": offer.title, "organisation": offer.organisation} for offer in one.advice.offers],
            }
            for one in matches.near
        ]
    return found


def _reasons(reasons: Sequence[Reason]) -> list[Line]:
    return [{"criterion": one.criterion, "points": one.points, "text": one.text} for one in reasons]
