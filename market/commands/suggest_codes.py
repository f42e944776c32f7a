"""`market suggest-codes FILE`: texts in, the codes they are about out, best first; one JSON object a line."""

import argparse
import json
import sys
from contextlib import ExitStack
from typing import Any, BinaryIO

from pydantic import BaseModel, ConfigDict, Field, model_validator
from tqdm import tqdm

from market.commands.files import opened
from market.config import Settings
from market.db import connect, read_only, sessions
from market.exchange.files import Row, rows
from market.exchange.reasons import Refused, read
from market.exchange.records import Id, Tongue
from market.taxonomy.suggest import Suggester, split_head, suggester
from market.values import Language

LIMIT = 5
LONGEST = 32_000
"""Characters read of a text; what is said by then is said."""


class TextRecord(BaseModel):
    """A text with its id; columns of other programs are let pass."""

    model_config = ConfigDict(extra="ignore")

    external_id: Id = Field(min_length=1)
    text: str = ""
    title: str = ""
    description: str = ""
    lang: Tongue = None

    @model_validator(mode="after")
    def _says_something(self) -> "TextRecord":
        if not (self.text or self.title or self.description).strip():
            raise ValueError("there is no text: give 'text', or 'title' and 'description'")
        return self

    @property
    def parts(self) -> tuple[str, str]:
        """Title, and what follows."""
        rest = f"{self.description} {self.text}".strip()[:LONGEST]
        return (self.title[:LONGEST], rest) if self.title.strip() else split_head(rest)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file",
        metavar="FILE",
        help="JSONL with external_id and text, or title and description; - reads from the standard input",
    )
    parser.add_argument("--scheme", choices=("cpv", "ewc"), default="cpv", help="which codes (default: cpv)")
    parser.add_argument("--limit", type=int, default=LIMIT, metavar="N", help=f"codes a text (default: {LIMIT})")
    parser.add_argument(
        "--language", choices=("de", "en", "pl"), default="de", help="language of the labels (default: de)"
    )


def run(settings: Settings, given: argparse.Namespace) -> int:
    """Exit code 1 when a record was refused; the others are answered."""
    refused = 0
    with ExitStack() as open_:
        file: BinaryIO = open_.enter_context(opened(given.file))
        engine = connect(settings.database_url)
        open_.callback(engine.dispose)
        session = open_.enter_context(read_only(sessions(engine)))
        codes = suggester(session, given.scheme)
        bar = open_.enter_context(tqdm(unit=" texts", disable=not sys.stderr.isatty()))
        for row in rows(file, "jsonl", []):
            try:
                print(json.dumps(answered(codes, row, given.limit, given.language), ensure_ascii=False))
            except Refused as reason:
                print(f"line {row.line}: {reason}", file=sys.stderr)
                refused += 1
            bar.update()
    return 1 if refused else 0


def answered(codes: Suggester, row: Row, limit: int, language: Language) -> dict[str, Any]:
    """The line that answers a row. Raises Refused."""
    if row.reason:
        raise Refused(row.reason)
    record = read(TextRecord, row.values)
    title, rest = record.parts
    found = codes.best(title, rest, record.lang, max(1, limit))
    return {
        "external_id": record.external_id,
        "codes": [{"code": code, "label": codes.label(code, language), "score": score} for code, score in found],
    }
