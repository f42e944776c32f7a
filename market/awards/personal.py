"""What awards hold about a person: part of the personal export. Names stay in the record, the reference goes."""

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from market.accounts.account import ABOUT, FORGET
from market.accounts.models import Person
from market.awards.models import Agreed, Declaration, Proposal, Ruling, Sheet


def about(session: Session, person: Person) -> dict[str, Any]:
    declared = session.scalars(select(Declaration).where(Declaration.person_id == person.id).order_by(Declaration.id))
    sheets = session.scalars(select(Sheet).where(Sheet.person_id == person.id).order_by(Sheet.id))
    proposed = session.scalars(select(Proposal).where(Proposal.proposed_by_id == person.id).order_by(Proposal.id))
    return {
        "declarations_of_interest": [
            {"need": one.need.ref, "conflict": one.conflict, "note": one.note, "at": one.at.isoformat()}
            for one in declared
        ],
        "scores_given": [{"need": one.need.ref, "saved": one.saved_at.isoformat()} for one in sheets],
        "awards_proposed": [{"need": one.need.ref, "at": one.proposed_at.isoformat()} for one in proposed],
    }


def forget(session: Session, person: Person) -> None:
    """Who decided stays in the record by name for as long as the record is kept; what one said of oneself goes."""
    mine = {"person_id": None}
    session.execute(update(Declaration).where(Declaration.person_id == person.id).values(note="", **mine))
    for model in (Sheet, Agreed, Ruling):
        session.execute(update(model).where(model.person_id == person.id).values(**mine))
    session.execute(update(Proposal).where(Proposal.proposed_by_id == person.id).values(proposed_by_id=None))
    session.execute(update(Proposal).where(Proposal.decided_by_id == person.id).values(decided_by_id=None))


ABOUT.append(about)
FORGET.append(forget)
