"""What interests and joint bids hold about a person: part of the personal export, and what goes with the person."""

from typing import Any

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from market.accounts.account import ABOUT, FORGET
from market.accounts.models import Person
from market.teams.models import Interest, Pair


def _by(session: Session, person: Person) -> list[Interest]:
    return list(session.scalars(select(Interest).where(Interest.person_id == person.id).order_by(Interest.id)))


def about(session: Session, person: Person) -> dict[str, Any]:
    return {
        "partners_looked_for": [
            {"need": one.need.ref, "contact": one.contact, "email": one.email, "phone": one.phone, "state": one.state}
            for one in _by(session, person)
        ],
        "joint_bids": [
            {
                "need": one.need.ref,
                "state": one.state,
                "proposed": one.proposed_at.isoformat() if one.proposed_by_id == person.id else None,
                "answered": str(one.answered_at) if one.answered_by_id == person.id else None,
            }
            for one in session.scalars(select(Pair).where(_gave_word(person)).order_by(Pair.id))
        ],
    }


def _gave_word(person: Person) -> ColumnElement[bool]:
    return or_(Pair.proposed_by_id == person.id, Pair.answered_by_id == person.id)


def forget(session: Session, person: Person) -> None:
    """The firm's interest stays, to be reached by what the firm itself names; so does its word, without a name."""
    session.execute(update(Pair).where(Pair.proposed_by_id == person.id).values(proposed_by_id=None))
    session.execute(update(Pair).where(Pair.answered_by_id == person.id).values(answered_by_id=None))
    for one in _by(session, person):
        firm = one.organisation
        one.person_id, one.contact, one.email, one.phone = None, "", firm.email or "", firm.phone or ""


ABOUT.append(about)
FORGET.append(forget)
