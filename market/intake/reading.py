"""Reads what a firm has uploaded: format, encoding and separator, head and sample, rows as records take them."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.datastructures import UploadFile

from market.errors import Invalid
from market.exchange import files
from market.exchange.files import Row
from market.files.checks import Unfit, look
from market.i18n import N_
from market.intake import columns, words
from market.intake.details import FIELDS, value_of
from market.taxonomy.languages import language_of_text
from market.values import Language

MOST_BYTES: Final = 10 * 1024 * 1024
MOST_ROWS: Final = 10_000
MOST_COLUMNS: Final = 150
SAMPLE: Final = 5
ENCODINGS: Final = ("utf-8-sig", "cp1252", "cp1250")
SEPARATORS: Final = (";", ",", "\t", "|")
SHOWN: Final = 300
"""Characters of a cell that a page shows."""
IGNORED: Final = frozenset({"provider_email", "url", "certificates", "district", "texts"})
"""Columns of an export that a firm's own import leaves alone."""


@dataclass(frozen=True)
class Look:
    """The beginning of a file: its head and the first rows, each as texts."""

    head: list[str]
    sample: list[list[str]]


def look_at(upload: object) -> tuple[str, files.Format, bytes]:
    """Name, format and bytes of what was uploaded. Raises Unfit with a sentence."""
    if not isinstance(upload, UploadFile) or not upload.filename:
        raise Unfit(N_("Please choose a file."))
    try:
        form = files.format_of(upload.filename)
    except Invalid:
        raise Unfit(N_("This kind of file is not taken here. Take .xlsx, .csv or .jsonl.")) from None
    raw = upload.file.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise Unfit(N_("The file is larger than 10 MB. Please split it."))
    if not raw.strip():
        raise Unfit(N_("The file is empty."))
    if form == "xlsx":
        try:
            look(upload.filename, "", io.BytesIO(raw), {"xlsx"})
        except Unfit as unfit:
            sentence = N_(
                "We cannot open this workbook. Save it as an Excel workbook (.xlsx) without macros, or as CSV."
            )
            raise Unfit(sentence) from unfit
    elif b"\x00" in raw:
        raise Unfit(N_("This is no text table. Save it as CSV (UTF-8) or as an Excel workbook (.xlsx)."))
    return upload.filename, form, raw


def encoding_of(raw: bytes, language: Language) -> str:
    """UTF-8 where it is that; else the code page of Windows that fits the reader and the words."""
    try:
        raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        if language == "pl":
            return "cp1250"
        return "cp1250" if language_of_text(raw.decode("latin-1")) == "pl" else "cp1252"
    return "utf-8-sig"


def separator_of(raw: bytes, encoding: str) -> str:
    """The separator with which the first line has most columns that we know, else most columns."""
    text = raw.decode(encoding, "replace")
    head = next((line for line in text.splitlines() if line.strip()), "")

    def worth(separator: str) -> tuple[int, int]:
        found = next(csv.reader([head], delimiter=separator), [])
        return len([key for key in columns.guess(found) if key]), len(found)

    return max(SEPARATORS, key=worth)


def beginning(raw: bytes, form: files.Format, encoding: str, separator: str) -> Look:
    """Head and first rows. Raises Invalid where there are none."""
    if form == "jsonl":
        return _jsonl_beginning(raw)
    found: list[list[str]] = []
    for _, cells in _table(raw, form, encoding, separator):
        found.append([shown(cell) for cell in cells])
        if len(found) > SAMPLE:
            break
    if not found:
        raise Invalid(N_("The file is empty; its first line has to name the columns."))
    head = found[0]
    while head and not head[-1].strip():
        head.pop()
    if len(head) > MOST_COLUMNS:
        raise Invalid(N_("The table has more than 150 columns. Leave out those that say nothing of your offerings."))
    return Look(head, [(row + [""] * len(head))[: len(head)] for row in found[1:]])


def _jsonl_beginning(raw: bytes) -> Look:
    rows = [row.values for row, _ in zip(files.rows(io.BytesIO(raw), "jsonl", []), range(SAMPLE), strict=False)]
    head = list(dict.fromkeys(name for row in rows for name in row))[:MOST_COLUMNS]
    return Look(head, [[shown(row.get(name)) for name in head] for row in rows])


def shown(cell: Any) -> str:
    """A cell as people read it: a whole number without `.0`, a day without its midnight, JSON for what is nested."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, list | dict):
        cell = json.dumps(cell, ensure_ascii=False)
    return str(cell).removesuffix(" 00:00:00")


def _table(raw: bytes, form: files.Format, encoding: str, separator: str) -> Iterator[tuple[int, list[Any]]]:
    """Rows with something in them. Raises Invalid with a sentence for people."""
    try:
        for line, cells in files.cells_of(io.BytesIO(raw), form, encoding or None, separator or ";"):
            if any(shown(cell).strip() for cell in cells):
                yield line, cells
    except Invalid as error:
        sentence = N_(
            "We cannot read this file to its end. Save it again as an Excel workbook (.xlsx) or as CSV (UTF-8)."
        )
        raise Invalid(sentence) from error


@dataclass(frozen=True)
class Plan:
    """How a file becomes records: what its columns are, and the kind of rows that name none."""

    form: files.Format
    encoding: str
    separator: str
    columns: Sequence[str]
    kind: str

    def rows(self, raw: bytes) -> Iterator[tuple[Row, list[str]]]:
        """Each row as a record's values, and its cells as they stand there. Raises Invalid."""
        if self.form == "jsonl":
            for row in files.rows(io.BytesIO(raw), "jsonl", []):
                yield self._object(row), [json.dumps(row.values, ensure_ascii=False)]
            return
        table = _table(raw, self.form, self.encoding, self.separator)
        next(table, None)
        for line, cells in table:
            if shown(cells[0]).lstrip().startswith("#"):
                continue  # the explanations of our template
            yield Row(line, self.values(cells)), [shown(cell) for cell in cells[: len(self.columns)]]

    def _object(self, row: Row) -> Row:
        values = {name: value for name, value in row.values.items() if name not in IGNORED - {"texts"}}
        if self.kind and "kind" not in values and values:
            values["kind"] = self.kind
        return Row(row.line, values, row.reason)

    def values(self, cells: Sequence[Any]) -> dict[str, Any]:
        """The record's fields from one row's cells."""
        given = {key: cell for key, cell in zip(self.columns, cells, strict=False) if key}
        values: dict[str, Any] = {}
        texts: dict[str, dict[str, str]] = {}
        for key, cell in given.items():
            if key.startswith("texts."):
                _, language, name = key.split(".")
                if shown(cell).strip():
                    texts.setdefault(language, {})[name] = shown(cell).strip()
            elif not key.startswith("details."):
                values[key] = _plain(key, "" if cell is None else cell)
        if texts:
            values["texts"] = texts
        if "external_id" not in values:
            values["external_id"] = shown(values.get("ref") or values.get("title"))[:200]
        if not values.get("kind"):
            values["kind"] = self.kind
        details = _details(given, str(values["kind"]))
        if details:
            values["details"] = details
        return values


def _plain(key: str, cell: Any) -> Any:
    if key in words.FIXED:
        return words.fixed(key, cell)
    return words.spoken(cell) if key == "languages" else cell


def _details(given: dict[str, Any], kind: str) -> dict[str, Any]:
    """The details of the row's kind; a filled cell of another kind stays in it, for the kind to refuse."""
    found: dict[str, Any] = {}
    for detail in FIELDS:
        if detail.key not in given:
            continue
        value = value_of(detail, given[detail.key])
        if detail.kind != kind and value is None:
            continue
        *above, name = detail.name.split(".")
        inside = found
        for part in above:
            if value is None:
                break
            inside = inside.setdefault(part, {})
        else:
            inside[name] = value
    return found
