"""What firms do: book, cancel, name people, pledge, withdraw, take certificates. Refusals name figure and limit."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from market import journal
from market.accounts.models import Organisation
from market.bookings import lifecycle
from market.bookings.letters import Desk, Matter
from market.bookings.models import OPEN, Booking, Participant, Pledge
from market.bookings.seats import count, enter, lock, place_of, record, settle, tell
from market.certificates import service as certificates
from market.certificates.models import Certificate
from market.i18n import N_
from market.offerings.models import Offering
from market.offerings.sessions import CourseSession, Refusal
from market.values import local_day
from market.viewer import Viewer

CANCELLED = N_("The date %(first)s has been cancelled.")
BEGUN = N_("The date begins on %(first)s; booking was possible until the day before. Today is %(today)s.")
OWN = N_("This is a course of your own firm. Write seats given away elsewhere into the offering.")
SEATS = N_("This date has %(most)s seats; you asked for %(seats)s. Please choose between 1 and %(most)s.")
TOO_LATE = N_("Cancelling was possible until %(last)s; today is %(today)s. Please call the provider.")
SURE = N_("This date is certain already with %(taken)s of at least %(least)s seats taken: book the seats directly.")
DECIDED = N_("Pledging was possible until %(last)s; today is %(today)s.")
TURNED = N_("This pledge cannot be withdrawn any more: it has changed and is %(state)s. Cancel the booking instead.")
NAMES = N_("Your booking has %(seats)s seats; you wrote %(names)s names.")
PAST = N_("%(month)s is over or has begun; today is %(today)s. Please choose a later month.")
TAKEN = N_("This certificate is in your wallet already, or is not issued yet.")
PLEDGES = {
    "open": N_("open"),
    "booked": N_("a booking by now"),
    "withdrawn": N_("withdrawn"),
    "lapsed": N_("ended"),
}
MANY = N_("At most %(most)s seats can be wanted at once; you asked for %(seats)s.")
MOST_WANTED = 100
M = TypeVar("M", Booking, Pledge)


def book(
    session: Session,
    viewer: Viewer,
    row: CourseSession,
    organisation: Organisation,
    seats: int,
    now: datetime,
    base_url: str,
    *,
    names: Sequence[str] = (),
    once: str | None = None,
) -> Booking:
    """Reserve seats, or stand on the waiting list. `once` is the form's own mark: sent twice it books once."""
    row = lock(session, row)
    known, once = _sent(session, Booking, once, organisation)
    if known is not None:
        return known
    _may_enter(row, organisation, seats, now)
    _fit(names, seats)
    booking = enter(session, row, organisation, viewer.person_id, seats, now, names, once)
    record(session, viewer, booking.state, booking, now)
    if booking.state == "reserved":
        tell(session, now, base_url, "reserved", booking, "asked", until=booking.hold_until)
    else:
        tell(session, now, base_url, "waiting", booking, "queued", place=place_of(session, booking))
    settle(session, row, now, base_url)
    return booking


def _sent(session: Session, made: type[M], once: str | None, organisation: Organisation) -> tuple[M | None, str | None]:
    """What the firm's form with this mark made when it was sent before; and the mark, unless it is another firm's."""
    known = session.scalar(select(made).where(made.ref == once)) if once else None
    if known is None or known.organisation_id == organisation.id:
        return known, once
    return None, None


def _may_enter(row: CourseSession, organisation: Organisation, seats: int, now: datetime) -> None:
    today = local_day(now)
    if row.state == "cancelled":
        raise Refusal(CANCELLED, first=row.starts_on)
    if today >= row.starts_on:
        raise Refusal(BEGUN, first=row.starts_on, today=today)
    if row.offering.organisation_id == organisation.id:
        raise Refusal(OWN)
    if not 1 <= seats <= row.seats_max:
        raise Refusal(SEATS, most=row.seats_max, seats=seats)


def _fit(names: Sequence[str], seats: int) -> None:
    if len(names) > seats:
        raise Refusal(NAMES, seats=seats, names=len(names))


def cancel(session: Session, viewer: Viewer, booking: Booking, now: datetime, base_url: str) -> None:
    """By the firm: until the session's day for it; from the waiting list at any time."""
    row = lock(session, booking.session)
    session.refresh(booking, ["state"])
    today = local_day(now)
    if booking.state in ("reserved", "confirmed") and today > row.last_cancel:
        raise Refusal(TOO_LATE, last=row.last_cancel, today=today)
    end(session, viewer, booking, "firm", now)
    tell(session, now, base_url, "", booking, "cancelled")
    settle(session, row, now, base_url)


def end(session: Session, viewer: Viewer, booking: Booking, reason: str, now: datetime) -> None:
    """Cancelled, for a reason; its people are forgotten at once. The row is locked."""
    booking.state = lifecycle.after(booking.state, "cancel")
    booking.reason, booking.hold_until, booking.updated_at = reason, None, now
    booking.people = []
    record(session, viewer, "cancelled", booking, now, reason=reason)


def name_people(session: Session, viewer: Viewer, booking: Booking, names: Sequence[str], now: datetime) -> None:
    """Who sits on the seats, in their order; an empty name is still open. Raises Refusal for more names than seats."""
    if booking.state not in (*OPEN, "attended"):
        raise Refusal(lifecycle.FORBIDDEN, state=lifecycle.STATE_NAMES[booking.state])
    _fit(names, booking.seats)
    padded = [*names, *[""] * booking.seats]
    for person, name in zip(booking.people, padded, strict=False):
        if not person.outcome:
            person.name = name
    booking.updated_at = now
    record(session, viewer, "people_named", booking, now, named=sum(bool(person.name) for person in booking.people))


def pledge(
    session: Session,
    viewer: Viewer,
    row: CourseSession,
    organisation: Organisation,
    seats: int,
    now: datetime,
    base_url: str,
    *,
    once: str | None = None,
) -> Pledge:
    """Seats the firm takes as soon as the date is certain. The pledge that reaches the minimum makes it so."""
    row = lock(session, row)
    known, once = _sent(session, Pledge, once, organisation)
    if known is not None:
        return known
    _may_enter(row, organisation, seats, now)
    if row.is_sure:
        raise Refusal(SURE, taken=row.taken, least=row.seats_min)
    if local_day(now) > row.last_cancel:
        raise Refusal(DECIDED, last=row.last_cancel, today=local_day(now))
    made = _pledge(session, viewer, row.offering, organisation, seats, now, once)
    made.session = row
    journal.record(session, viewer, "bookings.pledged", made, now, tell=(), data={"session": row.ref, "seats": seats})
    matter = Matter(row.offering, row, seats, f"/me/sessions/{row.ref}")
    Desk(session, now, base_url).to_provider("pledged", matter, firm=organisation.name)
    settle(session, row, now, base_url)
    return made


def wish(
    session: Session,
    viewer: Viewer,
    offering: Offering,
    organisation: Organisation,
    seats: int,
    month: date,
    now: datetime,
    base_url: str,
) -> Pledge:
    """Seats pledged for a course without a date, for a month."""
    if offering.organisation_id == organisation.id:
        raise Refusal(OWN)
    if not 1 <= seats <= MOST_WANTED:
        raise Refusal(MANY, most=MOST_WANTED, seats=seats)
    if month <= local_day(now):
        raise Refusal(PAST, month=month, today=local_day(now))
    made = _pledge(session, viewer, offering, organisation, seats, now)
    made.month = month.replace(day=1)
    data: dict[str, object] = {"month": month.isoformat()[:7], "seats": seats}
    journal.record(session, viewer, "bookings.wished", made, now, tell=(), data=data)
    desk = Desk(session, now, base_url)
    desk.to_provider("wished", Matter(offering, None, seats, "/me/sessions"), firm=organisation.name, month=made.month)
    return made


def _pledge(
    session: Session,
    viewer: Viewer,
    offering: Offering,
    organisation: Organisation,
    seats: int,
    now: datetime,
    ref: str | None = None,
) -> Pledge:
    made = Pledge(
        offering=offering,
        organisation=organisation,
        person_id=viewer.person_id,
        seats=seats,
        state="open",
        created_at=now,
        updated_at=now,
        **({"ref": ref} if ref else {}),
    )
    session.add(made)
    return made


def withdraw(session: Session, viewer: Viewer, made: Pledge, now: datetime, base_url: str) -> None:
    """Take a pledge back, as long as it is one."""
    row = lock(session, made.session) if made.session else None
    session.refresh(made, ["state"])
    if made.state != "open":
        raise Refusal(TURNED, state=PLEDGES[made.state])
    made.state, made.updated_at = "withdrawn", now
    journal.record(session, viewer, "bookings.pledge_withdrawn", made, now, tell=(), data={"seats": made.seats})
    if row is not None:
        count(session, row)
        settle(session, row, now, base_url)


def take(session: Session, viewer: Viewer, participant: Participant, now: datetime) -> Certificate:
    """The certificate of one participant into the firm's wallet, where the operator looks at it like at any other."""
    if participant.outcome != "certified" or participant.certificate_id is not None:
        raise Refusal(TAKEN)
    booking = participant.booking
    certificate = certificates.add(
        session,
        viewer,
        booking.organisation,
        now,
        type=participant.certificate_type,
        holder=participant.name,
        number=participant.certificate_number,
        issuer=booking.session.offering.organisation.name,
        valid_from=participant.valid_from,
        valid_until=participant.valid_until,
        state="uploaded",
        submitted_at=now,
    )
    participant.certificate = certificate
    session.flush()
    return certificate
