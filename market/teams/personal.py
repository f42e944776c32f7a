"""What interests hold about a person: part of the personal export, and what goes with the person."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.accounts.account import ABOUT, FORGET
from market.accounts.models import Person
from market.teams.models import Interest


def _by(session: Session, person: Person) -> list[Interest]:
    return list(session.scalars(select(Interest).where(Interest.person_id == person.id).order_by(Interest.id)))


def about(session: Session, person: Person) -> dict[str, Any]:
    return {
        "partners_looked_for": [
            {"need": one.need.ref, "contact": one.contact, "email": one.email, "phone": one.phone, "state": one.state}
            for one in _by(session, person)
        ]
    }


def forget(session: Session, person: Person) -> None:
    """The firm's interest stays, to be reached by what the firm itself names."""
    for one in _by(session, person):
        firm = one.organisation
        one.person_id, one.contact, one.email, one.phone = None, "", firm.email or "", firm.phone or ""


ABOUT.append(about)
FORGET.append(forget)
