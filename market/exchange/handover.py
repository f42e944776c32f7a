"""An award for the buyer's own system: who delivers what at which price, as CSV and JSON."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts.models import Organisation
from market.awards import cases, proposing
from market.awards.desk import reading
from market.awards.models import Proposal
from market.bids.contents import Content
from market.bids.joint import firms_of
from market.bids.models import Bid
from market.errors import NotFound
from market.exchange.cells import guarded
from market.exchange.papers import download
from market.needs.models import Need
from market.values import slug
from market.web.endpoint import Call, endpoint

COLUMNS: Final = (
    "need",
    "award",
    "decided_at",
    "supplier",
    "supplier_name",
    "supplier_register",
    "quote_number",
    "lot",
    "item",
    "title",
    "quantity",
    "unit",
    "price",
    "amount",
    "currency",
    "partner",
    "partner_name",
    "role",
    "partner_role",
)
"""Of the CSV, which has one line an item."""


@reading
def handover(call: Call, need: Need, kind: str) -> Response:
    """Once it is decided that somebody gets something."""
    proposal = proposing.latest(call.session, need)
    if kind not in ("csv", "json") or proposal is None or proposal.state != "approved" or proposal.form == "none":
        raise NotFound("no award to hand over")
    order = told(call, proposal)
    name = f"award-{slug(need.title) or need.ref}.{kind}"
    if kind == "json":
        raw = json.dumps(order, ensure_ascii=False, indent=2).encode()
        return download(raw, "application/json", name)
    return download(as_csv(order), "text/csv; charset=utf-8", name)


def told(call: Call, proposal: Proposal) -> dict[str, Any]:
    """Everything in it, with decimals as strings so that nothing is rounded on the way."""
    need = proposal.need
    case = cases.collect(call.session, need)
    lots = {lot.ref: lot.place for lot in case.lots}
    wanted = proposing.wanted_of(proposing.shares_of(call.session, proposal))
    suppliers: dict[int, dict[str, Any]] = {}
    for bid, row, cell in proposing.lines(case, wanted):
        said = case.said[bid.ref]
        order = suppliers.setdefault(
            bid.id,
            {
                "supplier": _supplier(bid.organisation),
                "suppliers": _suppliers(call, bid, said),
                "bid": bid.ref,
                "quote_number": said.quote_number,
                "delivery_on": said.delivery_on.isoformat() if said.delivery_on else None,
                "payment_days": said.payment_days,
                "freight": said.freight,
                "lines": [],
            },
        )
        order["lines"].append(
            {
                "lot": lots.get(row.lot),
                "item": row.ref,
                "title": row.title,
                "quantity": str(row.quantity.normalize()) if row.quantity % 1 else str(int(row.quantity)),
                "unit": row.unit,
                "price": None if cell.price is None else f"{cell.price:f}",
                "amount": None if cell.amount is None else f"{cell.amount:f}",
            }
        )
    return {
        "need": {"ref": need.ref, "external_id": need.external_id, "title": need.title, "procedure": need.procedure},
        "buyer": _supplier(need.organisation),
        "award": proposal.ref,
        "form": proposal.form,
        "decided_at": proposal.decided_at.isoformat() if proposal.decided_at else None,
        "proposed_by": proposal.proposed_by,
        "decided_by": proposal.decided_by,
        "currency": "EUR",
        "value": None
        if proposal.value_cents is None
        else f"{proposal.value_cents // 100}.{proposal.value_cents % 100:02}",
        "orders": list(suppliers.values()),
    }


def _suppliers(call: Call, bid: Bid, said: Content) -> list[dict[str, Any]]:
    """Every party of the bid, the lead first; of a joint bid with what each does."""
    if said.joint is None:
        return [_supplier(bid.organisation) | {"lead": True, "role": "", "items": []}]
    firms = firms_of(call.session, bid, said.joint)
    return [
        (_supplier(firms[party.firm]) if party.firm in firms else {"ref": party.firm, "name": party.name})
        | {"lead": party is said.joint.lead, "role": party.role, "items": list(party.parts)}
        for party in said.joint.parties
    ]


def _supplier(firm: Organisation) -> dict[str, Any]:
    return {
        "ref": firm.ref,
        "external_id": firm.external_id,
        "name": firm.name,
        "registers": [{"scheme": one["scheme"], "number": one["number"]} for one in firm.registers or ()],
        "street": firm.street,
        "postcode": firm.postcode,
        "town": firm.town,
        "country": firm.country,
        "email": firm.email,
    }


def as_csv(order: dict[str, Any]) -> bytes:
    """UTF-8 with a byte order mark and semicolons, as spreadsheets of the region open it; no cell is a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";")
    writer.writerow(COLUMNS)
    for one in order["orders"]:
        firm = one["supplier"]
        registers = " ".join(f"{row['scheme']}:{row['number']}" for row in firm["registers"])
        head = (order["need"]["ref"], order["award"], order["decided_at"], firm["ref"], firm["name"], registers)
        lead, partner = [*one["suppliers"], {}][:2]
        beside = (partner.get("ref"), partner.get("name"), lead["role"], partner.get("role"))
        for line in one["lines"]:
            figures = (line[name] for name in ("lot", "item", "title", "quantity", "unit", "price", "amount"))
            cells: Sequence[object] = (*head, one["quote_number"], *figures, order["currency"], *beside)
            writer.writerow([guarded("" if cell is None else str(cell)) for cell in cells])
    return text.getvalue().encode("utf-8-sig")


routes: list[BaseRoute] = [
    Route("/me/needs/{ref}/award.{kind}", endpoint(handover), name="awards:handover", methods=["GET"]),
]
