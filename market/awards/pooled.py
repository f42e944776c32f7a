"""What a partner that has joined a need reads of its opened offers, once the reader has declared to have no interest:
firm, sum and gaps, nothing to press."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import joinedload
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.awards import cases, evaluating, rules
from market.awards.desk import DeclarationForm
from market.bids import contents
from market.bids.labels import money
from market.bids.models import Bid
from market.bids.rules import visible_bids
from market.bids.terms import Terms, asked_by, sums
from market.errors import Conflict, NotFound
from market.i18n import N_
from market.needs import pool_views
from market.needs.models import PoolShare
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled, read


@dataclass(frozen=True)
class Opened:
    firm: str
    said: str


def of_page(call: Call, share: PoolShare) -> dict[str, Any]:
    """As they came in; None while nothing is open, and before the declaration."""
    if not rules.may_read_along(call.viewer, share):
        return {"bids": None, "declares": False, "declared": None, "bidders": []}
    need = share.need
    declared = rules.declaration_of(call.session, call.viewer, need)
    bidders = [] if declared else [bid.bidder for bid in cases.answered(call.session, need)]
    parts = {"bids": None, "declares": True, "declared": declared, "bidders": bidders}
    if not rules.is_unbiased(declared):
        return parts
    query = visible_bids(call.viewer).where(Bid.need_id == need.id).options(joinedload(Bid.organisation))
    terms = asked_by(call.session, need)
    rows = call.session.scalars(query.order_by(Bid.received_at, Bid.id))
    return parts | {"bids": [_opened(call, bid, terms) for bid in rows]}


def declare(call: Call, ref: str) -> Response:
    """Before the first look, like everybody who reads bids."""
    share = pool_views.own_share(call, ref)
    if not rules.may_read_along(call.viewer, share):
        raise NotFound("no opened offers for you here")
    filled: Filled[Any] = read(call.form, DeclarationForm, call.words)
    if filled.data is None:
        return pool_views.page(call, share, filled, 422)
    conflict, note = filled.data.conflict == "yes", filled.data.note
    try:
        evaluating.declare(call.session, call.viewer, share.need, conflict, note, call.now)
    except Conflict as refusal:
        return pool_views.page(call, share, filled, 409, call.words(str(refusal)))
    return call.redirect("needs:pooled", ref=ref)


def _opened(call: Call, bid: Bid, terms: Terms) -> Opened:
    w = call.words
    if not bid.content:
        return Opened(bid.bidder, w(N_("cannot be read")))
    summed = sums(contents.of(bid.content), terms)
    said = money(w, summed.whole) if terms.items else str(bid.content.get("remark", ""))
    if summed.gaps:
        gaps = w.ngettext("%(num)s item without a price", "%(num)s items without a price", len(summed.gaps))
        said = f"{said}, {gaps % {'num': len(summed.gaps)}}"
    return Opened(bid.bidder, said)


pool_views.PARTS.append(of_page)

routes: list[BaseRoute] = [
    Route("/me/pooled/{ref}/declaration", endpoint(declare), name="awards:declare_along", methods=["POST"]),
]
