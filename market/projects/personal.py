"""What projects hold about a person: part of the personal export, and what goes with the person."""

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from market.accounts.account import ABOUT, FORGET
from market.accounts.models import Person
from market.projects.models import Project


def about(session: Session, person: Person) -> dict[str, Any]:
    kept = session.scalars(select(Project).where(Project.contact_id == person.id).order_by(Project.id))
    return {"contact_of_projects": [{"project": one.ref, "name": one.name} for one in kept]}


def forget(session: Session, person: Person) -> None:
    session.execute(update(Project).where(Project.contact_id == person.id).values(contact_id=None))


ABOUT.append(about)
FORGET.append(forget)
