"""Plants trains asked for on slots and empty runs on offer, through the services like any firm's."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from market.accounts.models import Organisation
from market.movements import runs, service
from market.movements.models import Movement
from market.offerings.models import Offering
from market.offerings.slots import RailSlot, span
from market.viewer import Viewer
from seeds import reading

DIESEL: dict[str, object] = {
    **{"gauge_mm": 1435, "electric": False, "axle_load_t": None},
    **dict.fromkeys(("rid_class", "un_number", "note"), ""),
}


def plant(session: Session, viewer: Viewer, records: Sequence[dict[str, Any]], now: datetime) -> int:
    """Ask for what is not asked for yet and can be still, and offer the runs that are not there yet; days are dates
    already. Returns how many were planted."""
    planted = 0
    for record in records:
        if "run" in record:
            planted += _run(session, viewer, record, now)
            continue
        firm, provider = (reading.firm(session, record[side]) for side in ("firm", "provider"))
        slots = _slots(session, provider, record)
        asked = select(Movement.id).where(
            Movement.organisation_id == firm.id, Movement.slot_id.in_([one.id for one in slots])
        )
        facts = DIESEL | record["train"]
        shut = any(service.obstacle(one, firm, facts["wagons"], now) for one in slots)
        if not slots or shut or session.scalar(asked.limit(1)) is not None:
            continue
        news = service.request(session, viewer, firm, [one.id for one in slots], now, **facts)
        for one in news:
            if record.get("state") == "confirmed":
                service.move(session, viewer, one.movement, "confirm", now)
        planted += len(news)
    return planted


def _run(session: Session, viewer: Viewer, record: dict[str, Any], now: datetime) -> int:
    query = select(Offering).where(_same(reading.firm(session, record["provider"]), record))
    offering = session.scalars(query).one()
    facts: dict[str, Any] = dict(record["run"])
    facts |= {name: date.fromisoformat(facts[name]) for name in ("day", "asked_until") if name in facts}
    key = {name: facts[name] for name in ("day", "window", "origin", "destination")}
    there = session.scalar(select(RailSlot.id).filter_by(offering_id=offering.id, **key))
    if there is not None or span(facts["day"], facts["window"])[0] <= now:
        return 0
    runs.offer(session, viewer, offering, now, **facts)
    return 1


def _same(provider: Organisation, record: dict[str, Any]) -> ColumnElement[bool]:
    return and_(Offering.organisation_id == provider.id, Offering.external_id == record["offering"])


def _slots(session: Session, provider: Organisation, record: dict[str, Any]) -> list[RailSlot]:
    query = select(RailSlot).join(RailSlot.offering)
    days = [date.fromisoformat(day) for day in record["days"]]
    return list(
        session.scalars(
            query.where(_same(provider, record), RailSlot.window == record["window"], RailSlot.day.in_(days))
        )
    )
