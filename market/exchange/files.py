"""Rows from JSONL, CSV and XLSX: each with its line and its values, or the reason why it has none."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any, BinaryIO, Literal
from xml.etree.ElementTree import ParseError

from market.errors import Invalid
from market.exchange import cells
from market.exchange.reasons import unknown_column
from market.taxonomy.languages import language_of_text

Format = Literal["jsonl", "csv", "xlsx"]
FORMATS: tuple[Format, ...] = ("jsonl", "csv", "xlsx")
ENDINGS: dict[str, Format] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".xlsx": "xlsx",
}
LINE_BYTES = 2_000_000
FILE_BYTES = 500_000_000
"""A table larger than this, unpacked, belongs into JSONL, which is read line by line."""
FIELD_CHARACTERS = 200_000
UNREADABLE = (zipfile.BadZipFile, ParseError, KeyError, ValueError, IndexError, OSError)
"""What a broken workbook makes openpyxl raise, beside its own."""


@dataclass(frozen=True)
class Row:
    """`line` counts from 1. `reason` says why there are no values."""

    line: int
    values: dict[str, Any] = field(default_factory=dict)
    reason: str = ""


def format_of(name: str) -> Format:
    """The format by the ending of a file name. Raises Invalid naming the formats."""
    found = ENDINGS.get(Path(name).suffix.lower())
    if found is None:
        raise Invalid(f"{name}: the ending names no format; say --format jsonl, csv or xlsx.")
    return found


def rows(file: BinaryIO, kind: Format, columns: list[str], encoding: str | None = None) -> Iterator[Row]:
    """All rows of a file. Raises Invalid where it cannot be read: no table, wrong encoding or column."""
    if kind == "jsonl":
        return _jsonl(file)
    return _table(_csv(file, columns, encoding) if kind == "csv" else _xlsx(file), columns)


def cells_of(
    file: BinaryIO, kind: Format, encoding: str | None = None, separator: str = ";"
) -> Iterator[tuple[int, list[Any]]]:
    """Line and cells of a CSV or XLSX as they stand there, the head included. Raises Invalid as `rows` does."""
    return _csv(file, [], encoding, separator) if kind == "csv" else _xlsx(file)


def _jsonl(file: BinaryIO) -> Iterator[Row]:
    line = 0
    while raw := file.readline(LINE_BYTES):
        line += 1
        if len(raw) == LINE_BYTES and not raw.endswith(b"\n"):
            while (rest := file.readline(LINE_BYTES)) and not rest.endswith(b"\n"):
                pass
            yield Row(line, reason=f"the line is longer than {LINE_BYTES} bytes")
            continue
        if line == 1:
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        if raw.strip():
            yield _json_row(line, raw)


def _json_row(line: int, raw: bytes) -> Row:
    try:
        values = json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
    except UnicodeDecodeError:
        return Row(line, reason="the line is not UTF-8")
    except json.JSONDecodeError as error:
        return Row(line, reason=f"the line is no JSON object: {error.msg} at character {error.colno}")
    except (ValueError, RecursionError) as error:
        return Row(line, reason=f"the line is no JSON object: {str(error)[:80]}")
    if not isinstance(values, dict):
        return Row(line, reason="the line is no JSON object: write one { ... } a line")
    return Row(line, values)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def _csv(
    file: BinaryIO, columns: list[str], encoding: str | None, separator: str = ""
) -> Iterator[tuple[int, list[Any]]]:
    written = decoded(_all(file), encoding)
    head = next((line for line in written.splitlines() if line.strip()), "")
    before = csv.field_size_limit(FIELD_CHARACTERS)
    reader = csv.reader(io.StringIO(written, newline=""), delimiter=separator or delimiter(head, columns))
    line = 1
    try:
        while True:
            try:
                found = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise Invalid(f"line {line}: {error}; is a quotation mark not closed?") from None
            yield line, [cells.unguarded(cell) for cell in found]
            line = reader.line_num + 1
    finally:
        csv.field_size_limit(before)


def _all(file: BinaryIO) -> bytes:
    raw = file.read(FILE_BYTES + 1)
    if len(raw) > FILE_BYTES:
        raise Invalid(f"The file is larger than {FILE_BYTES // 1_000_000} MB; split it, or use JSONL.")
    return raw


def decoded(raw: bytes, encoding: str | None = None) -> str:
    """The text: UTF-8, else the code page of Windows that fits its language. Raises Invalid."""
    for attempt in [encoding] if encoding else ["utf-8-sig", None]:
        # ASCII words tell Polish from German in every code page; guessing by the other bytes goes wrong.
        name = attempt or ("cp1250" if language_of_text(raw.decode("latin-1")) == "pl" else "cp1252")
        try:
            return raw.decode("utf-8-sig" if name.lower() in ("utf-8", "utf8") else name)
        except UnicodeDecodeError:
            continue
        except LookupError:
            raise Invalid(f"There is no encoding {name!r}; try utf-8, cp1252 or cp1250.") from None
    tried = encoding or "UTF-8 or a code page of Windows"
    raise Invalid(f"The file cannot be read as {tried}; name its encoding with --encoding.")


def delimiter(head: str, columns: list[str]) -> str:
    """The separator with which the first line names most of our columns."""

    def known(separator: str) -> int:
        return len({column_name(cell.strip("\"' ")) for cell in head.split(separator)} & set(columns))

    return max(";,\t", key=known)


def _xlsx(file: BinaryIO) -> Iterator[tuple[int, list[Any]]]:
    from openpyxl import load_workbook  # here, for it takes long to load
    from openpyxl.utils.exceptions import InvalidFileException

    packed = io.BytesIO(_all(file))
    try:
        with zipfile.ZipFile(packed) as archive:
            if sum(part.file_size for part in archive.infolist()) > FILE_BYTES:
                raise Invalid("The workbook is too large when unpacked; use JSONL.")
        book = load_workbook(packed, read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # some programs write a wrong size into the sheet
        for line, found in enumerate(sheet.iter_rows(values_only=True), start=1):
            yield line, [cells.unguarded(cell) if isinstance(cell, str) else cell for cell in found]
        book.close()
    except (*UNREADABLE, InvalidFileException) as error:
        raise Invalid("The file is no workbook we can read; save it as .xlsx once more.") from error


def column_name(cell: Any) -> str:
    """`External ID` and `external_id` are the same column."""
    return re.sub(r"[\s\-]+", "_", str(cell).strip().lower()) if cell is not None else ""


def _table(table: Iterator[tuple[int, list[Any]]], columns: list[str]) -> Iterator[Row]:
    head: list[str] | None = None
    for line, found in table:
        if all(cell is None or str(cell).strip() == "" for cell in found):
            continue
        if head is None:
            head = _head(found, columns)
            continue
        if len(found) > len(head) and any(cell not in (None, "") for cell in found[len(head) :]):
            hint = "put cells that contain the separator into quotation marks"
            yield Row(line, reason=f"there are {len(found)} cells for {len(head)} columns; {hint}")
            continue
        pairs = zip_longest(head, found[: len(head)], fillvalue="")
        yield Row(line, {name: "" if cell is None else cell for name, cell in pairs if name})
    if head is None:
        raise Invalid("The file is empty; its first line has to name the columns.")


def _head(found: list[Any], columns: list[str]) -> list[str]:
    head = [column_name(cell) for cell in found]
    while head and not head[-1]:
        head.pop()
    faults = [unknown_column(name, columns) for name in head if name and name not in columns]
    twice = sorted({name for name in head if name and head.count(name) > 1})
    faults += [f"the column {name!r} stands there twice" for name in twice]
    if faults:
        raise Invalid("In the first line " + "; ".join(faults[:5]) + ".")
    return head
