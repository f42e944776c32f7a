"""Records made through the services, as any user would make them."""

from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from market.accounts import service as accounts
from market.accounts.models import Organisation
from market.certificates import service as certificates
from market.certificates.models import Certificate
from market.needs import service as needs
from market.needs.models import Need
from market.offerings import service as offerings
from market.offerings.models import Offering
from market.viewer import Viewer

TESTER = Viewer("tester", "operator")
_numbers = count(1)

DETAILS: dict[str, dict[str, Any]] = {
    "service": {"crew_size": 6},
    "training": {"qualification": "Schweißer nach EN ISO 9606-1"},
    "lab_test": {"methods": [{"parameter": "Zugfestigkeit", "matrix": "Stahl", "standard": "DIN EN ISO 6892-1"}]},
    "residual": {"direction": "available", "material": "Hüttensand", "legal_status": "by_product"},
    "rail": {"services": ["shunting"]},
}


def organisation(session: Session, now: datetime, **fields: Any) -> Organisation:
    number = next(_numbers)
    given = {"name": f"Probefirma {number}", "town": "Guben", "postcode": "03172", "district": "DE40G"}
    more = {"lat": 51.95, "lon": 14.71, "languages": ("de",), "is_demo": True}
    return accounts.create(session, TESTER, now, **(given | more | fields))


def offering(session: Session, now: datetime, firm: Organisation | None = None, **fields: Any) -> Offering:
    number = next(_numbers)
    kind = fields.get("kind", "service")
    given = {
        "kind": kind,
        "title": f"Rohrleitungsbau {number}",
        "trades": ("piping-construction",),
        "cpv": ("45231100",),
        "languages": ("de",),
        "town": "Guben",
        "district": "DE40G",
        "lat": 51.95,
        "lon": 14.71,
        "status": "published",
        "details": DETAILS[kind],
    }
    return offerings.create(session, TESTER, firm or organisation(session, now), now, **(given | fields))


def need(session: Session, now: datetime, firm: Organisation | None = None, **fields: Any) -> Need:
    number = next(_numbers)
    given = {
        "kind": "service",
        "title": f"Revision der Rohrleitungen {number}",
        "trades": ("piping-construction",),
        "cpv": ("45231100",),
        "stage": "published",
        "town": "Guben",
        "lat": 51.95,
        "lon": 14.71,
        "bids_until": now + timedelta(days=20),
    }
    return needs.create(session, TESTER, firm or organisation(session, now), now, **(given | fields))


def certificate(session: Session, now: datetime, firm: Organisation, **fields: Any) -> Certificate:
    given = {"type": "iso-9001", "valid_from": date(2025, 1, 1), "valid_until": date(2027, 12, 31), "state": "verified"}
    return certificates.add(session, TESTER, firm, now, **(given | fields))
