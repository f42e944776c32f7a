"""Data for other programs on the public pages of every kind is valid schema.org, whole and spare records alike."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from market.accounts.models import Organisation
from market.db import Sessions
from market.values import local_day
from tests import factories as make
from tests.catalogue.conftest import structured
from tests.catalogue.vocabulary import faults, missing
from tests.movements.support import railway

PRICE: dict[str, Any] = {"price_cents": 118_000, "price_mode": "fixed", "currency": "EUR"}
REACH: dict[str, Any] = {"radius_km": 60, "summary": "Rohre < 12 m & Bögen", "postcode": "03172"}
ABSENT: dict[str, tuple[str, ...]] = {"training": ("CourseInstance.offers",)}
"""A date without a price of its own costs what the course costs."""


def whole(session: Session, now: datetime, kind: str) -> str:
    """An offering with everything its page can say; gives the path."""
    details = dict(make.DETAILS[kind])
    if kind == "training":
        day = local_day(now) + timedelta(days=20)
        one = {"starts_on": day.isoformat(), "ends_on": (day + timedelta(days=2)).isoformat(), "seats_max": 6}
        details["alliance"] = {"occupations": ["mechatronics", "tool-mechanic"], "weeks": 8}
        details["sessions"] = [one, one | {"seats_taken": 6, "place": "Werkhalle 2", "price_cents": 99_950}]
    offering = make.offering(session, now, kind=kind, details=details, **PRICE, **REACH)
    return f"/offerings/{offering.ref}/{offering.slug}"


def spare(session: Session, now: datetime, kind: str) -> str:
    """An offering with the least a firm may publish."""
    bare = {"summary": "Kurz gesagt"} if kind == "training" else {}
    offering = make.offering(session, now, kind=kind, lat=None, lon=None, town="", **bare)
    return f"/offerings/{offering.ref}/{offering.slug}"


@pytest.mark.parametrize("kind", make.DETAILS)
def test_offerings_of_every_kind_are_valid(pages: TestClient, sessions: Sessions, now: datetime, kind: str) -> None:
    with sessions.begin() as session:
        paths = whole(session, now, kind), spare(session, now, kind)
    for prefix in ("", "/en", "/pl"):
        full, least = (structured(pages.get(prefix + path).text) for path in paths)
        assert faults(full) == []
        assert tuple(missing(full)) == ABSENT.get(kind, ())
        assert faults(least) == [], "less is known, nothing is wrong"


def test_an_anonymous_listing_is_offered_by_nobody(pages: TestClient, sessions: Sessions, now: datetime) -> None:
    details = make.DETAILS["residual"] | {"anonymous": True}
    with sessions.begin() as session:
        firm = make.organisation(session, now, name="Niemand Nennt AG")
        offering = make.offering(session, now, firm, kind="residual", details=details)
        path = f"/offerings/{offering.ref}/{offering.slug}"
    data = structured(pages.get(path).text)
    assert faults(data) == []
    assert data["offers"] == {"@type": "Offer"}


def test_firms_and_needs_are_valid(pages: TestClient, sessions: Sessions, now: datetime) -> None:
    more: dict[str, Any] = {"street": "Probeweg 1", "phone": "+49 3561 0000", "email": "buero@probe.example"}
    with sessions.begin() as session:
        firm = make.organisation(
            session, now, **more, website="https://probe.example", founded=1994, about={"de": "Wir bauen Rohre."}
        )
        bare = make.organisation(session, now, lat=None, lon=None, languages=(), website="probe.example")
        railway(session, now, firm=firm)
        make.offering(session, now, bare)
        needs = (
            make.need(session, now, firm, description="Zwölf Bögen"),
            make.need(session, now, bare, town="", bids_until=None),
        )
        firms = [path_of(one) for one in (firm, bare)]
        paths = [f"/needs/{need.ref}/{need.slug}" for need in needs]
    for full, least in (firms, paths):
        data = structured(pages.get(full).text)
        assert faults(data) == []
        assert missing(data) == []
        assert faults(structured(pages.get(least).text)) == []


def path_of(firm: Organisation) -> str:
    return f"/providers/{firm.ref}/{firm.slug}"


def test_the_validator_finds_what_is_wrong() -> None:
    """Each a fault that has been seen on real pages."""
    offer = {"@type": "Offer", "price": "1.180,00", "priceCurrency": "€"}
    course = {
        "@context": "https://schema.org",
        "@type": "Course",
        "name": "Kurs",
        "url": "/offerings/x",
        "inLanguage": "deutsch",
        "offers": offer,
        "hasCourseInstance": [{"@type": "CourseInstance", "startDate": "20.12.2026", "courseMode": "vor Ort"}],
        "seats": 4,
        "provider": {"@type": "Person", "name": "Ada"},
    }
    assert [fault.partition(": ")[0] for fault in faults(course)] == [
        "Course",
        "Course.url",
        "Course.inLanguage",
        "Course.offers.price",
        "Course.offers.priceCurrency",
        "Course.hasCourseInstance",
        "Course.hasCourseInstance.startDate",
        "Course.hasCourseInstance.courseMode",
        "Course",
        "Course.provider",
    ]
    assert faults({"@type": "Offer", "price": "3.00"}) == [
        "@context: not schema.org",
        "Offer: a price needs its currency",
    ]
