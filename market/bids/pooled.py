"""What a partner that has joined a need reads of its opened offers: firm, sum and gaps, nothing to press."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import joinedload

from market.bids import contents, rules
from market.bids.labels import money
from market.bids.models import Bid
from market.bids.terms import Terms, asked_by, sums
from market.i18n import N_
from market.needs import pool_views
from market.needs.models import PoolShare
from market.web.endpoint import Call


@dataclass(frozen=True)
class Opened:
    firm: str
    said: str


def of_page(call: Call, share: PoolShare) -> dict[str, Any]:
    """As they came in; None while nothing is open."""
    need = share.need
    if not need.is_shown or need.stage in ("published", "closed"):
        return {"bids": None}
    query = rules.visible_bids(call.viewer).where(Bid.need_id == need.id).options(joinedload(Bid.organisation))
    terms = asked_by(call.session, need)
    return {
        "bids": [_opened(call, bid, terms) for bid in call.session.scalars(query.order_by(Bid.received_at, Bid.id))]
    }


def _opened(call: Call, bid: Bid, terms: Terms) -> Opened:
    w = call.words
    if not bid.content:
        return Opened(bid.organisation.name, w(N_("cannot be read")))
    summed = sums(contents.of(bid.content), terms)
    said = money(w, summed.whole) if terms.items else str(bid.content.get("remark", ""))
    if summed.gaps:
        gaps = w.ngettext("%(num)s item without a price", "%(num)s items without a price", len(summed.gaps))
        said = f"{said}, {gaps % {'num': len(summed.gaps)}}"
    return Opened(bid.organisation.name, said)


pool_views.PARTS.append(of_page)
