"""The keys of people who open bids."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from market import journal
from market.accounts.models import Person
from market.bids import sealing
from market.bids.models import Opener, OpeningKey, Seal
from market.errors import TooMany
from market.viewer import Viewer
from market.web.outside import Doer, at_once

MOST_WRONG: Final = 10
PER: Final = timedelta(minutes=15)
"""So many wrong passphrases of a key are taken in so long."""
WRONG: Final = "bids.passphrase_wrong"


def of_person(session: Session, person_id: int) -> OpeningKey | None:
    """The one for coming tenders."""
    return session.scalar(select(OpeningKey).where(OpeningKey.person_id == person_id, OpeningKey.replaced_at.is_(None)))


def make(
    session: Session, viewer: Viewer, person: Person, passphrase: str, now: datetime, outside: Doer = at_once
) -> OpeningKey:
    """A new key; the one before stays for tenders it was named in, and goes where there are none."""
    key = outside("new key", lambda: sealing.new_opener_key(passphrase))
    before = of_person(session, person.id)
    if before is not None:
        before.replaced_at = now
    row = OpeningKey(
        person_id=person.id,
        public=key.public,
        salt=key.salt,
        wrapped=key.wrapped,
        passes=key.cost.passes,
        memory=key.cost.memory,
        created_at=now,
    )
    session.add(row)
    session.flush()
    drop_unused(session, person.id)
    verb = "bids.opening_key_made" if before is None else "bids.opening_key_replaced"
    journal.record(session, viewer, verb, row, now, tell=())
    return row


def change(
    session: Session, viewer: Viewer, row: OpeningKey, old: str, new: str, now: datetime, outside: Doer = at_once
) -> None:
    """The same key under another passphrase. Raises NotOpened for a wrong old one."""
    held = row.key
    key = outside("changed key", lambda: sealing.with_passphrase(held, old, new))
    row.salt, row.wrapped = key.salt, key.wrapped
    journal.record(session, viewer, "bids.opening_key_changed", row, now, tell=())


def refuse_too_many(session: Session, viewer: Viewer, row: OpeningKey, now: datetime) -> None:
    """Whoever sits at somebody else's signed-in browser does not try for long. Raises TooMany."""
    tries = select(func.count()).where(
        journal.Entry.subject == OpeningKey.__tablename__,
        journal.Entry.subject_id == row.id,
        journal.Entry.verb == WRONG,
        journal.Entry.actor == viewer.name,
        journal.Entry.at > now - PER,
    )
    if (session.scalar(tries) or 0) >= MOST_WRONG:
        raise TooMany("too many wrong passphrases", seconds=int(PER.total_seconds()))


def note_wrong(session: Session, viewer: Viewer, row: OpeningKey, now: datetime) -> None:
    """A passphrase that did not fit stands in the journal, without a letter of it."""
    journal.record(session, viewer, WRONG, row, now, tell=())


def drop_unused(session: Session, person_id: int) -> None:
    """Replaced keys that no running tender needs any more."""
    needed = exists().where(Opener.key_id == OpeningKey.id, Opener.seal_id == Seal.id, Seal.opened_at.is_(None))
    session.execute(
        delete(OpeningKey).where(OpeningKey.person_id == person_id, OpeningKey.replaced_at.is_not(None), ~needed)
    )


def running(session: Session, person_id: int) -> list[tuple[Seal, OpeningKey]]:
    """Tenders this person can open, each with the key it takes."""
    query = select(Seal, OpeningKey).join(Opener, Opener.seal_id == Seal.id).join(Opener.key)
    query = query.where(Opener.person_id == person_id, Seal.opened_at.is_(None)).order_by(Seal.deadline)
    return [(seal, key) for seal, key in session.execute(query)]
