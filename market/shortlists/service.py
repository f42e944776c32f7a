"""What happens to lists. Every change ends in the journal; nothing of a list is ever in the index."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, joinedload

from market import journal
from market.errors import Conflict
from market.i18n import N_, Words
from market.shortlists.models import Item, Shortlist
from market.shortlists.rules import visible
from market.shortlists.things import Thing, find
from market.viewer import Viewer

MOST_ITEMS: Final = 100
MOST_LISTS: Final = 50
UNDO: Final = timedelta(days=30)
"""How long something taken off can be put back with its note."""
FIRST_NAME = N_("My shortlist")


def create(session: Session, viewer: Viewer, name: str, now: datetime) -> Shortlist:
    """A new, empty list. Raises Conflict, with a sentence, where there are too many."""
    if (session.scalar(select(func.count()).select_from(visible(viewer).subquery())) or 0) >= MOST_LISTS:
        raise Conflict(N_("There are fifty lists already. Delete one first."), reason="too-many")
    shortlist = Shortlist(
        organisation_id=None if viewer.behalf_of else viewer.organisation_id,
        person_id=viewer.person_id,
        name=name,
        created_at=now,
        updated_at=now,
    )
    session.add(shortlist)
    journal.record(session, viewer, "shortlists.created", shortlist, now, tell=())
    return shortlist


def current(session: Session, viewer: Viewer, w: Words, now: datetime) -> Shortlist:
    """The list to which this person adds: the one used last, else the newest of all, else a first one."""
    mine = visible(viewer).join(Item, Item.shortlist_id == Shortlist.id).where(Item.kept_by_id == viewer.person_id)
    found = session.scalar(mine.order_by(Item.kept_at.desc(), Item.id.desc()).limit(1))
    found = found or session.scalar(visible(viewer).order_by(Shortlist.created_at.desc(), Shortlist.id.desc()).limit(1))
    return found or create(session, viewer, w(FIRST_NAME), now)


def rename(session: Session, viewer: Viewer, shortlist: Shortlist, name: str, now: datetime) -> None:
    if shortlist.name != name:
        shortlist.name, shortlist.updated_at = name, now
        journal.record(session, viewer, "shortlists.renamed", shortlist, now, tell=())


def remove(session: Session, viewer: Viewer, shortlist: Shortlist, now: datetime) -> None:
    """The list with all its notes, for good."""
    journal.record(session, viewer, "shortlists.removed", shortlist, now, tell=())
    session.execute(delete(Item).where(Item.shortlist_id == shortlist.id))
    session.delete(shortlist)


def items(session: Session, shortlist: Shortlist) -> list[Item]:
    """What stands on it, oldest first."""
    query = select(Item).where(Item.shortlist_id == shortlist.id, Item.removed_at.is_(None))
    whole = (joinedload(Item.offering), joinedload(Item.provider), joinedload(Item.noted_by))
    return list(session.scalars(query.options(*whole).order_by(Item.kept_at, Item.id)))


def keep(session: Session, viewer: Viewer, shortlist: Shortlist, thing: Thing, now: datetime) -> Item:
    """Put a thing on the list; one that was taken off comes back with its note. Raises Conflict when it is full."""
    same = Item.offering_id == thing.offering.id if thing.offering else Item.provider_id == thing.organisation.id
    item = session.scalar(select(Item).where(Item.shortlist_id == shortlist.id, same))
    if item is not None and item.removed_at is None:
        return item
    session.execute(delete(Item).where(Item.shortlist_id == shortlist.id, Item.removed_at < now - UNDO))
    if len(items(session, shortlist)) >= MOST_ITEMS:
        raise Conflict(N_("A list holds a hundred entries. Begin another one."), reason="full")
    if item is None:
        item = Item(shortlist=shortlist, kept_at=now)
        session.add(item)
    item.offering_id = thing.offering.id if thing.offering else None
    item.provider_id = None if thing.offering else thing.organisation.id
    item.title = thing.offering.title if thing.offering else thing.organisation.name
    item.firm = thing.firm
    item.kept_at, item.kept_by_id, item.removed_at = now, viewer.person_id, None
    shortlist.updated_at = now
    journal.record(session, viewer, "shortlists.kept", item, now, tell=())
    return item


def keep_all(session: Session, viewer: Viewer, w: Words, codes: Iterable[str], now: datetime) -> int:
    """What was kept before signing in, onto the current list; returns how many things that were."""
    things = find(session, codes)
    if not things:
        return 0
    shortlist = current(session, viewer, w, now)
    free = MOST_ITEMS - len(items(session, shortlist))
    for thing in list(things.values())[: max(free, 0)]:
        keep(session, viewer, shortlist, thing, now)
    return len(things)


def take_off(session: Session, viewer: Viewer, item: Item, now: datetime) -> None:
    item.removed_at = item.shortlist.updated_at = now
    journal.record(session, viewer, "shortlists.taken_off", item, now, tell=())


def put_back(session: Session, viewer: Viewer, item: Item, now: datetime) -> None:
    item.removed_at, item.shortlist.updated_at = None, now
    journal.record(session, viewer, "shortlists.put_back", item, now, tell=())


def move(session: Session, viewer: Viewer, item: Item, target: Shortlist, now: datetime) -> None:
    """Onto another list. Where the thing stands there already the two notes become one."""
    if target.id == item.shortlist_id:
        return
    same = Item.offering_id == item.offering_id if item.offering_id else Item.provider_id == item.provider_id
    known = session.scalar(select(Item).where(Item.shortlist_id == target.id, same))
    if known is not None:
        if known.note and item.note:
            item.note = f"{known.note}\n{item.note}"[:NOTE]
        item.note = item.note or known.note
        session.delete(known)
        session.flush()
    item.shortlist, target.updated_at = target, now
    journal.record(session, viewer, "shortlists.moved", item, now, tell=())


NOTE: Final = 1000
"""Letters of a note."""


def note(session: Session, viewer: Viewer, item: Item, text: str, now: datetime) -> None:
    if item.note == text:
        return
    item.note, item.noted_by_id, item.noted_at = text, viewer.person_id if text else None, now if text else None
    item.shortlist.updated_at = now
    journal.record(session, viewer, "shortlists.noted", item, now, tell=())
