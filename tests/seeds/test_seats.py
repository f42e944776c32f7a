"""Seats that joined the demo later come to a database planted before."""

from datetime import UTC, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from market.bookings.models import Booking, Pledge
from market.clock import Mark
from seeds import plant, seats


def test_seats_and_pledges_that_are_missing_are_planted_once_and_dates_nobody_planted_are_left_out(
    planted_before: Session,
) -> None:
    session, now = planted_before, datetime.now(UTC)
    records, day = plant.read("bookings"), session.get_one(Mark, "seeded").day
    assert len([*session.scalars(select(Booking)), *session.scalars(select(Pledge))]) == len(records)
    for kind in (Booking, Pledge):
        session.execute(
            delete(kind).where(kind.id == select(kind.id).order_by(kind.id.desc()).limit(1).scalar_subquery())
        )
    later = [*records, records[0] | {"in_days": 12}]
    assert seats.plant(session, plant.GARDENER, later, day, now) == 2
    assert seats.plant(session, plant.GARDENER, later, day, now) == 0
