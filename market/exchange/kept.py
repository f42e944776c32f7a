"""A shortlist and its comparison as XLSX, CSV and PDF, with name and day; who does not name itself stays unnamed."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from xlsxwriter import Workbook  # type: ignore[import-untyped]

from market.errors import NotFound
from market.exchange.cells import guarded
from market.i18n import N_
from market.shortlists import service
from market.shortlists.beside import chosen
from market.shortlists.comparison import NOT_STATED, ORDER, compare, facts_of
from market.shortlists.lines import lines_of_items
from market.shortlists.models import Shortlist
from market.shortlists.views import one_of
from market.values import slug
from market.web.endpoint import Call, endpoint

NOTE: Final = "Note of your own"
ON_PAPER: Final = ("Kind", "Provider", "Place", "Free from", "Price", "State", NOTE)
"""What of a list fits a page; the tables hold everything."""


@dataclass(frozen=True)
class Grid:
    """What is written: heads and rows as text, above them the name of the list and what was left out."""

    name: str
    said: str
    language: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...] = ()
    """Shares of the page, for the PDF."""


def _list(call: Call, shortlist: Shortlist, *, short: bool) -> Grid:
    """One row a thing. `short` for a page of paper."""
    w = call.words
    lines = lines_of_items(call, service.items(call.session, shortlist))
    facts = facts_of(call, lines)
    names = [name for name in (ON_PAPER if short else ORDER) if any(one.get(name) for one in facts)]
    rows = []
    for line, one in zip(lines, facts, strict=True):
        row = [line.title, *((one.get(name) or ("" if name == NOTE else w(NOT_STATED))) for name in names)]
        if not short and line.item:
            row += [w.day(line.item.kept_at), call.pages.base_url + line.href if line.href else ""]
        rows.append(tuple(row))
    head = [w(N_("Title")), *(w(name) for name in names)]
    head += [] if short else [w(N_("Kept on")), w(N_("Address of the page"))]
    widths = (5, *(6 if name == NOTE else 3 for name in names))
    return Grid(shortlist.name, _said(call), call.language, tuple(head), tuple(rows), widths)


def _comparison(call: Call, shortlist: Shortlist) -> Grid:
    items, _ = chosen(call, shortlist)
    table = compare(call, items)
    only = call.request.query_params.get("only") == "differences"
    said = f"{_said(call)}. {call.words(N_('Only differences'))}" if only else _said(call)
    rows = tuple((row.label, *row.cells) for row in (table.differing if only else table.rows))
    head = ("", *(line.title for line in table.columns))
    return Grid(shortlist.name, said, call.language, head, rows, (2, *(3 for _ in table.columns)))


def _said(call: Call) -> str:
    return call.words(N_("As of %(day)s"), day=call.words.day(call.today, "long"))


def as_csv(grid: Grid) -> bytes:
    """UTF-8 with a byte order mark and semicolons, as spreadsheets of the region open it; no cell is a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";")
    for row in ((grid.name,), (grid.said,), (), grid.head, *grid.rows):
        writer.writerow([guarded(cell) for cell in row])
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(grid: Grid) -> bytes:
    packed = io.BytesIO()
    safe = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    with Workbook(packed, safe) as book:
        sheet = book.add_worksheet()
        bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        sheet.write_string(0, 0, grid.name, bold)
        sheet.write_string(1, 0, grid.said)
        for place, name in enumerate(grid.head):
            sheet.write_string(3, place, name, bold)
        for number, row in enumerate(grid.rows, 4):
            for place, cell in enumerate(row):
                sheet.write_string(number, place, cell, wrapped)
        sheet.set_column(0, max(len(grid.head) - 1, 0), 24)
        sheet.freeze_panes(4, 1)
    return packed.getvalue()


def as_pdf(grid: Grid) -> bytes:
    from market.exchange.landscape import drawn

    return drawn(grid)


WRITERS: Final[dict[str, tuple[Callable[[Grid], bytes], str]]] = {
    "xlsx": (as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "pdf": (as_pdf, "application/pdf"),
}


def export(call: Call, ref: str, kind: str) -> Response:
    """The whole list."""
    return _answer(call, kind, _list(call, one_of(call, ref), short=kind == "pdf"))


def export_comparison(call: Call, ref: str, kind: str) -> Response:
    """What the page of the comparison shows at the same address."""
    return _answer(call, kind, _comparison(call, one_of(call, ref)))


def _answer(call: Call, kind: str, grid: Grid) -> Response:
    if kind not in WRITERS or not grid.rows:
        raise NotFound(f"nothing to export as {kind}")
    write, media_type = WRITERS[kind]
    parts: Sequence[str] = (slug(grid.name) or "list", call.today.isoformat())
    headers = {
        "content-disposition": f'attachment; filename="{"-".join(parts)}.{kind}"',
        "cache-control": "no-store",
    }
    return Response(write(grid), media_type=media_type, headers=headers)


routes: list[BaseRoute] = [
    Route("/shortlists/{ref}/list.{kind}", endpoint(export), name="shortlists:export", methods=["GET"]),
    Route(
        "/shortlists/{ref}/compare.{kind}",
        endpoint(export_comparison),
        name="shortlists:compare_export",
        methods=["GET"],
    ),
]
