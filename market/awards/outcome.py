"""What became of one's own bid: a page for the bidder, and the way to it from the page of the need."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts.me import signed_in
from market.awards import labels, letters, proposing, rules
from market.awards.models import Decision
from market.bids import own as bids_of
from market.bids.models import Bid
from market.errors import NotFound
from market.needs import views as needs
from market.needs.models import Need
from market.web.endpoint import Call, endpoint

TONES: Final = {"won": "ok", "partly": "ok"}


def own(call: Call, ref: str) -> Decision | None:
    """The latest decision about a bid of the viewer's firm; about a joint one another has handed in where that is
    asked for, or is all there is."""
    found = rules.visible_outcomes(call.viewer).join(Need, Need.id == Bid.need_id).where(Need.ref == ref)
    told = list(call.session.scalars(found.order_by(Bid.id.desc())))
    wanted = letters.JOINT in call.request.query_params
    told.sort(key=lambda one: (one.bid.organisation_id == call.viewer.organisation_id) is wanted)
    return next(iter(told), None)


def outcome(call: Call, ref: str) -> Response:
    """What became of one's own bid. Raises NotFound for everybody else's."""
    signed_in(call)
    decision = own(call, ref)
    if decision is None:
        raise NotFound(f"no decision about a bid of yours on {ref}")
    shares = proposing.shares_of(call.session, decision.proposal) if decision.proposal else []
    return call.render(
        "awards/outcome.html",
        need=decision.need,
        decision=decision,
        bid=decision.bid,
        labels=labels,
        results=letters.in_words(call.words, decision),
        shares=[one for one in shares if one.bid_id == decision.bid_id],
        contact=letters.contact_of(decision.need),
    )


def of_need_page(call: Call, need: Need) -> dict[str, Any]:
    """For the public page of a need: what became of the bid of whoever looks."""
    decision = own(call, need.ref) if call.viewer.organisation_id else None
    return {"own_outcome": call.words(labels.OUTCOMES[decision.outcome]) if decision else ""}


def of_bids(session: Session, bids: Sequence[Bid]) -> bids_of.Told:
    """Where a bid stands once its bidder has been told."""
    mine = Decision.bid_id.in_([bid.id for bid in bids])
    rows = session.execute(select(Decision.bid_id, Decision.outcome).where(mine, Decision.told_at.is_not(None)))
    return {bid: (labels.OUTCOMES[outcome], TONES.get(outcome, "")) for bid, outcome in rows}


needs.PARTS.append(of_need_page)
bids_of.TOLD.append(of_bids)

routes: list[BaseRoute] = [
    Route("/needs/{ref}/outcome", endpoint(outcome), name="awards:outcome", methods=["GET"]),
]
