"""Published courses that lead to a certificate, for the pages of those who hold one."""

import re
from collections.abc import Iterable
from datetime import date

from sqlalchemy.orm import Session

from market.certificates import courses
from market.certificates.courses import Course
from market.offerings.kinds.training import Training
from market.offerings.models import Offering
from market.offerings.rules import visible
from market.taxonomy import certificates as catalogue
from market.values import fold


def find(session: Session, types: Iterable[str], today: date) -> dict[str, Course]:
    """The course that begins first by type of certificate; those without a date come last."""
    trainings = list(session.scalars(visible().where(Offering.kind == "training").order_by(Offering.id)))
    found: dict[str, Course] = {}
    for type_ in types:
        fitting = [offering for offering in trainings if leads_to(offering, type_)]
        if fitting:
            first = min(fitting, key=lambda offering: _begins(offering, today) or date.max)
            found[type_] = _course(first, today, len(fitting))
    return found


def leads_to(offering: Offering, type_: str) -> bool:
    """Whether title, qualification or standards of the course name the certificate."""
    details = offering.details
    assert isinstance(details, Training)
    said = _plain(" ".join([offering.title, details.qualification, *details.standards, *offering.keywords]))
    names = (_plain(word) for word in catalogue.words(type_))
    return any(name and f" {name} " in f" {said} " for name in names)


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", fold(text)).strip()


def _begins(offering: Offering, today: date) -> date | None:
    details = offering.details
    session = details.next_session(today) if isinstance(details, Training) else None
    return session.starts_on if session else None


def _course(offering: Offering, today: date, count: int) -> Course:
    return Course(
        ref=offering.ref,
        slug=offering.slug,
        title=offering.title,
        firm=offering.organisation.name,
        starts_on=_begins(offering, today),
        price_cents=offering.price_cents if offering.price_mode != "on_request" else None,
        currency=offering.currency,
        price_from=offering.price_mode == "from",
        count=count,
    )


courses.SOURCES.append(find)
