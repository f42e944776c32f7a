"""The journal as a chain: each sealed entry's hash covers the one before, so nothing sealed changes or goes unseen.

Entries are sealed by the clock, seconds after they are committed, in the order in which they are found: sealing inside
the change's own transaction would make all writers wait for each other. The head goes out by letter every day; whoever
keeps those letters can prove that the past was not rewritten, even by the database's administrator.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from market.db import Base
from market.journal import Entry

BATCH = 2000
STEP = 200
"""Entries the relay seals at a time: meanwhile it carries nothing, and on SQLite nobody else writes."""
START = "0" * 64


class Anchor(Base):
    """The head of the chain as it went out by letter on a day."""

    __tablename__ = "journal_anchors"

    day: Mapped[date] = mapped_column(primary_key=True)
    place: Mapped[int]
    hash: Mapped[str]


@dataclass(frozen=True)
class Head:
    place: int
    hash: str


@dataclass(frozen=True)
class Fault:
    """The first place at which the chain does not hold."""

    place: int
    what: str


def head(session: Session) -> Head:
    """The last sealed entry; place 0 before the first."""
    last = session.scalar(select(func.max(Entry.place)))
    if last is None:
        return Head(0, START)
    return Head(last, session.scalars(select(Entry.hash).where(Entry.place == last)).one())


def digest(before: str, place: int, entry: Entry) -> str:
    """SHA-256 over the hash before and everything the entry says, as canonical JSON."""
    said = [place, entry.at.isoformat(), entry.actor, entry.verb, entry.subject, entry.subject_id, entry.data]
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{before}\n{text}".encode()).hexdigest()


def seal(session: Session, limit: int = BATCH) -> int:
    """Seal what is not sealed yet, oldest first; returns how many. Only one may seal at a time (the relay's lock)."""
    waiting = list(session.scalars(select(Entry).where(Entry.place.is_(None)).order_by(Entry.id).limit(limit)))
    last = head(session) if waiting else Head(0, START)
    for entry in waiting:
        entry.place = last.place + 1
        entry.hash = digest(last.hash, entry.place, entry)
        last = Head(entry.place, entry.hash)
    return len(waiting)


def verify(session: Session, after: int = 0) -> Fault | None:
    """Go through the chain and its anchors, all of it or what comes after a place; the first fault, or None."""
    anchors = {anchor.place: anchor for anchor in session.scalars(select(Anchor).where(Anchor.place > after))}
    before, place = START, after
    if after:
        before = session.scalar(select(Entry.hash).where(Entry.place == after)) or ""
    for entry in _in_order(session, after):
        place += 1
        if entry.place != place:
            return Fault(place, f"an entry is missing before {entry.place}")
        before = digest(before, place, entry)
        if before != entry.hash:
            return Fault(place, f"entry {entry.id} ({entry.verb}, {entry.at:%Y-%m-%d %H:%M}) was changed")
        anchor = anchors.pop(place, None)
        if anchor is not None and anchor.hash != before:
            return Fault(place, f"the chain is not the one whose head went out on {anchor.day}")
    if anchors:
        gone = min(anchors.values(), key=lambda anchor: anchor.place)
        return Fault(gone.place, f"the chain ends at {place}, before the head that went out on {gone.day}")
    return None


def _in_order(session: Session, last: int) -> Iterator[Entry]:
    while batch := list(session.scalars(select(Entry).where(Entry.place > last).order_by(Entry.place).limit(BATCH))):
        yield from batch
        last = batch[-1].place or 0
        session.expunge_all()


def anchor(session: Session, day: date) -> Anchor | None:
    """Write down the head for a day, once; None where that day has one already or nothing is sealed."""
    now = head(session)
    if now.place == 0 or session.get(Anchor, day) is not None:
        return None
    row = Anchor(day=day, place=now.place, hash=now.hash)
    session.add(row)
    return row
