"""What time changes of bookings: reservations run out, waiting lists close, pledges are decided or find their date."""

from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from market import journal
from market.bookings.letters import Desk, Matter
from market.bookings.models import HOLDING, Booking, Participant, Pledge
from market.bookings.seats import locked, settle, tell
from market.bookings.service import end
from market.offerings.sessions import CourseSession
from market.values import first_of_month, local_day
from market.viewer import SYSTEM

KEPT: Final = timedelta(days=365)
"""How long names of participants are kept after their course."""


def tick(session: Session, now: datetime, base_url: str) -> int:
    """Do what is due; returns how many bookings and pledges it changed. Any number of times does no more."""
    today = local_day(now)
    over = list(session.scalars(select(Booking).where(Booking.state == "reserved", Booking.hold_until <= now)))
    late = list(session.scalars(_waiting_in_vain(today)))
    pledges = list(session.scalars(select(Pledge).where(Pledge.state == "open")))
    dated = _dates_found(session, pledges, today)
    undecided = [p for p in pledges if p.session and (today > p.session.last_cancel or today >= p.session.starts_on)]
    passed = [
        p for p in pledges if p.session is None and p not in dated and p.month and first_of_month(p.month, 1) <= today
    ]
    # All rows at once and in their order, before anything else is written: two clocks or a firm never wait in a ring.
    concerned = {b.session_id for b in (*over, *late)} | {p.session_id for p in undecided if p.session_id}
    rows = locked(session, sorted(concerned | {row.id for row in dated.values()} | set(session.scalars(astray(today)))))
    for booking in (*over, *late):
        _end_booking(session, booking, now, base_url)
    for pledge in (*undecided, *passed):
        _lapse(session, pledge, now, base_url)
    for pledge, row in dated.items():
        pledge.session, pledge.updated_at = row, now
        matter = Matter(pledge.offering, row, pledge.seats, "/me/bookings")
        Desk(session, now, base_url).to_firm("dated", pledge.organisation, pledge.person_id, matter)
    for row in rows:
        settle(session, row, now, base_url)
        if any(pledge.session_id == row.id for pledge in undecided) and not row.is_sure:
            matter = Matter(row.offering, row, row.taken, f"/me/sessions/{row.ref}")
            Desk(session, now, base_url).to_provider("undecided", matter, least=row.seats_min)
    return len(over) + len(late) + len(undecided) + len(passed) + len(dated) + _forget(session, today)


def _forget(session: Session, today: date) -> int:
    """Names of people whose course is long over; what they have attended stays as a number."""
    old = select(Participant).join(Participant.booking).join(Booking.session)
    old = old.where(Participant.name != "", CourseSession.ends_on < today - KEPT)
    people = list(session.scalars(old))
    for person in people:
        person.name = ""
    return len(people)


def astray(today: date) -> Select[int]:
    """Dates to come whose count is not the sum of their bookings: a firm was deleted, and its bookings with it."""
    booked = select(func.sum(Booking.seats)).where(Booking.session_id == CourseSession.id, Booking.state.in_(HOLDING))
    held = func.coalesce(booked.scalar_subquery(), 0)
    return select(CourseSession.id).where(CourseSession.starts_on > today, CourseSession.seats_booked != held)


def _waiting_in_vain(today: date) -> Select[Booking]:
    query = select(Booking).join(Booking.session)
    return query.where(Booking.state == "waiting", CourseSession.starts_on <= today)


def _end_booking(session: Session, booking: Booking, now: datetime, base_url: str) -> None:
    session.refresh(booking, ["state", "hold_until"])
    if booking.state == "reserved" and booking.hold_until and booking.hold_until <= now:
        end(session, SYSTEM, booking, "hold", now)
        tell(session, now, base_url, "hold_over", booking, "hold_over")
    elif booking.state == "waiting":
        end(session, SYSTEM, booking, "began", now)
        tell(session, now, base_url, "began", booking)


def _lapse(session: Session, pledge: Pledge, now: datetime, base_url: str) -> None:
    session.refresh(pledge, ["state"])
    if pledge.state != "open":
        return
    pledge.state, pledge.updated_at = "lapsed", now
    journal.record(session, SYSTEM, "bookings.pledge_lapsed", pledge, now, tell=(), data={"seats": pledge.seats})
    path = f"/offerings/{pledge.offering.ref}/{pledge.offering.slug}"
    matter = Matter(pledge.offering, pledge.session, pledge.seats, path)
    Desk(session, now, base_url).to_firm("lapsed", pledge.organisation, pledge.person_id, matter)


def _dates_found(session: Session, pledges: list[Pledge], today: date) -> dict[Pledge, CourseSession]:
    """The first open session of the month a pledge without a date asks for."""
    wishes = [pledge for pledge in pledges if pledge.session is None and pledge.month]
    query = select(CourseSession).where(
        CourseSession.offering_id.in_({pledge.offering_id for pledge in wishes}),
        CourseSession.state != "cancelled",
        CourseSession.starts_on > today,
    )
    rows = list(session.scalars(query.order_by(CourseSession.starts_on))) if wishes else []
    found: dict[Pledge, CourseSession] = {}
    for pledge in wishes:
        month = pledge.month
        fitting = (
            row
            for row in rows
            if row.offering_id == pledge.offering_id
            and row.starts_on.replace(day=1) == month
            and today <= row.last_cancel
        )
        if row := next(fitting, None):
            found[pledge] = row
    return found
