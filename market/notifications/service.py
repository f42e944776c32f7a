"""How people move what is in the inbox, and what time takes away. Every verb ends in the journal."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, exists, func, or_, select
from sqlalchemy.orm import Session

from market import journal
from market.bids.lifecycle import LIVE
from market.errors import Conflict
from market.i18n import N_
from market.needs import declining
from market.needs.models import Invitation, Need, Watch
from market.notifications import own_bids, pipeline
from market.notifications.models import Alert, Notice, SavedSearch
from market.viewer import Viewer

UNCONFIRMED: Final = timedelta(days=3)
"""How long the letter that asks for a confirmation can be answered."""
FOLLOWED: Final = ("watching", "preparing")
"""Stages in which a firm is written to about changes of a need."""
FEW: Final = 3
"""Firms that have passed a need before its buyer is shown why: fewer would be told apart."""
OVER: Final = timedelta(days=180)
"""After the end of a need what a firm never took up leaves its inbox."""
LONG_OVER: Final = timedelta(days=730)
"""And what it did take up."""
TOLD: Final = timedelta(days=365)
"""How long it is kept when somebody was told of something."""


def move(session: Session, viewer: Viewer, notice: Notice, wanted: str, reason: str, now: datetime) -> None:
    """Watch, prepare, pass (with a reason) or take that back. Raises Conflict where the table forbids it."""
    stage = pipeline.after(notice.stage, wanted, notice.before)
    if stage == "passed":
        notice.before = notice.stage
    notice.stage, notice.reason = stage, reason if stage == "passed" else ""
    notice.moved_at, notice.person_id = now, viewer.person_id
    _follow(session, notice, now)
    _answer(session, viewer, notice, now)
    data: dict[str, object] = {"stage": stage, "reason": notice.reason}
    journal.record(session, viewer, "notifications.moved", notice, now, tell=(), data=data)


def watched(session: Session, viewer: Viewer, need: Need, begins: bool, now: datetime) -> None:
    """From the page of a need into the inbox and back, whether it was found to fit or not."""
    mine = viewer.organisation_id or 0
    notice = session.scalar(select(Notice).where(Notice.organisation_id == mine, Notice.need_id == need.id))
    if not begins:
        if notice is not None and notice.stage in FOLLOWED:
            move(session, viewer, notice, "new", "", now)
        return
    if notice is None:
        notice = Notice(organisation_id=mine, need=need, created_at=now, stage="new", before="new")
        session.add(notice)
        session.flush()
    if notice.stage == "passed":
        move(session, viewer, notice, "back", "", now)
    if notice.stage == "new":
        move(session, viewer, notice, "watching", "", now)


def _follow(session: Session, notice: Notice, now: datetime) -> None:
    """Who has taken a need up hears of its changes and answers, as everybody who watches it does."""
    mine = (Watch.need_id == notice.need_id, Watch.organisation_id == notice.organisation_id)
    held = session.scalar(select(Watch).where(*mine))
    if notice.stage in FOLLOWED and held is None:
        session.add(Watch(need_id=notice.need_id, organisation_id=notice.organisation_id, at=now))
    elif notice.stage not in FOLLOWED and held is not None:
        session.delete(held)


def _answer(session: Session, viewer: Viewer, notice: Notice, now: datetime) -> None:
    """An invited firm that passes declines, and the other way round: one answer, wherever it is given."""
    invitation = declining.invitation_of(session, notice.need, notice.organisation_id)
    if invitation is None or (notice.stage == "passed") == (invitation.declined_at is not None):
        return
    if notice.stage == "passed":
        declining.decline(session, viewer, invitation, notice.reason, now)
    else:
        declining.take_back(session, viewer, invitation, now)


def declined(session: Session, viewer: Viewer, invitation: Invitation, now: datetime) -> None:
    """An invitation was declined, or taken up again: the inbox says so, too. Raises Conflict where a bid is there."""
    firm, need = invitation.organisation_id, invitation.need
    notice = session.scalar(select(Notice).where(Notice.organisation_id == firm, Notice.need_id == need.id))
    if invitation.declined_at is None:
        if notice is not None and notice.stage == "passed":
            move(session, viewer, notice, "back", "", now)
        return
    if own_bids.joint(session, firm, [need.id]).get(need.id) in LIVE:
        raise Conflict(N_("You are part of a joint bid that is handed in. Take your consent back first."))
    if own_bids.states(session, firm, [need.id]).get(need.id) in LIVE:
        raise Conflict(N_("Your firm has sent a bid. Withdraw it first."))
    if notice is None:
        notice = Notice(organisation_id=firm, need=need, created_at=now, stage="new", before="new")
        session.add(notice)
        session.flush()
    if notice.stage == "passed":
        notice.reason = invitation.declined_reason
    else:
        move(session, viewer, notice, "passed", invitation.declined_reason, now)


def invitations(session: Session, organisation_id: int, need_ids: Sequence[int]) -> dict[int, Invitation]:
    """Need -> the firm's invitation to it."""
    query = select(Invitation).where(Invitation.organisation_id == organisation_id, Invitation.need_id.in_(need_ids))
    return {one.need_id: one for one in session.scalars(query)}


def why_passed(session: Session, need_id: int) -> dict[str, int]:
    """How many firms passed a need for which reason; empty while they are fewer than three. Never who: so without those
    whose refusal of an invitation the buyer reads by name, else the others could be told from the rest."""
    named = exists().where(Invitation.need_id == need_id, Invitation.organisation_id == Notice.organisation_id)
    query = select(Notice.reason).where(Notice.need_id == need_id, Notice.stage == "passed", ~named)
    counted = Counter(session.scalars(query))
    return dict(counted.most_common()) if counted.total() >= FEW else {}


def tidy(session: Session, now: datetime) -> int:
    """Orders nobody confirmed, notices of needs long over, and what was told long ago; returns how many rows went."""
    ordered = (SavedSearch.confirmed_at.is_(None), SavedSearch.created_at < now - UNCONFIRMED)
    gone: int = session.execute(delete(SavedSearch).where(*ordered)).rowcount  # type: ignore[attr-defined]
    gone += _forget_told(session, now)
    ended = func.coalesce(Need.closed_at, Need.bids_until, Need.updated_at)
    idle = Notice.stage.in_(("new", "passed"))
    over = or_(idle & (ended < now - OVER), ended < now - LONG_OVER)
    old = list(session.scalars(select(Notice.id).join(Notice.need).where(Need.stage != "published", over)))
    session.execute(delete(Alert).where(Alert.notice_id.in_(old)))
    session.execute(delete(Notice).where(Notice.id.in_(old)))
    return gone + len(old)


def _forget_told(session: Session, now: datetime) -> int:
    """What a search was told of long ago stays known to it, but not when that was."""
    query = select(Alert).where(Alert.search_id.is_not(None), Alert.written_at < now - TOLD)
    old: Sequence[Alert] = list(session.scalars(query.limit(1000)))
    for alert in old:
        if alert.search is not None:
            alert.search.known = sorted({*(alert.search.known or ()), alert.thing})
        session.delete(alert)
    session.flush()
    return len(old)
