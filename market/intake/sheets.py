"""Tables we hand out: the empty template of a kind, and the rows that could not be taken with the reasons beside."""

import csv
import io
from collections.abc import Sequence
from typing import Final

from xlsxwriter import Workbook  # type: ignore[import-untyped]

from market.exchange.cells import guarded
from market.i18n import N_, Words
from market.intake import labels
from market.intake.columns import TARGETS, TRANSLATED, details, name_of
from market.intake.details import ALLIANCE, OCCUPATIONS, PARTS, Detail
from market.intake.models import FaultyRow, Import
from market.taxonomy import occupations

LEFT_OUT: Final = ("kind", "lat", "lon", "ref", "provider", "details", "lang", "trades")
"""Of no use in a template of one kind."""
MEDIA: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
CELL: Final = 32_000


def template(w: Words, kind: str, form: str) -> bytes:
    """Headings and, in a second line that the import skips, what belongs below each."""
    head, explained = [], []
    for key, target in TARGETS.items():
        if key not in LEFT_OUT:
            head.append(w(target.name))
            explained.append(w(target.explain))
    for detail in details(kind):
        head.append(w(name_of(detail.key)))
        explained.append(_explained(w, detail))
    for key in ("texts.pl.title", "texts.en.title") if w.language == "de" else ("texts.de.title",):
        head.append(w(TRANSLATED[key]))
        explained.append("")
    explained[0] = f"# {explained[0]}"
    return table([head, explained], form, w(N_("Offerings")))


def _explained(w: Words, detail: Detail) -> str:
    said = [w(N_("Required."))] if detail.required else []
    if detail.key.startswith(ALLIANCE):
        said.append(w(N_("Only for joint apprenticeship (Verbundausbildung).")))
    if detail.shape == "table":
        said += [w(N_("One entry a line:")), w(PARTS.get(detail.key, ""))] if detail.key in PARTS else []
    elif detail.sort is bool:
        said.append(w(N_("yes or no")))
    elif detail.key == OCCUPATIONS:
        known = [occupations.name(id_, w.language) for id_ in occupations.by_id()]
        said.append(w(N_("One of: %(choices)s"), choices="; ".join(known)))
    elif detail.choices:
        said.append(w(N_("One of: %(choices)s"), choices=", ".join(detail.choices)))
    if detail.shape == "list":
        said.append(w(N_("Several separated by semicolons.")))
    return " ".join(said)


def faulty(w: Words, one: Import, rows: Sequence[FaultyRow], form: str) -> bytes:
    """The rows as they stood in the file, each with its number and its reasons, to be corrected and brought again."""
    head = [*(one.head if one.columns else [w(N_("Record"))]), w(N_("Row")), w(N_("What is wrong"))]
    width = len(head) - 2
    lines: list[list[str]] = [head]
    for row in rows:
        said = "; ".join(
            f"{column}: {reason}" if column else reason for column, _, reason in labels.faults(w, one, row)
        )
        lines.append([*(row.cells + [""] * width)[:width], str(row.line), said])
    return table(lines, form, w(N_("To correct")))


def table(lines: Sequence[Sequence[str]], form: str, name: str) -> bytes:
    """CSV as spreadsheets of the region open it, or a workbook. No cell is ever a formula."""
    out = io.BytesIO()
    if form == "csv":
        text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="")
        csv.writer(text, delimiter=";").writerows([guarded(cell) for cell in line] for line in lines)
        text.flush()
        return out.getvalue()
    with Workbook(out, {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}) as book:
        sheet = book.add_worksheet(name[:31])
        bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        for place, line in enumerate(lines):
            for column, cell in enumerate(line):
                sheet.write_string(place, column, guarded(cell)[:CELL], bold if place == 0 else wrapped)
        sheet.set_column(0, len(lines[0]) - 1, 22)
        sheet.freeze_panes(1, 0)
    return out.getvalue()
