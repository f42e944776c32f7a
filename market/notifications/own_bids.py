"""What a firm's bids say about where it stands with a need: drafts, bids, joint ones another firm has handed in, and
the answers to them."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from market.awards.models import Decision
from market.bids.draft_models import Draft
from market.bids.models import Bid
from market.bids.rules import is_partners

OUTCOMES: Final = {"won": "won", "partly": "won", "lost": "lost"}
GONE: Final = frozenset({"draft", "withdrawn", "lapsed", "lost"})
"""States of a firm's own bid that say less of where it stands than a joint one does."""


def states(session: Session, organisation_id: int, need_ids: Sequence[int]) -> dict[int, str]:
    """Need -> state of the firm's newest bid, as `pipeline.BIDS` knows it; a draft where no bid counts. Of a joint bid
    its partner learns the same, where no bid of its own counts."""
    drafts = select(Draft.need_id).where(Draft.organisation_id == organisation_id, Draft.need_id.in_(need_ids))
    found = dict.fromkeys(session.scalars(drafts), "draft")
    for need, state in _newest(session, Bid.organisation_id == organisation_id, need_ids).items():
        if state != "withdrawn" or found.get(need) != "draft":
            found[need] = state
    for need, state in joint(session, organisation_id, need_ids).items():
        if found.get(need, "draft") in GONE and (state != "withdrawn" or need not in found):
            found[need] = state
    return found


def joint(session: Session, organisation_id: int, need_ids: Sequence[int]) -> dict[int, str]:
    """The same of bids of which the firm is part and which another has handed in: never what they say."""
    return _newest(session, is_partners(organisation_id), need_ids)


def _newest(session: Session, whose: ColumnElement[bool], need_ids: Sequence[int]) -> dict[int, str]:
    told = (Decision.bid_id == Bid.id) & Decision.told_at.is_not(None)
    query = select(Bid.need_id, Bid.state, Decision.outcome).outerjoin(Decision, told)
    rows = session.execute(query.where(whose, Bid.need_id.in_(need_ids)).order_by(Bid.id))
    return {need: OUTCOMES.get(outcome or "", state) for need, state, outcome in rows}
