"""What time changes by itself: needs close at their deadline, certificates begin and end, days pass."""

from datetime import date, datetime

from sqlalchemy.orm import Mapped, Session, mapped_column

from market import journal, seals
from market.accounts import people
from market.bids import admissions, extensions, uploads
from market.bids import reminders as bid_reminders
from market.bookings import clock as bookings
from market.certificates import halves
from market.certificates import letters as certificate_letters
from market.certificates.service import changing_between
from market.db import Base, Moment
from market.enquiries import pace
from market.lookaheads import service as lookaheads
from market.mail import letters
from market.movements import letters as movement_letters
from market.movements import service as movements
from market.needs import service as needs
from market.notifications import service as notifications
from market.publishing import truth
from market.values import local_day, week_of
from market.viewer import SYSTEM


class Mark(Base):
    """The last day the clock has finished, so that days on which nothing ran are made up for."""

    __tablename__ = "clock"

    name: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date]
    at: Mapped[datetime | None] = mapped_column(Moment)
    """Of the mark `round`: when the clock last came by."""


def tick(session: Session, now: datetime, base_url: str = "") -> int:
    """Do what is due by now and return how many records it moved. Safe to call at any time and any number of times.

    `base_url` begins the links in letters.
    """
    moved = 0
    for need, move in needs.due(session, now):
        needs.move(session, SYSTEM, need, move, now)
        moved += 1
    today = local_day(now)
    for entry in lookaheads.due(session, today):
        lookaheads.lapse(session, SYSTEM, entry, now)
        moved += 1
    mark = session.get(Mark, "certificates")
    if mark is None:
        session.add(Mark(name="certificates", day=today))
    elif mark.day < today:
        for organisation_id in changing_between(session, mark.day, today):
            journal.promise(session, "search", "organisations", organisation_id, now)
            moved += 1
        if week_of(mark.day) != week_of(today):
            for offering_id in truth.blocked_this_week(session, week_of(today)):
                journal.promise(session, "search", "offerings", offering_id, now)
                moved += 1
        moved += pace.measure_waiting(session, now)
        moved += notifications.tidy(session, now)
        moved += uploads.tidy(session, now)
        mark.day = today
    moved += certificate_letters.write_warnings(session, today, now, base_url)
    moved += halves.remind(session, today, now, base_url)
    moved += bid_reminders.write(session, now, base_url)
    moved += extensions.due(session, now, base_url)
    moved += admissions.due(session, now)
    moved += bookings.tick(session, now, base_url)
    moved += truth.tick(session, today, now, base_url)
    news = movements.due(session, now)
    movement_letters.tell(session, news, now, base_url)
    moved += len(news)
    seals.seal(session, seals.STEP)
    _send_anchor(session, today, now)
    session.merge(Mark(name="round", day=today, at=now))
    return moved


def _send_anchor(session: Session, today: date, now: datetime) -> None:
    """Once a day the head of the journal goes to every operator."""
    session.flush()
    anchor = seals.anchor(session, today)
    if anchor is None:
        return
    for person in people.operators(session):
        letters.write(
            session,
            now,
            person.email,
            person.language,
            "journal/anchor",
            day=today,
            place=anchor.place,
            hash=anchor.hash,
        )
