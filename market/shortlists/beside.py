"""`/shortlists/{ref}/compare`: things of a list side by side, chosen in the address."""

from collections.abc import Sequence

from starlette.responses import Response

from market.shortlists import service
from market.shortlists.comparison import MOST, Comparison, compare
from market.shortlists.models import Item, Shortlist
from market.shortlists.things import code_of, readable
from market.web.endpoint import Call


def chosen(call: Call, shortlist: Shortlist) -> tuple[list[Item], int]:
    """Entries chosen by `item=` in the order of the list, the first five where none is; and how many were asked for."""
    items = service.items(call.session, shortlist)
    wanted = readable(call.request.query_params.getlist("item"))
    picked = [item for item in items if code_of(item.offering, item.provider) in wanted] if wanted else items
    return picked[:MOST], len(picked)


def page(call: Call, shortlist: Shortlist) -> Response:
    items, asked = chosen(call, shortlist)
    only = call.request.query_params.get("only") == "differences"
    table = compare(call, items)
    codes = [line.code for line in table.columns if line.code]
    return call.render(
        "shortlists/compare.html",
        shortlist=shortlist,
        table=table,
        rows=table.differing if only else table.rows,
        hidden=len(table.rows) - len(table.differing),
        only=only,
        asked=asked,
        most=MOST,
        codes=codes,
        asking=[line.code for line in table.columns if line.can_be_asked],
        without=_without(table, codes),
    )


def _without(table: Comparison, codes: Sequence[str]) -> list[list[str]]:
    """For each column the codes that are left when it is taken out; none where fewer than two would be left."""
    left = [[code for code in codes if code != line.code] for line in table.columns]
    return [rest if len(rest) > 1 else [] for rest in left]
