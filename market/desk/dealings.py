"""What came of needs for a firm: invitations, bids that stood at the deadline, and how they were decided.

Days alone, by the same rules as the firm's own lists; what a bid says is not read, and nobody but the firm's own people
gets any of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.awards.models import Decision
from market.awards.rules import visible_outcomes
from market.bids.models import Bid
from market.bids.rules import is_theirs
from market.needs.models import Invitation, Need
from market.needs.rules import visible_needs
from market.values import local_day
from market.viewer import Viewer

GONE: Final = ("replaced", "withdrawn")
"""States of bids that no longer stood at the deadline."""
WON: Final = ("won", "partly")
"""The whole of what was bid for, or a lot or a line of it."""


@dataclass(frozen=True)
class Dealings:
    """A day for each need."""

    invited: list[date]
    bids: list[date]
    won: list[date]
    lost: list[date]


def of_firm(session: Session, viewer: Viewer, since: datetime, now: datetime) -> Dealings:
    """Of the viewer's own firm; of bids and decisions nothing for somebody who acts on its behalf."""
    told = invited(session, viewer, since)
    if viewer.behalf_of:
        return Dealings(told, [], [], [])
    decided = visible_outcomes(viewer).with_only_columns(Decision.outcome, Decision.told_at)
    outcomes = session.execute(decided.where(Decision.told_at > since)).all()
    won = [at for outcome, at in outcomes if outcome in WON]
    lost = [at for outcome, at in outcomes if outcome == "lost"]
    return Dealings(told, stood(session, viewer, since, now), days(won), days(lost))


def invited(session: Session, viewer: Viewer, since: datetime) -> list[date]:
    """When the letters went out; of needs the firm can still look at."""
    known = visible_needs(viewer).with_only_columns(Need.id)
    query = select(Invitation.told_at).where(
        Invitation.organisation_id == (viewer.organisation_id or 0), Invitation.need_id.in_(known)
    )
    return days(session.scalars(query.where(Invitation.told_at > since)))


def stood(session: Session, viewer: Viewer, since: datetime, now: datetime) -> list[date]:
    """Deadlines that have passed with a bid of the firm in, its own or a joint one: not withdrawn, and the need not
    cancelled before."""
    query = select(Bid).where(is_theirs(viewer.organisation_id or 0)).join(Bid.need).where(Bid.state.not_in(GONE))
    query = query.where(func.coalesce(Need.bids_until, Need.closed_at) > since)
    columns = (Need.id, Need.bids_until, Need.closed_at, Need.cancelled_at)
    rows = [row[1:] for row in session.execute(query.with_only_columns(*columns).distinct())]
    ends = ((min(filter(None, (until, closed)), default=now), cancelled) for until, closed, cancelled in rows)
    return days(end for end, cancelled in ends if end <= now and not (cancelled and cancelled < end))


def days(moments: Iterable[datetime | None]) -> list[date]:
    return [local_day(moment) for moment in moments if moment is not None]
