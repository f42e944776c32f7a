"""What a partner that has joined a need reads of its opened offers: firm, sum and gaps, nothing to press."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import joinedload

from market.bids import contents, rules
from market.bids.models import Bid
from market.i18n import N_
from market.needs import contents as parts
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
    terms = contents.Terms(parts.lots_of(call.session, need), parts.items_of(call.session, need))
    return {
        "bids": [_opened(call, bid, terms) for bid in call.session.scalars(query.order_by(Bid.received_at, Bid.id))]
    }


def _opened(call: Call, bid: Bid, terms: contents.Terms) -> Opened:
    w = call.words
    if not bid.content:
        return Opened(bid.organisation.name, w(N_("cannot be read")))
    sums = contents.sums(contents.of(bid.content), terms)
    said = w.money(int(sums.whole * Decimal(100))) if terms.items else str(bid.content.get("remark", ""))
    if sums.gaps:
        gaps = w.ngettext("%(num)s item without a price", "%(num)s items without a price", len(sums.gaps))
        said = f"{said}, {gaps % {'num': len(sums.gaps)}}"
    return Opened(bid.organisation.name, said)


pool_views.PARTS.append(of_page)
