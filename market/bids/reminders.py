"""A draft that is not handed in is thought of a day and two hours before the deadline."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.accounts import people
from market.accounts.models import Member, Person
from market.bids import drafts, letters
from market.bids.models import Draft
from market.i18n import N_, language_of, words
from market.mail.letters import postable
from market.needs import labels

BEFORE: Final = (timedelta(hours=2), timedelta(hours=24))
SUBJECT: Final = N_("Your bid is not handed in yet: %(title)s")
SENTENCE: Final = N_("Your draft does not count before you hand it in: %(left)s. Nobody but your firm can read it.")


def write(session: Session, now: datetime, base_url: str) -> int:
    """Letters that are due, each once; a deadline that moves to later makes them due again."""
    written = 0
    for draft in drafts.without_bid(session, now, now + max(BEFORE)):
        until = draft.need.bids_until
        assert until is not None
        step = next(step for step in BEFORE if until - now <= step)
        if draft.reminded_at is not None and draft.reminded_at >= until - step:
            continue
        draft.reminded_at = now
        for person in _writers(session, draft):
            w = words(language_of(person.language))
            said = w(SENTENCE, left=labels.remaining(w, until, now))
            letters.to_person(session, draft.need, person, SUBJECT, said, now, draft.organisation.name, base_url)
            written += 1
    return written


def _writers(session: Session, draft: Draft) -> list[Person]:
    """Who saved it last and the firm's editors."""
    found = {person.id: person for person in people.editors(session, draft.organisation)}
    query = select(Member).where(Member.person_id == (draft.saved_by_id or 0), Member.ended_at.is_(None))
    member = session.scalar(query.where(Member.organisation_id == draft.organisation_id))
    if member is not None and postable(member.person.email):
        found[member.person_id] = member.person
    return list(found.values())
