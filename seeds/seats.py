"""Plants bookings, a waiting list and pledges, through the services like any firm's."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.bookings import running, service
from market.bookings.models import Booking, Pledge
from market.offerings.models import Offering
from market.offerings.sessions import CourseSession, Refusal
from market.viewer import Viewer
from seeds import reading

BASE = ""
"""Nobody of the demo's firms has an address, so no letter is written."""


def plant(session: Session, viewer: Viewer, records: list[dict[str, Any]], today: date, now: datetime) -> int:
    """What is not there yet; `today` is the day of the first planting, from which the dates of courses count."""
    session.flush()
    return sum(_one(session, viewer, record, today, now) for record in records)


def _one(session: Session, viewer: Viewer, record: dict[str, Any], today: date, now: datetime) -> int:
    query = select(CourseSession).join(CourseSession.offering).where(Offering.external_id == record["course"])
    row = session.scalar(query.where(CourseSession.starts_on == today + timedelta(days=record["in_days"])))
    firm = reading.firm(session, record["firm"])
    if row is None:  # of a course that was planted before it had this date
        return 0
    kind = Pledge if record.get("way") == "pledge" else Booking
    same = (kind.session_id == row.id) & (kind.organisation_id == firm.id)
    if session.scalar(select(kind.id).where(same).limit(1)) is not None:
        return 0
    try:
        if kind is Pledge:
            service.pledge(session, viewer, row, firm, record["seats"], now, BASE)
            return 1
        names = record.get("people", ())
        booking = service.book(session, viewer, row, firm, record["seats"], now, BASE, names=names)
        if record.get("confirmed"):
            running.confirm(session, viewer, booking, now, BASE)
    except Refusal:  # planted later than the first time, when the date is over
        return 0
    return 1
