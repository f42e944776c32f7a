"""What a buyer's bidders can count on, as a public figure: how many were answered by the day that was promised."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.awards.cases import ANSWERED
from market.awards.models import Decision
from market.bids.lifecycle import LIVE
from market.bids.models import Bid
from market.needs.models import Need
from market.values import local_day


@dataclass(frozen=True)
class Answered:
    in_time: int
    all: int


def answered_in_time(session: Session, organisation_id: int, today: date) -> Answered:
    """Of bidders who were to hear by now, or have heard: how many heard on the day named in the need or before."""
    query = select(Bid.id, Need.decision_by, Decision.told_at).join(Need, Need.id == Bid.need_id)
    query = query.outerjoin(Decision, Decision.bid_id == Bid.id)
    query = query.where(Need.organisation_id == organisation_id, Need.decision_by.is_not(None))
    owed = Bid.state.in_((*LIVE, *ANSWERED)) & (Need.decision_by < today)
    in_time = counted = 0
    for row in session.execute(query.where(owed | Decision.told_at.is_not(None))):
        counted += 1
        in_time += row.told_at is not None and local_day(row.told_at) <= row.decision_by
    return Answered(in_time, counted)
