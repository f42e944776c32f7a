"""What a firm's own bids say about where it stands with a need: drafts, bids and the answers to them."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.awards.models import Decision
from market.bids.draft_models import Draft
from market.bids.models import Bid

OUTCOMES: Final = {"won": "won", "partly": "won", "lost": "lost"}


def states(session: Session, organisation_id: int, need_ids: Sequence[int]) -> dict[int, str]:
    """Need -> state of the firm's newest bid, as `pipeline.BIDS` knows it; a draft where no bid counts."""
    drafts = select(Draft.need_id).where(Draft.organisation_id == organisation_id, Draft.need_id.in_(need_ids))
    found = dict.fromkeys(session.scalars(drafts), "draft")
    query = select(Bid.need_id, Bid.state, Decision.outcome).outerjoin(Decision, Decision.bid_id == Bid.id)
    rows = session.execute(
        query.where(Bid.organisation_id == organisation_id, Bid.need_id.in_(need_ids)).order_by(Bid.id)
    )
    for need, state, outcome in rows:
        if state != "withdrawn" or found.get(need) != "draft":
            found[need] = OUTCOMES.get(outcome or "", state)
    return found
