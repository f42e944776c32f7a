"""Open needs by deadline, filtered by kind and organisation with plain links."""

from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts.models import Organisation
from market.needs import labels, rules
from market.needs.models import Need
from market.offerings import labels as offering_labels
from market.values import KINDS
from market.web.endpoint import Call, endpoint

PER_PAGE = 20


def tenders(call: Call) -> Response:
    """The list. A kind or organisation that means nothing is ignored, and so is a page beyond the last."""
    asked = call.request.query_params
    kind = asked.get("kind", "") if asked.get("kind") in KINDS else ""
    is_open = (
        rules.is_open(call.viewer),
        or_(Need.bids_until.is_(None), Need.bids_until > call.now),
    )
    of_kind = or_(Need.kind == kind, Need.kind.is_(None)) if kind else None
    buyers = _buyers(call, [*is_open, *([of_kind] if of_kind is not None else [])])
    buyer = next((ref for _, ref, _ in buyers if ref == asked.get("organisation")), "")
    by_buyer = [Organisation.ref == buyer] if buyer else []
    where = [*is_open, *by_buyer, *([of_kind] if of_kind is not None else [])]

    total = _count(call, where)
    pages = max(1, -(-total // PER_PAGE))
    page = min(max(1, int(asked["page"])), pages) if asked.get("page", "").isdecimal() else 1
    order = (Need.bids_until.is_(None), Need.bids_until, Need.id)
    query = select(Need).join(Need.organisation).where(*where).order_by(*order)
    found = call.session.scalars(query.limit(PER_PAGE).offset((page - 1) * PER_PAGE)).all()
    return call.render(
        "tenders/list.html",
        needs=found,
        labels=labels,
        offering_labels=offering_labels,
        now=call.now,
        total=total,
        page=page,
        pages=pages,
        kind=kind,
        kinds=_kinds(call, [*is_open, *by_buyer]),
        buyer=buyer,
        buyers=buyers,
        state={"kind": kind, "organisation": buyer},
    )


def _count(call: Call, where: list[Any]) -> int:
    return call.session.scalar(select(func.count()).select_from(Need).join(Need.organisation).where(*where)) or 0


def _kinds(call: Call, where: list[ColumnElement[bool]]) -> list[tuple[str, int]]:
    """Kinds with the number of open needs they may answer; a need without a kind counts for every kind."""
    query = select(Need.kind, func.count()).join(Need.organisation).where(*where).group_by(Need.kind)
    counts: dict[str | None, int] = {row[0]: row[1] for row in call.session.execute(query)}
    return [(kind, counts[kind] + counts.get(None, 0)) for kind in KINDS if counts.get(kind)]


def _buyers(call: Call, where: list[ColumnElement[bool]]) -> list[tuple[str, str, int]]:
    """Name, reference and number of open needs of everyone who has one."""
    query = (
        select(Organisation.name, Organisation.ref, func.count())
        .select_from(Need)
        .join(Need.organisation)
        .where(*where)
        .group_by(Organisation.id, Organisation.name, Organisation.ref)
        .order_by(func.count().desc(), Organisation.name)
    )
    return [(name, ref, number) for name, ref, number in call.session.execute(query)]


routes: list[BaseRoute] = [Route("/tenders", endpoint(tenders), name="tenders")]
