"""Plants trains asked for on slots, through the service like any firm's."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.accounts.models import Organisation
from market.movements import service
from market.movements.models import Movement
from market.offerings.models import Offering
from market.offerings.slots import RailSlot
from market.viewer import Viewer
from seeds import reading

DIESEL: dict[str, object] = {
    **{"gauge_mm": 1435, "electric": False, "axle_load_t": None},
    **dict.fromkeys(("rid_class", "un_number", "note"), ""),
}


def plant(session: Session, viewer: Viewer, records: Sequence[dict[str, Any]], now: datetime) -> int:
    """Ask for what is not asked for yet and can be still; days are dates already. Returns how many were planted."""
    planted = 0
    for record in records:
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


def _slots(session: Session, provider: Organisation, record: dict[str, Any]) -> list[RailSlot]:
    query = select(RailSlot).join(RailSlot.offering)
    same = (Offering.organisation_id == provider.id) & (Offering.external_id == record["offering"])
    days = [date.fromisoformat(day) for day in record["days"]]
    return list(session.scalars(query.where(same, RailSlot.window == record["window"], RailSlot.day.in_(days))))
