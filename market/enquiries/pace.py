"""How fast a firm answers: the median of the last twelve months, shown from three enquiries on.

Whoever does not answer is not faster for it: an enquiry open for five working days counts with the time it waits.
"""

from datetime import datetime, timedelta
from statistics import median
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from market import journal
from market.accounts.models import Organisation
from market.enquiries.hours import DAY_MINUTES, minutes_between
from market.enquiries.models import Thread
from market.viewer import SYSTEM

FROM: Final = 3
"""Enquiries; fewer say nothing."""
SPAN: Final = timedelta(days=365)
LATE: Final = 5 * DAY_MINUTES
"""From here on an unanswered enquiry counts."""


def measured(session: Session, organisation_id: int, now: datetime) -> int | None:
    """Median working minutes until the first answer; None where there is too little to say."""
    query = select(Thread).where(
        Thread.organisation_id == organisation_id, Thread.asked_at > now - SPAN, Thread.state != "reported"
    )
    times = [
        thread.answer_minutes if thread.answer_minutes is not None else minutes_between(thread.asked_at, now)
        for thread in session.scalars(query)
        if thread.answer_minutes is not None or minutes_between(thread.asked_at, now) >= LATE
    ]
    return round(median(times)) if len(times) >= FROM else None


def measure(session: Session, organisation: Organisation, now: datetime) -> bool:
    """Write the figure where it has changed, and tell the search; returns whether it has."""
    session.flush()
    figure = measured(session, organisation.id, now)
    if organisation.answer_minutes == figure:
        return False
    organisation.answer_minutes = figure
    journal.record(session, SYSTEM, "enquiries.pace_measured", organisation, now, data={"minutes": figure})
    return True


def measure_waiting(session: Session, now: datetime) -> int:
    """Once a day for firms that leave somebody waiting, or whose answers grow old; returns how many changed."""
    waiting = select(Thread.organisation_id).where(Thread.answered_at.is_(None))
    query = select(Organisation).where(Organisation.answer_minutes.is_not(None) | Organisation.id.in_(waiting))
    return sum(measure(session, organisation, now) for organisation in session.scalars(query))
