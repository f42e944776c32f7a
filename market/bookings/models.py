"""Bookings of seats, the people on them, and pledges. Names of people are seen by both firms and by nobody else."""

from datetime import date, datetime
from typing import Final

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.accounts.models import Organisation
from market.certificates.models import Certificate
from market.db import Base, Moment
from market.offerings.models import Offering
from market.offerings.sessions import CourseSession
from market.values import new_ref

HOLDING: Final = ("reserved", "confirmed", "attended", "certified", "no_show")
"""States in which a booking holds seats."""
OPEN: Final = ("waiting", "reserved", "confirmed")
"""States a firm can still cancel."""


class Booking(Base):
    """Seats of one firm in one session; the waiting list is the bookings that wait, by id."""

    __tablename__ = "bookings"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    session_id: Mapped[int] = mapped_column(ForeignKey("course_sessions.id", ondelete="CASCADE"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    """Who booked: gets the letters beside those who keep the firm's pages."""
    seats: Mapped[int]
    state: Mapped[str] = mapped_column(index=True)
    """A state of `lifecycle`."""
    reason: Mapped[str] = mapped_column(default="")
    """Of a cancelled one: `firm`, `provider`, `hold` (not confirmed in time), `session` or `began`."""
    hold_until: Mapped[datetime | None] = mapped_column(Moment, index=True)
    """Until when the seats are kept for an answer of the provider."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)

    session: Mapped[CourseSession] = relationship()
    organisation: Mapped[Organisation] = relationship()
    people: Mapped[list["Participant"]] = relationship(
        order_by="Participant.id", cascade="all, delete-orphan", back_populates="booking"
    )


class Participant(Base):
    """One seat of a booking, with the name of whoever sits there."""

    __tablename__ = "participants"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(default="")
    outcome: Mapped[str] = mapped_column(default="")
    """Empty until the session began; then `attended`, `no_show` or `certified`."""
    certificate_type: Mapped[str] = mapped_column(default="")
    certificate_number: Mapped[str] = mapped_column(default="")
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    certificate_id: Mapped[int | None] = mapped_column(ForeignKey("certificates.id", ondelete="SET NULL"))
    """In the wallet of the firm, once it has taken it."""

    booking: Mapped[Booking] = relationship(back_populates="people")
    certificate: Mapped[Certificate | None] = relationship()


class Pledge(Base):
    """Seats a firm takes for sure as soon as the session takes place; costs nothing before."""

    __tablename__ = "seat_pledges"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    offering_id: Mapped[int] = mapped_column(ForeignKey("offerings.id", ondelete="CASCADE"), index=True)
    session_id: Mapped[int | None] = mapped_column(ForeignKey("course_sessions.id", ondelete="CASCADE"), index=True)
    month: Mapped[date | None]
    """First day of the month wanted, where there is no session yet."""
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    seats: Mapped[int]
    state: Mapped[str] = mapped_column(default="open", index=True)
    """`open`, `booked` (became a booking), `withdrawn` or `lapsed`."""
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("bookings.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)

    offering: Mapped[Offering] = relationship()
    session: Mapped[CourseSession | None] = relationship()
    organisation: Mapped[Organisation] = relationship()
