"""Counting seats under the lock of their session: who gets some, who waits, who moves up, when pledges turn.

Every change of bookings takes the row of the session first and ends in `settle`. SQLite lets one writer in at a time,
PostgreSQL locks the row; what the table holds of figures is counted anew each time, so that it never drifts.
"""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market import journal
from market.accounts.models import Organisation
from market.bookings import lifecycle
from market.bookings.letters import Desk, Matter
from market.bookings.models import HOLDING, Booking, Participant, Pledge
from market.offerings.sessions import CourseSession
from market.values import ZONE, local_day
from market.viewer import SYSTEM, Viewer

HOLD: Final = timedelta(hours=48)
"""How long seats are kept for the provider's answer."""


def locked(session: Session, ids: Iterable[int]) -> list[CourseSession]:
    """The sessions as they stand now, held until the transaction ends; always in the same order."""
    query = select(CourseSession).where(CourseSession.id.in_(ids)).order_by(CourseSession.id)
    held = query.with_for_update(of=CourseSession).execution_options(populate_existing=True)
    return list(session.scalars(held))


def lock(session: Session, row: CourseSession) -> CourseSession:
    return locked(session, [row.id])[0]


def enter(
    session: Session,
    row: CourseSession,
    organisation: Organisation,
    person_id: int | None,
    seats: int,
    now: datetime,
    names: Iterable[str] = (),
    ref: str | None = None,
) -> Booking:
    """A booking with its seats, or on the waiting list where they do not fit or others wait. The row is locked."""
    fits = seats <= row.seats_free
    booking = Booking(
        session=row,
        organisation=organisation,
        person_id=person_id,
        seats=seats,
        state="reserved" if fits else "waiting",
        hold_until=hold_until(row, now) if fits else None,
        created_at=now,
        updated_at=now,
        **({"ref": ref} if ref else {}),
    )
    given = [*names, *[""] * seats][:seats]
    booking.people = [Participant(name=name) for name in given]
    session.add(booking)
    count(session, row)
    return booking


def hold_until(row: CourseSession, now: datetime) -> datetime:
    """48 hours, but never longer than the day on which the session begins."""
    return min(now + HOLD, datetime.combine(row.starts_on, time(0), ZONE))


def count(session: Session, row: CourseSession) -> None:
    """Write the figures of the row from what is there."""
    session.flush()
    query = select(Booking.state, func.sum(Booking.seats)).where(Booking.session_id == row.id).group_by(Booking.state)
    seats = {state: int(number) for state, number in session.execute(query)}
    row.seats_booked = sum(seats.get(state, 0) for state in HOLDING)
    row.seats_waiting = seats.get("waiting", 0)
    mine = (Pledge.session_id == row.id, Pledge.state == "open")
    figures = select(func.sum(Pledge.seats), func.count(Pledge.organisation_id.distinct())).where(*mine)
    pledged, firms = session.execute(figures).one()
    row.seats_pledged, row.pledgers = int(pledged or 0), firms
    session.flush()


def open_pledges(session: Session, row: CourseSession) -> list[Pledge]:
    query = select(Pledge).where(Pledge.session_id == row.id, Pledge.state == "open")
    return list(session.scalars(query.order_by(Pledge.id)))


def place_of(session: Session, booking: Booking) -> int:
    """Place on the waiting list, from 1."""
    before = select(func.count()).where(
        Booking.session_id == booking.session_id, Booking.state == "waiting", Booking.id <= booking.id
    )
    return session.scalar(before) or 0


def settle(session: Session, row: CourseSession, now: datetime, base_url: str) -> None:
    """Draw the consequences of a change: pledges that suffice become bookings, then the waiting list moves up."""
    count(session, row)
    if row.state != "cancelled" and local_day(now) < row.starts_on:
        _turn(session, row, now, base_url)
        _move_up(session, row, now, base_url)
    journal.promise(session, "search", "offerings", row.offering_id, now)


def _move_up(session: Session, row: CourseSession, now: datetime, base_url: str) -> None:
    """Strictly in order: a small booking never overtakes a large one that waits for its seats."""
    query = select(Booking).where(Booking.session_id == row.id, Booking.state == "waiting").order_by(Booking.id)
    while row.seats_waiting and row.taken < row.seats_max:
        booking = session.scalars(query.limit(1)).one()
        if booking.seats > row.seats_max - row.taken:
            break
        booking.state = lifecycle.after(booking.state, "move_up")
        booking.hold_until, booking.updated_at = hold_until(row, now), now
        count(session, row)
        record(session, SYSTEM, "moved_up", booking, now)
        tell(session, now, base_url, "moved_up", booking, "moved_up", until=booking.hold_until)


def _turn(session: Session, row: CourseSession, now: datetime, base_url: str) -> None:
    """Pledges become bookings, in their order, once seats taken and pledged reach the minimum."""
    pledged = open_pledges(session, row)
    if not pledged or (row.taken + row.seats_pledged < row.seats_min and not row.is_sure):
        return
    pledged = open_pledges(session, row)
    row.state = "sure"
    journal.record(session, SYSTEM, "bookings.session_sure", row, now, tell=(), data={"seats": row.seats_pledged})
    for pledge in pledged:
        pledge.state, pledge.updated_at = "booked", now
        count(session, row)
        booking = enter(session, row, pledge.organisation, pledge.person_id, pledge.seats, now)
        pledge.booking_id = booking.id
        record(session, SYSTEM, booking.state, booking, now, pledge=pledge.ref)
        event = "sure" if booking.state == "reserved" else "sure_waiting"
        tell(session, now, base_url, event, booking, until=booking.hold_until, place=place_of(session, booking))
    matter = Matter(row.offering, row, row.seats_booked, f"/me/sessions/{row.ref}")
    Desk(session, now, base_url).to_provider("sure", matter, least=row.seats_min, until=hold_until(row, now))


def record(session: Session, viewer: Viewer, verb: str, booking: Booking, now: datetime, **data: object) -> None:
    """Into the journal: figures and references, never a name."""
    figures = {"session": booking.session.ref, "seats": booking.seats} | data
    journal.record(session, viewer, f"bookings.{verb}", booking, now, tell=(), data=figures)


def tell(
    session: Session, now: datetime, base_url: str, event: str, booking: Booking, provider: str = "", **values: object
) -> None:
    """A letter to the firm and, where `provider` names an event, one to the provider."""
    row, desk = booking.session, Desk(session, now, base_url)
    values |= {"last_cancel": row.last_cancel}
    if event:
        matter = Matter(row.offering, row, booking.seats, f"/me/bookings/{booking.ref}")
        desk.to_firm(event, booking.organisation, booking.person_id, matter, **values)
    if provider:
        matter = Matter(row.offering, row, booking.seats, f"/me/sessions/{row.ref}")
        desk.to_provider(provider, matter, firm=booking.organisation.name, **values)
