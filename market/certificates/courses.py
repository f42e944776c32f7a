"""Where a certificate can be renewed. Slices above know the courses and add themselves to `SOURCES`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from market.values import Point


@dataclass(frozen=True)
class Course:
    """The next course for a type of certificate, and how many there are."""

    ref: str
    slug: str
    title: str
    firm: str
    starts_on: date | None
    price_cents: int | None
    currency: str
    price_from: bool
    count: int
    session: str = ""
    """Reference of the session that begins then."""
    seats_free: int = 0
    km: int | None = None
    """How far it is from whoever asks; None where one of the two places is not known."""


SOURCES: list[Callable[[Session, Iterable[str], date, Point | None], dict[str, Course]]] = []


def next_courses(session: Session, types: Iterable[str], today: date, near: Point | None = None) -> dict[str, Course]:
    """The next course by type of certificate, for those types for which there is one; those near the point first."""
    wanted = list(dict.fromkeys(types))
    found: dict[str, Course] = {}
    for source in SOURCES:
        found |= source(session, wanted, today, near) if wanted else {}
    return found
