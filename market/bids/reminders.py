"""A draft that is not handed in is thought of a day and two hours before the deadline."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from market.bids import drafts, letters
from market.i18n import N_, language_of, words
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
        for person in letters.writers(session, draft.organisation, draft.saved_by_id):
            w = words(language_of(person.language))
            said = w(SENTENCE, left=labels.remaining(w, until, now))
            letters.to_person(session, draft.need, person, SUBJECT, said, now, draft.organisation.name, base_url)
            written += 1
    return written
