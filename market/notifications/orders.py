"""What people order: how often they want letters, and searches kept for them. Every verb ends in the journal."""

import hashlib
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from market import journal
from market.accounts.models import Person
from market.accounts.people import address
from market.errors import Conflict, TooMany
from market.i18n import N_
from market.notifications import times
from market.notifications.models import Alert, SavedSearch, Wish
from market.viewer import ANONYMOUS, Viewer

MOST: Final = 50
"""Searches one person may keep."""
Limit = tuple[int, timedelta]
PER_ADDRESS: Final[tuple[Limit, ...]] = ((3, timedelta(minutes=15)), (10, timedelta(days=1)))
PER_CLIENT: Final[tuple[Limit, ...]] = ((10, timedelta(minutes=15)), (50, timedelta(days=1)))
OVERALL: Final[tuple[Limit, ...]] = ((300, timedelta(minutes=5)),)


def wish_of(session: Session, person: Person, now: datetime) -> Wish:
    """How often a person wants letters; made on first use, with the address that ends them."""
    wish = session.get(Wish, person.id)
    if wish is None:
        wish = Wish(person_id=person.id, frequency="instant", changed_at=now)
        session.add(wish)
        session.flush()
    return wish


def frequency_of(session: Session, person: Person) -> str:
    """As chosen, else at once."""
    wish = session.get(Wish, person.id)
    return wish.frequency if wish else "instant"


def choose(session: Session, viewer: Viewer, wish: Wish, frequency: str, now: datetime) -> None:
    """Another frequency, also for what waits already."""
    if wish.frequency == frequency:
        return
    wish.frequency, wish.changed_at = frequency, now
    _put_off(session, Alert.person_id == wish.person_id, frequency, now)
    person = session.get_one(Person, wish.person_id)
    data: dict[str, object] = {"frequency": frequency}
    journal.record(session, viewer, "notifications.chosen", person, now, tell=(), data=data)


def _put_off(session: Session, whose: ColumnElement[bool], frequency: str, now: datetime) -> None:
    """What waits for a letter waits for the next one of this frequency; it counts as told where there is none."""
    due = times.due(frequency, now)
    values = {"due_at": due} if due else {"written_at": now}
    session.execute(update(Alert).where(whose, Alert.written_at.is_(None)).values(**values))


def save(
    session: Session, viewer: Viewer, person: Person, now: datetime, *, name: str, tab: str, query: str, frequency: str
) -> SavedSearch:
    """A search of somebody signed in. The same one again changes its name and frequency. Raises Conflict past the most
    one may keep."""
    own = SavedSearch.person_id == person.id
    search = session.scalar(select(SavedSearch).where(own, SavedSearch.query == query))
    if search is not None:
        change(session, viewer, search, now, name=name, frequency=frequency)
        return search
    if (session.scalar(select(func.count()).where(own)) or 0) >= MOST:
        raise Conflict(N_("You keep 50 searches already. Delete one you need no more."))
    search = SavedSearch(
        person_id=person.id,
        language=person.language,
        name=name,
        tab=tab,
        query=query,
        frequency=frequency,
        created_at=now,
        confirmed_at=now,
    )
    session.add(search)
    journal.record(session, viewer, "notifications.search_saved", search, now, tell=())
    return search


def order(
    session: Session,
    email: str,
    client: str,
    now: datetime,
    *,
    language: str,
    name: str,
    tab: str,
    query: str,
    frequency: str,
) -> SavedSearch:
    """A search for an address nobody has proved to be the own one: it says nothing until the letter's button is
    pressed. Raises TooMany past the limits of address, client or all together."""
    client_hash = hashlib.sha256(client.encode()).digest()
    _refuse_too_many(session, address(email), client_hash, now)
    search = SavedSearch(
        email=address(email),
        client_hash=client_hash,
        language=language,
        name=name,
        tab=tab,
        query=query,
        frequency=frequency,
        created_at=now,
    )
    session.add(search)
    journal.record(session, ANONYMOUS, "notifications.search_ordered", search, now, tell=())
    return search


def _refuse_too_many(session: Session, email: str, client_hash: bytes, now: datetime) -> None:
    """The rows themselves are counted, so the limits hold for any number of web processes."""
    ordered = SavedSearch.person_id.is_(None)
    of_address, of_client = SavedSearch.email == email, SavedSearch.client_hash == client_hash
    for whose, limits in ((ordered, OVERALL), (of_client, PER_CLIENT), (of_address, PER_ADDRESS)):
        for most, span in limits:
            recent = select(func.count()).where(ordered, whose, SavedSearch.created_at > now - span)
            if (session.scalar(recent) or 0) >= most:
                raise TooMany("Too many letters were asked for.", seconds=int(span.total_seconds()))


def confirm(session: Session, search: SavedSearch, now: datetime) -> None:
    """The holder of the address wants it. An equal search ordered before gives way."""
    if search.confirmed_at is not None:
        return
    twin = (SavedSearch.email == search.email, SavedSearch.query == search.query, SavedSearch.id != search.id)
    for other in session.scalars(select(SavedSearch).where(*twin, SavedSearch.confirmed_at.is_not(None))):
        _delete(session, other)
    search.confirmed_at, search.client_hash = now, None
    journal.record(session, ANONYMOUS, "notifications.search_confirmed", search, now, tell=())


def change(
    session: Session, viewer: Viewer, search: SavedSearch, now: datetime, *, name: str | None = None, frequency: str
) -> None:
    """Another name or frequency; the latter also for what waits already."""
    if frequency != search.frequency:
        search.frequency = frequency
        _put_off(session, Alert.search_id == search.id, frequency, now)
    search.name = name or search.name
    journal.record(session, viewer, "notifications.search_changed", search, now, tell=())


def remove(session: Session, viewer: Viewer, search: SavedSearch, now: datetime) -> None:
    """It goes, and what it was told of with it."""
    journal.record(session, viewer, "notifications.search_removed", search, now, tell=())
    _delete(session, search)


def _delete(session: Session, search: SavedSearch) -> None:
    session.execute(delete(Alert).where(Alert.search_id == search.id))
    session.delete(search)
    session.flush()
