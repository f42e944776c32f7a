"""Published courses that lead to a certificate, for the pages of those who hold one."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from market.certificates import courses
from market.certificates.courses import Course
from market.offerings import sessions
from market.offerings.kinds.training import Training
from market.offerings.models import Offering
from market.offerings.rules import visible
from market.offerings.sessions import CourseSession
from market.taxonomy import certificates as catalogue
from market.values import Point, distance_km, fold

NEAR_KM: Final = 60
"""So far people are sent to a course before a later one nearby is preferred."""


def find(session: Session, types: Iterable[str], today: date, near: Point | None = None) -> dict[str, Course]:
    """The course that begins first by type of certificate, of those within `NEAR_KM` of the point where there are any
    with a date; courses without a date come last."""
    trainings = list(session.scalars(visible().where(Offering.kind == "training").order_by(Offering.id)))
    dates = sessions.of_offerings(session, [offering.id for offering in trainings])
    found: dict[str, Course] = {}
    for type_ in types:
        fitting = [
            (offering, next_of(dates[offering.id], today), _km(offering, near))
            for offering in trainings
            if leads_to(offering, type_)
        ]
        if fitting:
            found[type_] = _course(*min(fitting, key=_order), len(fitting))
    return found


def _km(offering: Offering, near: Point | None) -> int | None:
    there = offering.point
    return round(distance_km(*near, *there)) if near and there else None


def _order(one: tuple[Offering, CourseSession | None, int | None]) -> tuple[bool, bool, bool, date]:
    _, row, km = one
    full, day = _place(row)
    return (row is None, km is not None and km > NEAR_KM, full, day)


def next_of(rows: Iterable[CourseSession], today: date) -> CourseSession | None:
    """The next session that has not begun: with free seats if there is one, else one with a waiting list."""
    coming = [row for row in rows if row.starts_on > today]
    return min(coming, key=_place, default=None)


def _place(row: CourseSession | None) -> tuple[bool, date]:
    """Free seats before full ones, then by day; what has no date comes last."""
    return (row is None or row.seats_free == 0, row.starts_on if row else date.max)


def leads_to(offering: Offering, type_: str) -> bool:
    """Whether title, qualification or standards of the course name the certificate."""
    details = offering.details
    assert isinstance(details, Training)
    said = _plain(" ".join([offering.title, details.qualification, *details.standards, *offering.keywords]))
    names = (_plain(word) for word in catalogue.words(type_))
    return any(name and f" {name} " in f" {said} " for name in names)


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", fold(text)).strip()


def _course(offering: Offering, row: CourseSession | None, km: int | None, count: int) -> Course:
    price = row.price if row and row.price_cents is not None else offering.price_cents
    return Course(
        ref=offering.ref,
        slug=offering.slug,
        title=offering.title,
        firm=offering.organisation.name,
        starts_on=row.starts_on if row else None,
        price_cents=price if offering.price_mode != "on_request" or (row and row.price_cents is not None) else None,
        currency=offering.currency,
        price_from=offering.price_mode == "from",
        count=count,
        session=row.ref if row else "",
        seats_free=row.seats_free if row else 0,
        km=km,
    )


courses.SOURCES.append(find)
