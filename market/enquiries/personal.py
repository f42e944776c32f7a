"""What enquiries and shortlists hold about a person: part of the personal export, and what goes with the person."""

from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from market.accounts.account import ABOUT, FORGET
from market.accounts.models import Person
from market.enquiries.models import AnswerLink, Enquiry, Message
from market.shortlists.models import Item, Shortlist


def about(session: Session, person: Person) -> dict[str, Any]:
    """What the person asked, wrote, kept and noted. What others answered belongs to the organisation."""
    asked = session.scalars(select(Enquiry).where(Enquiry.person_id == person.id).order_by(Enquiry.id))
    written = session.scalars(select(Message).where(Message.person_id == person.id).order_by(Message.id))
    kept = session.scalars(select(Item).where(Item.kept_by_id == person.id).order_by(Item.id))
    noted = session.scalars(select(Item).where(Item.noted_by_id == person.id).order_by(Item.id))
    return {
        "enquiries": [
            {"what": e.what, "contact": e.contact, "phone": e.phone, "at": e.created_at.isoformat()} for e in asked
        ],
        "enquiry_messages": [{"text": m.text, "kind": m.kind, "at": m.at.isoformat()} for m in written],
        "kept": [{"title": i.title, "firm": i.firm, "at": i.kept_at.isoformat()} for i in kept],
        "notes": [{"title": i.title, "note": i.note} for i in noted],
    }


def forget(session: Session, person: Person) -> None:
    """Name, number and authorship go; what was agreed with firms stays with the organisation. Own lists go."""
    nobody = {"contact": "", "phone": "", "person_id": None}
    session.execute(update(Enquiry).where(Enquiry.person_id == person.id).values(**nobody))
    session.execute(update(Message).where(Message.person_id == person.id).values(person_id=None))
    session.execute(delete(AnswerLink).where(AnswerLink.person_id == person.id))
    session.execute(update(Item).where(Item.kept_by_id == person.id).values(kept_by_id=None))
    session.execute(update(Item).where(Item.noted_by_id == person.id).values(noted_by_id=None))
    alone = select(Shortlist.id).where(Shortlist.person_id == person.id, Shortlist.organisation_id.is_(None))
    session.execute(delete(Item).where(Item.shortlist_id.in_(alone)))
    session.execute(delete(Shortlist).where(Shortlist.id.in_(alone)))
    session.execute(update(Shortlist).where(Shortlist.person_id == person.id).values(person_id=None))


ABOUT.append(about)
FORGET.append(forget)
