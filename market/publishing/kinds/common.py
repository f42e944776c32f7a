"""What the sheets of all kinds share: fields once, and rows that can be added without JavaScript.

A row's field is called `methods-0-standard` on the page; how many rows there are stands in `rows-methods`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from starlette.datastructures import FormData

from market.i18n import N_, Words
from market.web.forms import Filled, Form, read

MOST_ROWS = 60
Missing = list[tuple[str, str]]
Details = dict[str, Any]


class Row(Form):
    """One line of a table. `was` is its place among the lines kept before, so that what no form shows stays."""

    SETTLED: ClassVar[tuple[str, ...]] = ()
    """Fields that are never empty (a choice, a tick): they make no line of their own."""

    was: str = ""


class Sheet(Protocol):
    """The module of a kind."""

    FORM: type[Form]
    ROWS: Mapping[str, type[Row]]
    LABELS: Mapping[str, str]

    @staticmethod
    def values(details: Details) -> dict[str, Any]: ...

    @staticmethod
    def details(form: Any, rows: dict[str, list[Any]], before: Details) -> Details: ...

    @staticmethod
    def missing(form: Any, rows: dict[str, list[Any]]) -> Missing: ...


@dataclass
class Facts:
    """A sheet as it came: values and errors by the names on the page, the rows that hold something, rows to show."""

    filled: Filled[Any]
    rows: dict[str, list[Any]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


def shown(sheet: Sheet, details: Details) -> Facts:
    """The sheet filled with what was kept."""
    values = sheet.values(details)
    facts = Facts(Filled(values))
    for name, model in sheet.ROWS.items():
        lines = values.pop(name, [])
        for number, line in enumerate(lines):
            values |= {f"{name}-{number}-{key}": value for key, value in line.items()}
            values[f"{name}-{number}-was"] = str(number)
        facts.counts[name] = max(len(lines), 1)
        _settle(values, name, model, len(lines), facts.counts[name])
    return facts


def come(form: FormData, sheet: Sheet, w: Words, *, whole: bool) -> Facts:
    """What was typed. With `whole` what the kind requires must be there."""
    filled: Filled[Any] = read(form, sheet.FORM, w)
    facts = Facts(filled)
    for name, model in sheet.ROWS.items():
        facts.rows[name] = _rows(form, name, model, w, filled)
        facts.counts[name] = max(count(form, name), 1)
    if whole and filled.data is not None and not filled.errors:
        for where, sentence in sheet.missing(filled.data, facts.rows):
            filled.refuse(where, w(sentence))
    if filled.errors:
        filled.data = None
    return facts


def count(form: FormData, name: str) -> int:
    said = str(form.get(f"rows-{name}", ""))
    return min(int(said), MOST_ROWS) if said.isdecimal() and len(said) < 4 else 0


def _rows(form: FormData, name: str, model: type[Row], w: Words, filled: Filled[Any]) -> list[Row]:
    found = []
    for number in range(count(form, name)):
        begin = f"{name}-{number}-"
        line = FormData(
            [(key.removeprefix(begin), value) for key, value in form.multi_items() if key.startswith(begin)]
        )
        one: Filled[Row] = read(line, model, w)
        filled.values |= {begin + key: value for key, value in one.values.items()}
        typed = {key: value for key, value in one.values.items() if key not in (*model.SETTLED, "was")}
        if not any(typed.values()):
            continue
        for key, sentence in one.errors.items():
            filled.refuse(begin + key, sentence)
        if one.data is not None:
            found.append(one.data)
    return found


def changed_rows(form: FormData, sheet: Sheet) -> FormData | None:
    """The form with a line more or less where a button asked for it, else None."""
    add, drop = str(form.get("add", "")), str(form.get("drop", ""))
    items = list(form.multi_items())
    if add in sheet.ROWS:
        items = [(key, value) for key, value in items if key != f"rows-{add}"]
        return FormData([*items, (f"rows-{add}", str(min(max(count(form, add), 1) + 1, MOST_ROWS)))])
    name, _, said = drop.partition("-")
    if name not in sheet.ROWS or not said.isdecimal():
        return None
    gone, kept = int(said), []
    for key, value in items:
        parts = key.split("-", 2)
        if key == f"rows-{name}":
            value = str(max(count(form, name) - 1, 0))
        elif len(parts) == 3 and parts[0] == name and parts[1].isdecimal():
            number = int(parts[1])
            if number == gone:
                continue
            key = f"{name}-{number - (number > gone)}-{parts[2]}"
        kept.append((key, value))
    return FormData(kept)


def _settle(values: dict[str, Any], name: str, model: type[Row], start: int, end: int) -> None:
    """A fresh line shows the model's defaults."""
    for number in range(start, end):
        for key in model.SETTLED:
            default = model.model_fields[key].default
            values.setdefault(f"{name}-{number}-{key}", "" if default is None else default)


def former(before: Details, name: str, row: Row) -> Details:
    """The line kept before, for what no form shows: counted seats, say."""
    lines = before.get(name) or []
    place = int(row.was) if row.was.isdecimal() and len(row.was) < 4 else -1
    return dict(lines[place]) if 0 <= place < len(lines) else {}


def told(**facts: object) -> Details:
    """Only what was said."""
    return {key: value for key, value in facts.items() if value not in (None, "", [], False)}


AT_LEAST_ONE = N_("Choose at least one.")
