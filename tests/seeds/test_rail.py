"""The demo shows what the railway is good for: empty runs on offer, and scrap that could go by rail."""

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.deliveries import sidings
from market.deliveries.models import Delivery
from market.movements import runs
from seeds import deals, plant, trains


def test_the_demo_offers_empty_runs_once_and_has_a_delivery_for_the_railway(planted_before: Session) -> None:
    session, now = planted_before, datetime.now(UTC)
    offered = runs.free(session, now)
    assert [one.destination for one in offered] == ["Cottbus", "Übergabegruppe Ziltendorf"]
    records = plant.dated(plant.read("movements"), session.get_one(plant.Mark, "seeded").day)
    assert trains.plant(session, plant.GARDENER, records, now) == 0, "planted once"
    ways = [sidings.of_delivery(session, one) for one in session.scalars(select(Delivery))]
    (way,) = [one for one in ways if one is not None]
    assert {way.here.town, way.there.town} == {"Guben", "Ziltendorf"}
    by_rail = session.scalars(select(Delivery).order_by(Delivery.id.desc())).first()
    session.delete(by_rail)
    agreed = plant.read("deals")
    assert deals.plant(session, plant.GARDENER, agreed, now) == 1, "what joined the demo later"
    assert deals.plant(session, plant.GARDENER, agreed, now) == 0
