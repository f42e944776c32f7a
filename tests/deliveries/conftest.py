"""Holders of materials, recipients with permits."""

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from market.accounts.models import Organisation
from market.deliveries import permits
from market.deliveries.models import Permit
from market.deliveries.tonnes import TONNE, Amount
from market.offerings.models import Offering
from tests import factories as make

GYPSUM = "06 03 14"
STREAM: dict[str, Any] = {
    "direction": "available",
    "material": "Gips",
    "ewc_code": GYPSUM,
    "legal_status": "waste",
    "quantity": 50,
    "per": "month",
}

GUBEN: dict[str, Any] = {"lat": 51.95, "lon": 14.71, "town": "Guben", "district": "DE40G"}
HUETTE: dict[str, Any] = {"lat": 52.17, "lon": 14.64, "town": "Eisenhüttenstadt", "district": "DE40C"}
"""25 km from Guben."""


def stream(session: Session, now: datetime, firm: Organisation | None = None, **details: Any) -> Offering:
    """50 t of gypsum a month, to be given away."""
    title = details.pop("title", "Gips aus der Neutralisation")
    return make.offering(session, now, firm, kind="residual", title=title, details=STREAM | details)


def permit(session: Session, now: datetime, firm: Organisation, tonnes: int = 1000, **fields: Any) -> Permit:
    """A checked permit for gypsum."""
    given: dict[str, Any] = {"number": "BI-7", "authority": "Musteramt", "codes": (GYPSUM,), "kg_elsewhere": 0}
    days = {"valid_from": date(2020, 1, 1), "valid_until": date(2030, 12, 31)}
    made = permits.submit(session, make.TESTER, firm, now, kg_per_year=tonnes * TONNE, **(given | days | fields))
    permits.verify(session, make.TESTER, made, now)
    return made


def monthly(tonnes: int, first: date = date(2027, 1, 1), last: date = date(2027, 12, 31)) -> Amount:
    return Amount(tonnes * TONNE, "month", first, last)


def once(tonnes: int, day: date = date(2027, 3, 1)) -> Amount:
    return Amount(tonnes * TONNE, "once", day, day)


def siding(session: Session, now: datetime, at: dict[str, Any], name: str, **more: Any) -> Offering:
    details = {"services": ["siding"], "facility": {"name": name, "axle_load_t": 22.5}}
    return make.offering(session, now, kind="rail", title=f"Ladegleis {name}", **({"details": details} | at | more))
