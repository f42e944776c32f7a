"""What the provider does: confirm, decline, make a date certain or cancel it, mark who came, issue certificates."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market import journal
from market.bookings import lifecycle
from market.bookings.letters import Desk, Matter
from market.bookings.models import OPEN, Booking
from market.bookings.seats import count, lock, open_pledges, record, settle, tell
from market.bookings.service import CANCELLED, end
from market.i18n import N_
from market.offerings.sessions import CourseSession, Refusal
from market.taxonomy import certificates as catalogue
from market.values import local_day
from market.viewer import Viewer

EARLY = N_("The date begins on %(first)s; who came can be marked from that day on. Today is %(today)s.")
OVER = N_("The date began on %(first)s; today is %(today)s. It can be cancelled until the day before.")
UNNAMED = N_("%(missing)s of %(seats)s people marked as certified have no name yet. The booking firm enters the names.")
TYPE = N_("Please choose which certificate it is.")
ORDER = N_("The certificate is valid until %(until)s, but only from %(first)s on.")


def of_session(session: Session, row: CourseSession) -> list[Booking]:
    """All bookings of a session, the waiting list last, in the order in which they came."""
    query = select(Booking).where(Booking.session_id == row.id)
    return sorted(session.scalars(query.order_by(Booking.id)), key=lambda booking: booking.state == "waiting")


def confirm(session: Session, viewer: Viewer, booking: Booking, now: datetime, base_url: str) -> None:
    row = lock(session, booking.session)
    session.refresh(booking, ["state"])
    booking.state = lifecycle.after(booking.state, "confirm")
    booking.hold_until, booking.updated_at = None, now
    record(session, viewer, "confirmed", booking, now)
    tell(session, now, base_url, "confirmed", booking)
    settle(session, row, now, base_url)


def decline(session: Session, viewer: Viewer, booking: Booking, now: datetime, base_url: str) -> None:
    """The provider cannot give these seats."""
    row = lock(session, booking.session)
    session.refresh(booking, ["state"])
    end(session, viewer, booking, "provider", now)
    tell(session, now, base_url, "declined", booking)
    settle(session, row, now, base_url)


def guarantee(session: Session, viewer: Viewer, row: CourseSession, now: datetime, base_url: str) -> None:
    """It takes place, whatever happens: pledges become bookings at once."""
    row = lock(session, row)
    _running(row)
    row.state = "sure"
    journal.record(session, viewer, "bookings.session_guaranteed", row, now, tell=())
    settle(session, row, now, base_url)


def cancel_session(session: Session, viewer: Viewer, row: CourseSession, now: datetime, base_url: str) -> int:
    """Everybody who booked, waits or pledged gets a letter; returns how many firms' entries that ended."""
    row = lock(session, row)
    _running(row)
    if local_day(now) >= row.starts_on:
        raise Refusal(OVER, first=row.starts_on, today=local_day(now))
    row.state = "cancelled"
    ended = 0
    for booking in of_session(session, row):
        if booking.state in OPEN:
            end(session, viewer, booking, "session", now)
            tell(session, now, base_url, "session_cancelled", booking)
            ended += 1
    for pledge in open_pledges(session, row):
        pledge.state, pledge.updated_at = "lapsed", now
        matter = Matter(row.offering, row, pledge.seats, "/me/bookings")
        Desk(session, now, base_url).to_firm("session_cancelled", pledge.organisation, pledge.person_id, matter)
        ended += 1
    journal.record(session, viewer, "bookings.session_cancelled", row, now, tell=(), data={"ended": ended})
    settle(session, row, now, base_url)
    return ended


def _running(row: CourseSession) -> None:
    if row.state == "cancelled":
        raise Refusal(CANCELLED, first=row.starts_on)


def mark(session: Session, viewer: Viewer, row: CourseSession, came: Mapping[str, str], now: datetime) -> None:
    """Who attended: participant's reference -> `attended` or `no_show`. From the first day of the session on."""
    row = lock(session, row)
    _running(row)
    if local_day(now) < row.starts_on:
        raise Refusal(EARLY, first=row.starts_on, today=local_day(now))
    for booking in of_session(session, row):
        if booking.state not in ("confirmed", "attended", "no_show"):
            continue
        before = [person.outcome for person in booking.people]
        for person in booking.people:
            said = came.get(person.ref)
            if said in ("attended", "no_show") and person.outcome != "certified":
                person.outcome = said
        if [person.outcome for person in booking.people] != before:
            _follow_people(session, viewer, booking, now)
    count(session, row)


def _follow_people(session: Session, viewer: Viewer, booking: Booking, now: datetime) -> None:
    """The state of a booking from that of its people: somebody came, or nobody."""
    outcomes = [person.outcome for person in booking.people]
    if not all(outcomes):
        return
    came = any(outcome in ("attended", "certified") for outcome in outcomes)
    move, wanted = ("attend", "attended") if came else ("miss", "no_show")
    if booking.state != wanted:
        booking.state = lifecycle.after(booking.state, move)
        booking.updated_at = now
        record(session, viewer, lifecycle.VERBS[move], booking, now)
    if all(outcome in ("certified", "no_show") for outcome in outcomes) and "certified" in outcomes:
        booking.state = lifecycle.after(booking.state, "certify")
        record(session, viewer, "certified", booking, now)


def certify(
    session: Session,
    viewer: Viewer,
    row: CourseSession,
    refs: set[str],
    type_: str,
    valid_from: date,
    valid_until: date | None,
    now: datetime,
    base_url: str,
) -> int:
    """Issue a certificate to participants who attended; their firms get a letter. Returns how many."""
    row = lock(session, row)
    if type_ not in catalogue.types():
        raise Refusal(TYPE)
    if valid_until is not None and valid_until < valid_from:
        raise Refusal(ORDER, first=valid_from, until=valid_until)
    bookings = [booking for booking in of_session(session, row) if booking.state == "attended"]
    chosen = [p for booking in bookings for p in booking.people if p.ref in refs and p.outcome == "attended"]
    nameless = sum(not person.name for person in chosen)
    if nameless:
        raise Refusal(UNNAMED, missing=nameless, seats=len(chosen))
    for person in chosen:
        person.outcome, person.certificate_type = "certified", type_
        person.valid_from, person.valid_until = valid_from, valid_until
    for booking in bookings:
        if any(person in chosen for person in booking.people):
            _follow_people(session, viewer, booking, now)
            tell(session, now, base_url, "certified", booking)
    count(session, row)
    return len(chosen)
