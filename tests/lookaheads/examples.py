"""Planned work of a partner, and a firm's pledge to it."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from market.accounts.models import Organisation
from market.lookaheads import service
from market.lookaheads.models import Lookahead, Pledge
from market.values import local_day
from tests.factories import TESTER


def planned(session: Session, now: datetime, partner: Organisation, *, out: bool = True, **more: Any) -> Lookahead:
    first = local_day(now) + timedelta(days=120)
    given = {
        "kind": "shutdown",
        "confidence": "likely",
        "title": "Sommerstillstand der Warmbreitbandstraße",
        "expected": "Rohrleitungen der Kühlung tauschen, **zwei Schichten**.",
        "site": "Tor 3",
        "town": "Guben",
        "postcode": "03172",
        "district": "DE40G",
        "lat": 51.95,
        "lon": 14.71,
        "first_on": first,
        "last_on": first + timedelta(days=20),
        "trades": ("piping-construction", "welding"),
        "cpv": ("45231100",),
        "headcount": 40,
    }
    entry = service.create(session, TESTER, partner, now, **(given | more))
    if out:
        service.publish(session, TESTER, entry, now)
    session.flush()
    return entry


def pledged(session: Session, now: datetime, entry: Lookahead, firm: Organisation) -> Pledge:
    days = {"first_on": entry.first_on, "last_on": entry.last_on}
    people = {"piping-construction": 6, "welding": 2}
    service.pledge(session, TESTER, entry, firm, now, people=people, remark="Mit eigenem Kran.", **days)
    held = service.pledge_of(session, entry, firm.id)
    assert held is not None
    return held
