"""What bookings and pledges hold about the person who made them: part of the personal export, and what goes with it."""

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from market.accounts.account import ABOUT, FORGET
from market.accounts.models import Person
from market.bookings.models import Booking, Pledge


def about(session: Session, person: Person) -> dict[str, Any]:
    """Seats the person booked or pledged for a firm. Names of those who sit there belong to the firms."""
    booked = session.scalars(select(Booking).where(Booking.person_id == person.id).order_by(Booking.id))
    pledged = session.scalars(select(Pledge).where(Pledge.person_id == person.id).order_by(Pledge.id))
    return {
        "bookings": [
            {
                "course": one.session.offering.title,
                "first_day": one.session.starts_on.isoformat(),
                "for": one.organisation.name,
                "seats": one.seats,
                "state": one.state,
                "at": one.created_at.isoformat(),
            }
            for one in booked
        ],
        "seat_pledges": [
            {
                "course": one.offering.title,
                "for": one.organisation.name,
                "seats": one.seats,
                "state": one.state,
                "at": one.created_at.isoformat(),
            }
            for one in pledged
        ],
    }


def forget(session: Session, person: Person) -> None:
    """What was booked stays with the firm; who did it goes."""
    session.execute(update(Booking).where(Booking.person_id == person.id).values(person_id=None))
    session.execute(update(Pledge).where(Pledge.person_id == person.id).values(person_id=None))


ABOUT.append(about)
FORGET.append(forget)
