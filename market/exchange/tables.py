"""Writes records as JSONL, CSV or XLSX. Nothing a firm wrote is ever a formula in somebody's spreadsheet."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, BinaryIO

from xlsxwriter import Workbook  # type: ignore[import-untyped]

from market.errors import Invalid
from market.exchange.cells import guarded
from market.exchange.files import Format
from market.exchange.records import Held

Records = Iterable[Mapping[str, Any]]
XLSX_CHARACTERS = 32_767
"""What one cell can hold."""


def write(records: Records, columns: Sequence[str], kind: Format, file: BinaryIO) -> int:
    """Write all records and return their number. Raises Invalid where the format cannot hold one."""
    return _WRITERS[kind](records, columns, file)


def cell(value: Any) -> str | int | float | None:
    """A value as it stands in one cell: lists separated by `;`, objects as JSON, texts guarded."""
    if value is None or isinstance(value, bool) or not isinstance(value, str | list | tuple | dict):
        return None if value is None else value
    if isinstance(value, dict):
        value = json.dumps(value, ensure_ascii=False) if value else ""
    elif not isinstance(value, str):
        parts = [_item(item) for item in value]
        plain = not any(re.search(r"[;\n]|^\[", part) for part in parts)
        value = "; ".join(parts) if plain else json.dumps(parts, ensure_ascii=False)
    return guarded(value)


def _item(item: Any) -> str:
    return str(Held.model_validate(item)) if isinstance(item, Mapping) else str(item)


def _jsonl(records: Records, columns: Sequence[str], file: BinaryIO) -> int:
    count = 0
    for record in records:
        count += 1
        line = json.dumps({name: record[name] for name in columns}, ensure_ascii=False)
        file.write(line.encode() + b"\n")
    return count


def _csv(records: Records, columns: Sequence[str], file: BinaryIO) -> int:
    """With a byte order mark and semicolons, as spreadsheets of the region open it."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(text, delimiter=";")
    writer.writerow(columns)
    count = 0
    for record in records:
        count += 1
        writer.writerow([cell(record[name]) for name in columns])
    text.flush()
    text.detach()
    return count


def _xlsx(records: Records, columns: Sequence[str], file: BinaryIO) -> int:
    packed = io.BytesIO()
    safe = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(packed, {**safe, "constant_memory": True, "in_memory": False}) as book:
        sheet = book.add_worksheet("market")
        bold = book.add_format({"bold": True})
        for place, name in enumerate(columns):
            sheet.write_string(0, place, name, bold)
        count = 0
        for record in records:
            count += 1
            for place, name in enumerate(columns):
                value = cell(record[name])
                if isinstance(value, str):
                    if len(value) > XLSX_CHARACTERS:
                        raise Invalid(f"{record['ref']}: {name} is too long for a cell; export jsonl or csv.")
                    sheet.write_string(count, place, value)
                elif value is not None:
                    sheet.write_number(count, place, value)
        sheet.freeze_panes(1, 0)
    file.write(packed.getvalue())
    return count


_WRITERS: dict[Format, Callable[[Records, Sequence[str], BinaryIO], int]] = {
    "jsonl": _jsonl,
    "csv": _csv,
    "xlsx": _xlsx,
}
