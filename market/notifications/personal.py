"""What alerts hold about a person: part of the personal export, and what goes with the person."""

from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from market.accounts.account import ABOUT, FORGET
from market.accounts.models import MAIL, Person
from market.notifications.models import Alert, Notice, SavedSearch, Wish


def _searches(person: Person) -> Any:
    """Those saved signed in, and those ordered by letter to the address the person has proved to be theirs."""
    own = SavedSearch.person_id == person.id
    if person.issuer == MAIL:
        own |= (SavedSearch.person_id.is_(None)) & (SavedSearch.email == person.subject)
    return own


def about(session: Session, person: Person) -> dict[str, Any]:
    searches = session.scalars(select(SavedSearch).where(_searches(person)).order_by(SavedSearch.id))
    moved = session.scalars(select(Notice).where(Notice.person_id == person.id).order_by(Notice.id))
    told = session.scalars(select(Alert).where(Alert.person_id == person.id).order_by(Alert.id))
    wish = session.get(Wish, person.id)
    return {
        "letters_about_needs": wish.frequency if wish else "instant",
        "saved_searches": [
            {
                "name": one.name,
                "address": f"/search?{one.query}",
                "frequency": one.frequency,
                "at": one.created_at.isoformat(),
                "confirmed": one.confirmed_at.isoformat() if one.confirmed_at else None,
            }
            for one in searches
        ],
        "needs_moved": [
            {
                "need": one.need.title,
                "to": one.stage,
                "reason": one.reason,
                "at": one.moved_at.isoformat() if one.moved_at else None,
            }
            for one in moved
        ],
        "needs_told": [
            {"need": one.notice.need.title, "at": one.written_at.isoformat() if one.written_at else None}
            for one in told
            if one.notice is not None
        ],
    }


def forget(session: Session, person: Person) -> None:
    """Own searches and letters go; where the firm stands with a need stays with the firm."""
    own = select(SavedSearch.id).where(_searches(person))
    session.execute(delete(Alert).where(Alert.search_id.in_(own)))
    session.execute(delete(Alert).where(Alert.person_id == person.id))
    session.execute(delete(SavedSearch).where(_searches(person)))
    session.execute(delete(Wish).where(Wish.person_id == person.id))
    session.execute(update(Notice).where(Notice.person_id == person.id).values(person_id=None))


ABOUT.append(about)
FORGET.append(forget)
