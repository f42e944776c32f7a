"""A firm with a track, slots on it, and what firms ask for."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.accounts.models import Organisation
from market.movements import runs, service
from market.movements.models import Movement
from market.offerings.models import Offering
from market.offerings.slots import RailSlot
from market.viewer import OPERATOR
from tests import factories as make

FACILITY = {"name": "Ladegleis", "useful_length_m": 380, "axle_load_t": 22.5, "gross_mass_t": 1600}
FACTS: dict[str, Any] = {
    "wagons": 10,
    "length_m": 171.4,
    "gross_mass_t": 600.0,
    "axle_load_t": None,
    "gauge_mm": 1435,
    "electric": False,
    "un_number": "",
    "rid_class": "",
    "origin": "Ziltendorf",
    "destination": "Guben",
    "note": "",
}
TUESDAY = date(2026, 12, 1)


def slot_on(day: date, capacity: int = 24, **more: Any) -> dict[str, Any]:
    return {"day": day.isoformat(), "window": "10:00-14:00", "capacity": capacity, **more}


def railway(
    session: Session, now: datetime, *slots: dict[str, Any], firm: Organisation | None = None, **more: Any
) -> Offering:
    details = {"services": ["shunting"], "facility": FACILITY | more, "slots": list(slots or [slot_on(TUESDAY)])}
    firm = firm or make.organisation(session, now, name="Werkbahn GmbH")
    return make.offering(session, now, firm, kind="rail", title="Rangierdienst Guben", details=details)


def slots_of(session: Session, offering: Offering) -> list[RailSlot]:
    return list(session.scalars(select(RailSlot).where(RailSlot.offering_id == offering.id).order_by(RailSlot.day)))


def ask(session: Session, slot: RailSlot, firm: Organisation, now: datetime, wagons: int = 10, **more: Any) -> Movement:
    facts = FACTS | {"wagons": wagons} | more
    (news,) = service.request(session, OPERATOR, firm, [slot.id], now, **facts)
    return news.movement


RUN: dict[str, Any] = {"window": "14:00-18:00", "origin": "Guben", "destination": "Ziltendorf", "wagons": 12}


def run_on(session: Session, offering: Offering, now: datetime, **more: Any) -> RailSlot:
    """An empty run from Guben to Ziltendorf with twelve wagons, on Tuesday."""
    run = runs.offer(session, OPERATOR, offering, now, **(RUN | {"day": TUESDAY} | more))
    session.flush()
    return run


def far(days: int = 7) -> date:
    """A day in the future of the real clock, for requests through the application."""
    return (datetime.now(UTC) + timedelta(days=days)).date()
