"""How an import reads in a language: columns, faults, states."""

from typing import Any, Final

from market.i18n import N_, Words
from market.intake.columns import TARGETS, TRANSLATED, details, name_of
from market.intake.models import FaultyRow, Import
from market.offerings.labels import KIND_NAMES

STATES: Final = {
    "uploaded": N_("columns to be chosen"),
    "checking": N_("is being checked"),
    "checked": N_("waits for your confirmation"),
    "taking": N_("is being taken in"),
    "done": N_("taken in"),
    "failed": N_("could not be read"),
    "dropped": N_("dropped"),
}
ENCODINGS: Final = {
    "utf-8-sig": N_("UTF-8 (most programs today)"),
    "cp1252": N_("Windows, German (cp1252)"),
    "cp1250": N_("Windows, Polish (cp1250)"),
}
SEPARATORS: Final = {";": N_("semicolon ;"), ",": N_("comma ,"), "\t": N_("tabulator"), "|": N_("vertical bar |")}
CHOICES: Final = {
    **KIND_NAMES,
    "draft": N_("draft"),
    "published": N_("published"),
    "paused": N_("paused"),
    "archived": N_("archived"),
    "on_request": N_("on request"),
    "from": N_("from (price)"),
    "fixed": N_("fixed"),
}
"""Words of a record that people may write in their own language."""


def column(w: Words, one: Import, key: str) -> str:
    """The heading of the file's own column, else our name of it."""
    for wide in _widening(key):
        if wide in one.columns:
            place = one.columns.index(wide)
            if place < len(one.head) and one.head[place].strip():
                return one.head[place].strip()
    return w(name_of(next(iter(_widening(key)), key)))


def _widening(key: str) -> list[str]:
    """`details.methods.0.parameter`, `details.methods.0`, ..., the most exact first; numbers of lines left out."""
    parts = [part for part in key.split(".") if not part.isdigit()]
    return [".".join(parts[:length]) for length in range(len(parts), 0, -1)]


def reason(w: Words, fault: dict[str, Any]) -> str:
    values = dict(fault.get("values") or {})
    if "expected" in values:
        words = str(values["expected"]).replace(" or ", ", ").split(", ")
        values["expected"] = ", ".join(w(CHOICES[word]) if word in CHOICES else word for word in words)
    message = w(str(fault["message"]))
    try:
        return message % values if values else message
    except (KeyError, TypeError, ValueError):
        return message


def faults(w: Words, one: Import, row: FaultyRow) -> list[tuple[str, str, str]]:
    """Column, value and reason of each fault of a row."""
    return [
        (column(w, one, fault["column"]) if fault["column"] else "", fault["value"], reason(w, fault))
        for fault in row.faults
    ]


def target_options(w: Words, one: Import) -> list[tuple[str, list[tuple[str, str]]]]:
    """Groups of targets for the choice of a column: name of the group, value and text of each."""
    groups = [
        (w(N_("Every offering")), [(key, w(target.name)) for key, target in TARGETS.items()]),
        (w(N_("Translations")), [(key, w(name)) for key, name in TRANSLATED.items()]),
    ]
    for kind, name in KIND_NAMES.items():
        groups.append((w(name), [(detail.key, w(name_of(detail.key))) for detail in details(kind)]))
    return groups
