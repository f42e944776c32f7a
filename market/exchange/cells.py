"""What one cell or JSON value may hold, and how people write it: texts, lists, numbers, days, moments.

Every function takes what a file gave (text, number, list, None, a day of a spreadsheet) and returns the
value, or raises ValueError with a text that says what to write instead.
"""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

from market.errors import Said
from market.i18n import N_
from market.values import ZONE, readable

_MARKS = re.compile("[\u2028\u2029\ufeff]")
"""Line and paragraph separators, and the mark at the beginning of a file."""
_GERMAN_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d($|[T ])")
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d+)*|[.,]\d+)([eE][+-]?\d{1,3})?")
_GROUPED = re.compile(r"[+-]?\d{1,3}([.,]\d{3})+")
FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
"""The beginning of a text that a spreadsheet might take for a formula, after apostrophes already there."""


def text(value: Any) -> Any:
    """Text without control characters, ends trimmed, lines by `\\n`; numbers as written, nothing as ''."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return value  # refused by the type
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)  # a spreadsheet keeps 15890 as 15890.0
    cleaned = str(value).replace("\r\n", "\n").replace("\r", "\n")
    return _MARKS.sub(" ", readable(cleaned)).strip()


def empty_as_none(value: Any) -> Any:
    """An empty cell means that nothing is known."""
    return None if isinstance(value, str) and not value.strip() else value


def items(value: Any) -> Any:
    """A list; in a cell its parts are separated by `;` or stand on lines of their own."""
    if value is None:
        return []
    if isinstance(value, str):
        value = _written_list(value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        value = [value]  # a spreadsheet takes a single code for a number
    if not isinstance(value, list):
        return value
    cleaned = [text(item) for item in value]
    kept = [item for item in cleaned if item != ""]
    return list(dict.fromkeys(kept)) if all(isinstance(item, str) for item in kept) else kept


def _written_list(cell: str) -> Any:
    """Parts separated by `;` or lines; as JSON where a part contains one of these."""
    if cell.strip().startswith("["):
        try:
            return json.loads(cell)
        except (ValueError, RecursionError):
            pass
    return re.split(r"[;\n]", cell)


def structure(value: Any) -> Any:
    """An object; in a cell as JSON."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return {}
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise Said(N_('write it as JSON, for example {"crew_size": 8}')) from None
    return clean(value)


def clean(value: Any) -> Any:
    """Every text at any depth as `text` makes it."""
    if isinstance(value, str):
        return text(value)
    if isinstance(value, dict):
        return {text(key): clean(inner) for key, inner in value.items()}
    return [clean(inner) for inner in value] if isinstance(value, list) else value


def number(value: Any) -> Any:
    """A number, `52.14` or `52,14`; with two kinds of separator the last one is the decimal."""
    value = empty_as_none(value)
    if not isinstance(value, str):
        return value
    written = re.sub(r"[\s\u00a0\u202f]", "", value)
    if not _NUMBER.fullmatch(written):
        raise Said(N_("write it as a number, for example 52.14"))
    last = max(written.rfind("."), written.rfind(","))
    if last < 0 or (written.count(".") + written.count(",") == 1):
        return float(written.replace(",", "."))
    whole, fraction = re.sub(r"[.,]", "", written[:last]), written[last + 1 :]
    if written[last] in written[:last]:  # 1.234.567: only groups
        return float(whole + fraction)
    return float(f"{whole}.{fraction}")


def money(value: Any) -> Any:
    """An amount; a single separator before three digits groups thousands, because money has two decimals."""
    value = empty_as_none(value)
    if not isinstance(value, str):
        return value
    written = re.sub(r"[\s\u00a0\u202f€]|EUR|PLN|zł", "", value)
    if _GROUPED.fullmatch(written):
        return float(re.sub(r"[.,]", "", written))
    return number(written)


def whole(value: Any) -> Any:
    """A whole number; `25`, `25.0` and `1.200` in a cell."""
    value = money(value)
    if isinstance(value, float):
        if not value.is_integer():
            raise Said(N_("write it as a whole number, for example 25"))
        return int(value)
    return value


def day(value: Any) -> Any:
    """A day: `2026-11-24` or `24.11.2026`, or a date of the spreadsheet."""
    value = empty_as_none(value)
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, date):
        return value
    written = value.strip() if isinstance(value, str) else ""
    try:
        if german := _GERMAN_DAY.fullmatch(written):
            return date(int(german[3]), int(german[2]), int(german[1]))
        if _ISO_DAY.match(written):
            return date.fromisoformat(written[:10])
    except ValueError:
        pass
    raise Said(N_("write the day as 2026-11-24"))


def moment(value: Any) -> Any:
    """A moment: `2026-11-24T12:00+01:00`; without offset the region's time, a day alone is its noon."""
    value = empty_as_none(value)
    if value is None:
        return value
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip()) if len(value.strip()) > 10 else day(value)
        except ValueError:
            raise Said(N_("write the moment as 2026-11-24T12:00")) from None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time(12))
    if not isinstance(value, datetime):
        raise Said(N_("write the moment as 2026-11-24T12:00"))
    try:
        return value.astimezone(UTC) if value.tzinfo else _local(value)
    except OverflowError:
        raise Said(N_("write the moment as 2026-11-24T12:00")) from None


def _local(value: datetime) -> datetime:
    """A wall time of the region in UTC; refused when the clocks change and it is none or two."""
    first, second = (value.replace(tzinfo=ZONE, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first != second:
        raise Said(N_("the clocks change then: add the offset, for example +01:00"))
    return first


def each(convert: Callable[[str], str]) -> Callable[[Any], Any]:
    """A list whose items are all converted."""

    def run(value: Any) -> Any:
        listed = items(value)
        if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
            return listed
        return list(dict.fromkeys(convert(item) for item in listed))

    return run


def guarded(value: str) -> str:
    """A text as a spreadsheet may hold it: an apostrophe keeps `=...` from being computed."""
    return f"'{value}" if FORMULA.match(value) else value


def unguarded(value: str) -> str:
    """The inverse of `guarded`."""
    return value[1:] if value.startswith("'") and FORMULA.match(value) else value
