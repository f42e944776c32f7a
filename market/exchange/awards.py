"""What leaves the house about bids and awards: the comparison as a table."""

from collections.abc import Iterator

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.awards import cases, comparing, labels
from market.awards.cases import Case
from market.awards.desk import reading
from market.awards.grid import Cell, Sum
from market.bids.models import Bid
from market.errors import NotFound
from market.exchange.kept import Grid, as_xlsx
from market.exchange.papers import download
from market.i18n import N_, Words
from market.needs.models import Need
from market.values import slug
from market.web.endpoint import Call, endpoint

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@reading
def table(call: Call, need: Need) -> Response:
    case = cases.collect(call.session, need)
    if not case.bids:
        raise NotFound("nothing to compare")
    said = call.words(N_("As of %(day)s"), day=call.words.day(call.today, "long"))
    head = ("", *(_bidder(call.words, bid) for bid in case.bids))
    grid = Grid(need.title, said, call.language, head, tuple(rows(call, case)))
    return download(as_xlsx(grid), XLSX, f"{slug(need.title) or 'bids'}-{call.today.isoformat()}.xlsx")


def _bidder(w: Words, bid: Bid) -> str:
    return f"{bid.bidder} ({w(labels.LATE)})" if labels.is_late(bid) else bid.bidder


def rows(call: Call, case: Case) -> list[tuple[str, ...]]:
    """As the page shows them: prices and sums by lot, requirements, points."""
    return [*_prices(call.words, case), *_requirements(call, case), *_points(call.words, case)]


def _prices(w: Words, case: Case) -> Iterator[tuple[str, ...]]:
    for section in case.grid.sections:
        if section.lot:
            yield (labels.lot(w, section.lot), *("" for _ in case.bids))
        for row, cells in section.rows:
            yield (f"{row.title}, {labels.quantity(w, row)}", *(_price(w, cell) for cell in cells))
        if section.lot:
            name = w(N_("Sum of lot %(number)s"), number=section.lot.place)
            yield (name, *(_sum(w, one) for one in section.sums))
    if case.items:
        yield (w(N_("Sum of everything")), *(_sum(w, one) for one in case.grid.totals))


def _price(w: Words, cell: Cell) -> str:
    if cell.price is None:
        return w(N_("missing")) if cell.state == "gap" else w(N_("not bid for"))
    return labels.price(w, cell.price)


def _sum(w: Words, one: Sum) -> str:
    if not one.bids:
        return w(N_("no bid"))
    gaps = w.ngettext("%(num)s gap, not comparable", "%(num)s gaps, not comparable", one.gaps) % {"num": one.gaps}
    return labels.price(w, one.amount) + (f" ({gaps})" if one.gaps else "")


def _requirements(call: Call, case: Case) -> Iterator[tuple[str, ...]]:
    w, said = call.words, comparing.answers(call, case)
    for one in case.requirements:
        told = []
        for bid in case.bids:
            verdict = case.verdicts.get((bid.ref, one.ref))
            words = [w(labels.VERDICTS[verdict.state]), said[bid.ref, one.ref]] if verdict else [w(N_("not bid for"))]
            told.append(": ".join(filter(None, words)))
        yield (one.title, *told)


def _points(w: Words, case: Case) -> Iterator[tuple[str, ...]]:
    for lot in case.lots or (None,):
        totals = {one.bid: one.total for one in case.standings(lot.ref if lot else None)}
        name = w(N_("Total of 100")) + (f", {labels.lot(w, lot)}" if lot else "")
        points = (totals.get(bid.ref) for bid in case.bids)
        yield (name, *(labels.points(w, one) if one is not None else "" for one in points))


routes: list[BaseRoute] = [
    Route("/me/needs/{ref}/bids.xlsx", endpoint(table), name="awards:table", methods=["GET"]),
]
