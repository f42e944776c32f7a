"""What the operator makes of a report: dismissed, or its sender is warned or blocked; and when a block ends."""

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from market import journal
from market.enquiries.models import Enquiry, Thread
from market.errors import Conflict
from market.i18n import N_
from market.viewer import Viewer


def judge(session: Session, viewer: Viewer, thread: Thread, verdict: str, now: datetime) -> None:
    """Decide once. The firm that reported stays free of this sender, whatever is decided.

    Raises Conflict where somebody has decided already.
    """
    if thread.reported_at is None or thread.judged_at is not None:
        raise Conflict(N_("Somebody has decided on this report already."), reason="judged")
    thread.verdict, thread.judged_at = verdict, now
    journal.record(session, viewer, f"enquiries.{verdict}", thread, now, tell=())


def blocked(viewer: Viewer) -> Select[Thread]:
    """Verdicts that keep a sender from asking, the newest first; nothing for anybody but the operator."""
    query = select(Thread).where(Thread.verdict == "blocked")
    query = query if viewer.is_operator else query.where(Thread.id == 0)
    return query.order_by(Thread.judged_at.desc(), Thread.id.desc())


def lift(session: Session, viewer: Viewer, thread: Thread, now: datetime) -> None:
    """The sender may ask again, whatever was decided of it before. Raises Conflict where it is not blocked."""
    if thread.verdict != "blocked":
        raise Conflict(N_("This sender is not blocked."), reason="state")
    sender = Enquiry.organisation_id == thread.enquiry.organisation_id
    for one in session.scalars(blocked(viewer).join(Thread.enquiry).where(sender)).all():
        one.verdict = "lifted"
        journal.record(session, viewer, "enquiries.lifted", one, now, tell=())
