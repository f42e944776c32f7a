"""Who may book, who may run a session, and who sees which booking. What is not one's own does not exist."""

from sqlalchemy import Select, select

from market.accounts import rules as accounts
from market.accounts.models import Organisation
from market.accounts.people import SPEAKERS
from market.bookings.models import Booking, Pledge
from market.offerings.models import Offering
from market.offerings.rules import published
from market.offerings.sessions import CourseSession
from market.viewer import Viewer

BOOKERS = SPEAKERS


def may_book(viewer: Viewer, organisation: Organisation) -> bool:
    """Book, pledge and cancel for the firm; the operator on its behalf."""
    return viewer.is_operator or viewer.acts_for(organisation.id, *BOOKERS)


def may_run(viewer: Viewer, organisation: Organisation) -> bool:
    """Confirm, mark who came, cancel a session of the firm."""
    return accounts.may_edit(viewer, organisation)


def bookable() -> Select[CourseSession]:
    """Sessions everybody may see."""
    query = select(CourseSession).join(CourseSession.offering).join(Offering.organisation)
    return query.where(published(), CourseSession.state != "cancelled")


def own_bookings(organisation: Organisation) -> Select[Booking]:
    """What the firm has booked."""
    return select(Booking).where(Booking.organisation_id == organisation.id)


def own_pledges(organisation: Organisation) -> Select[Pledge]:
    return select(Pledge).where(Pledge.organisation_id == organisation.id)


def own_sessions(organisation: Organisation) -> Select[CourseSession]:
    """What the firm runs."""
    return select(CourseSession).join(CourseSession.offering).where(Offering.organisation_id == organisation.id)
