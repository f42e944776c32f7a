"""The marketplace's own health log: a line for every minute, with what did not answer in it.

The relay's watch writes it (`market.watch`). A minute without a line is one in which nobody watched: the machine was
off, or the database took no line. It counts as away unless the journal shows that a change was taken in it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from market.db import Base, Codes, Moment
from market.i18n import N_
from market.journal import Entry
from market.viewer import SYSTEM

MINUTE: Final = timedelta(minutes=1)
KEPT: Final = timedelta(days=400)
NOTHING: Final = "nothing"
"""Stands for a minute without a line."""
AWAY: Final = {
    "web": N_("the pages"),
    "database": N_("the database"),
    "files": N_("the files"),
    "keys": N_("the sealing of bids"),
    NOTHING: N_("everything"),
}
"""What a bid needs, each asked several times a minute, as people read it."""


class Minute(Base):
    """A minute that was watched, by its beginning; `away` names the parts that did not answer."""

    __tablename__ = "health_minutes"

    at: Mapped[datetime] = mapped_column(Moment, primary_key=True)
    away: Mapped[tuple[str, ...]] = mapped_column(Codes, default=())


@dataclass(frozen=True)
class Outage:
    """From the beginning of its first minute to the end of its last one."""

    begins: datetime
    ends: datetime
    away: tuple[str, ...]

    @property
    def minutes(self) -> int:
        return round((self.ends - self.begins) / MINUTE)


def minute_of(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def note(session: Session, at: datetime, away: Iterable[str]) -> None:
    """What was away in a minute, in addition to what its line says already."""
    found = session.get(Minute, minute_of(at))
    if found is None:
        session.add(Minute(at=minute_of(at), away=tuple(sorted(set(away)))))
    elif not set(away) <= set(found.away):
        found.away = tuple(sorted({*found.away, *away}))


def last(session: Session) -> datetime | None:
    """The last minute with a line."""
    return session.scalar(select(func.max(Minute.at)))


def tidy(session: Session, now: datetime) -> None:
    session.execute(delete(Minute).where(Minute.at < now - KEPT))


def outages(session: Session, since: datetime, until: datetime) -> list[Outage]:
    """Whole minutes from `since` on that ended by `until` and in which something did not answer, joined to spans.

    Before the log began nobody knows anything, so nothing counts.
    """
    first = session.scalar(select(func.min(Minute.at)))
    if first is None:
        return []
    begin = max(minute_of(since), first)
    rows = session.execute(select(Minute.at, Minute.away).where(Minute.at >= begin, Minute.at < until))
    known = {row.at: row.away for row in rows}
    busy = _busy(session, begin, until) if len(known) < (until - begin) / MINUTE else set()
    found: list[Outage] = []
    at = begin
    while at + MINUTE <= until:
        away = known.get(at, () if at in busy else (NOTHING,))
        if away:
            _join(found, at, away)
        at += MINUTE
    return found


def _join(found: list[Outage], at: datetime, away: tuple[str, ...]) -> None:
    if found and found[-1].ends == at:
        before = found.pop()
        found.append(Outage(before.begins, at + MINUTE, tuple(sorted({*before.away, *away}))))
    else:
        found.append(Outage(at, at + MINUTE, away))


def _busy(session: Session, since: datetime, until: datetime) -> set[datetime]:
    """Minutes in which a change of somebody was taken."""
    query = select(Entry.at).where(Entry.at >= since, Entry.at < until, Entry.actor != SYSTEM.name)
    return {minute_of(at) for at in session.scalars(query)}
