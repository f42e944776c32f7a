"""What pledges hold about a person: part of the personal export, and what goes with the person."""

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from market.accounts.account import ABOUT, FORGET
from market.accounts.models import Person
from market.lookaheads.models import Pledge


def about(session: Session, person: Person) -> dict[str, Any]:
    """That the person pledged for the firm; how many people, is the firm's."""
    pledges = session.scalars(select(Pledge).where(Pledge.person_id == person.id).order_by(Pledge.id))
    return {
        "capacity_pledges": [
            {"planned_work": one.lookahead.ref, "state": one.state, "at": one.updated_at.isoformat()} for one in pledges
        ]
    }


def forget(session: Session, person: Person) -> None:
    """Authorship goes, the pledge stays with the firm."""
    session.execute(update(Pledge).where(Pledge.person_id == person.id).values(person_id=None))


ABOUT.append(about)
FORGET.append(forget)
