"""A course with a date, and firms that want seats in it."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from market.db import Sessions
from market.offerings.models import Offering
from market.offerings.sessions import CourseSession
from market.values import local_day, utc_now
from tests import factories as make

BASE = "http://testserver"


def written(today: date, **fields: Any) -> dict[str, Any]:
    """A session as details hold it: in twenty days, two to six seats."""
    day = today + timedelta(days=20)
    given = {"starts_on": day, "ends_on": day + timedelta(days=2), "seats_min": 2, "seats_max": 6}
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in (given | {"cancel_by": day - timedelta(days=8)} | fields).items()
    }


def course(session: Session, today: date, *dates: dict[str, Any], **fields: Any) -> Offering:
    """A published training with these sessions, of a firm of its own."""
    firm = make.organisation(session, utc_now(), name=f"Kursstätte {fields.pop('number', 1)}")
    details = {"qualification": "Schweißer nach EN ISO 9606-1", "sessions": list(dates)}
    given = {"kind": "training", "title": "Schweißerprüfung", "details": details, "price_cents": 118_000}
    return make.offering(session, utc_now(), firm, **(given | {"price_mode": "fixed"} | fields))


def rows_of(session: Session, offering: Offering) -> list[CourseSession]:
    query = select(CourseSession).where(CourseSession.offering_id == offering.id).order_by(CourseSession.starts_on)
    return list(session.scalars(query))


@pytest.fixture
def planted(sessions: Sessions) -> Callable[..., str]:
    """Keeps a course with one date; gives the reference of the date."""

    def plant(**fields: Any) -> str:
        with sessions.begin() as session:
            today = local_day(utc_now())
            offering = course(session, today, written(today, **fields))
            return rows_of(session, offering)[0].ref

    return plant
