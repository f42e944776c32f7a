"""Whoever bid and is told the decision finds the need in the inbox, whichever way they came to it."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.awards import deciding
from market.awards.models import Decision
from market.notifications.models import Notice


def told(session: Session, decision: Decision, now: datetime) -> None:
    firm, need = decision.bid.organisation_id, decision.need_id
    known = select(Notice.id).where(Notice.organisation_id == firm, Notice.need_id == need)
    if session.scalar(known) is None:
        session.add(Notice(organisation_id=firm, need_id=need, created_at=now, stage="new", before="new"))
        session.flush()


deciding.ON_DECISION.append(told)
