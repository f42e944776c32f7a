"""Who sees and writes what: a thread belongs to the organisation that asks and to the firm asked, to nobody else."""

from typing import Final

from sqlalchemy import Select, or_, select

from market.accounts.people import SPEAKERS
from market.enquiries.models import Enquiry, Thread
from market.viewer import Viewer

WRITERS: Final = SPEAKERS
MOST_FIRMS: Final = 10


def may_ask(viewer: Viewer) -> bool:
    return viewer.organisation_id is not None and viewer.acts_for(viewer.organisation_id, *WRITERS)


def visible_enquiries(viewer: Viewer) -> Select[Enquiry]:
    """Asked by the viewer's organisation."""
    return select(Enquiry).where(Enquiry.organisation_id == (viewer.organisation_id or 0))


def visible_threads(viewer: Viewer) -> Select[Thread]:
    """Asked by, or sent to, the viewer's organisation."""
    own = viewer.organisation_id or 0
    return select(Thread).join(Thread.enquiry).where(or_(Enquiry.organisation_id == own, Thread.organisation_id == own))


def received(viewer: Viewer) -> Select[Thread]:
    return select(Thread).where(Thread.organisation_id == (viewer.organisation_id or 0))


def side_of(viewer: Viewer, thread: Thread) -> str:
    """`buyer`, `firm`, or nothing for everybody else."""
    if viewer.organisation_id is None:
        return ""
    if viewer.acts_for(thread.organisation_id):
        return "firm"
    return "buyer" if viewer.acts_for(thread.enquiry.organisation_id) else ""


def may_write(viewer: Viewer, thread: Thread) -> bool:
    side = side_of(viewer, thread)
    own = thread.organisation_id if side == "firm" else thread.enquiry.organisation_id
    return bool(side) and viewer.acts_for(own, *WRITERS)


def visible_reports(viewer: Viewer) -> Select[Thread]:
    """Reports nobody has decided on, the oldest first; nothing for anybody but the operator."""
    query = select(Thread).where(Thread.reported_at.is_not(None), Thread.judged_at.is_(None))
    query = query if viewer.is_operator else query.where(Thread.id == 0)
    return query.order_by(Thread.reported_at, Thread.id)
