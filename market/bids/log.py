"""The chained log of a tender's bids. Whoever adds to it holds the seal's row, so entries come one after the other."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.bids.models import LogEntry, Seal
from market.bids.sealing import canonical, digest, moment


def start(seal_ref: str) -> str:
    """What stands before the first entry."""
    return digest(b"log|" + seal_ref.encode())


def add(session: Session, seal: Seal, said: dict[str, Any], now: datetime) -> LogEntry:
    """The seal's row has to be locked by the caller."""
    place, prev = seal.log_place + 1, seal.log_head
    entry = LogEntry(need_id=seal.need_id, seal_ref=seal.ref, place=place, at=now, said=said, prev=prev)
    entry.hash = covering(entry)
    session.add(entry)
    seal.log_place, seal.log_head = place, entry.hash
    return entry


def covering(entry: LogEntry) -> str:
    """The hash over the one before and everything the entry says."""
    return digest(canonical([entry.prev, entry.seal_ref, entry.place, moment(entry.at), entry.said]))


def entries(session: Session, seal_ref: str) -> Sequence[LogEntry]:
    return session.scalars(select(LogEntry).where(LogEntry.seal_ref == seal_ref).order_by(LogEntry.place)).all()


def late(session: Session, seal: Seal) -> int:
    """How many bids came at the deadline or later; nothing of them was kept."""
    return sum(entry.said["what"] == "late" for entry in entries(session, seal.ref))


def broken_at(session: Session, seal: Seal) -> int:
    """The first place at which the log does not hold; 0 where it does."""
    prev, place = start(seal.ref), 0
    for entry in entries(session, seal.ref):
        place += 1
        if entry.place != place or entry.prev != prev or covering(entry) != entry.hash:
            return place
        prev = entry.hash
    return 0 if (place, prev) == (seal.log_place, seal.log_head) else place + 1
