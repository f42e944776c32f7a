"""What happened: an audit entry and the errands it causes, in the transaction of the change itself."""

import logging
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import JSON, Executable, Index, Integer, Text, UniqueConstraint, delete, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from market.db import Base, Moment, insert_of
from market.viewer import Viewer

log = logging.getLogger("market.outbox")


class Entry(Base):
    """Append-only audit trail: who did what to which record."""

    __tablename__ = "journal"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    actor: Mapped[str]
    verb: Mapped[str]
    """Past tense with the slice, e.g. `offerings.published`."""
    subject: Mapped[str]
    """Table of the record."""
    subject_id: Mapped[int]
    data: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)
    place: Mapped[int | None] = mapped_column(unique=True)
    """Its place in the chain, from 1 without a gap; none until it is sealed (`market.seals`)."""
    hash: Mapped[str] = mapped_column(default="")

    __table_args__ = (Index(None, "subject", "subject_id"),)


class Errand(Base):
    """A promise to tell another system *that* a record changed; kept by the relay, then deleted.

    One row per channel and record: a second change before delivery renews `version`, so that the relay never deletes a
    promise that was made again while it was delivering.
    """

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str]
    """`search` for the relay, `news` for the crier."""
    subject: Mapped[str]
    subject_id: Mapped[int]
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(Moment)
    not_before: Mapped[datetime] = mapped_column(Moment, index=True)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    error: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (UniqueConstraint("channel", "subject", "subject_id"),)


RETRY = (1, 2, 5, 15, 60, 300, 900)
"""Seconds before an errand is tried again, by attempts made."""
ALARM_ATTEMPTS = 5


def record(
    session: Session,
    viewer: Viewer,
    verb: str,
    subject: Base,
    now: datetime,
    *,
    tell: tuple[str, ...] = ("search",),
    data: dict[str, object] | None = None,
) -> None:
    """Write the entry and its errands into the caller's transaction. `subject` needs an integer `id`.

    What the search is told of may be news for somebody, too, unless it comes in bulk: the operator's command line and
    the demo data fill the market without a letter to anybody, a firm's own import is as good as its own hands.
    """
    session.flush()
    if viewer.behalf_of:
        data = (data or {}) | {"on_behalf_of": viewer.behalf_of}
    table: str = subject.__tablename__
    subject_id: int = subject.id  # type: ignore[attr-defined]
    session.add(Entry(at=now, actor=viewer.name, verb=verb, subject=table, subject_id=subject_id, data=data or {}))
    news = ("news",) if "search" in tell and not viewer.in_bulk else ()
    for channel in (*tell, *news):
        promise(session, channel, table, subject_id, now)


def promise(session: Session, channel: str, subject: str, subject_id: int, now: datetime) -> None:
    """Upsert one errand: a record that changes ten times before the relay comes is one row."""
    row = {"channel": channel, "subject": subject, "subject_id": subject_id, "version": 1, "attempts": 0, "error": ""}
    session.execute(_promising(session.get_bind().dialect.name), row | {"created_at": now, "not_before": now})


@cache
def _promising(dialect: str) -> Executable:
    """Written once: every change makes promises, and making the statement anew took longer than carrying it out."""
    statement = insert_of(dialect, Errand.__table__)
    return statement.on_conflict_do_update(  # type: ignore[no-any-return]
        index_elements=["channel", "subject", "subject_id"],
        set_={"version": Errand.version + 1}
        | {name: statement.excluded[name] for name in ("not_before", "attempts", "error")},
    )


def settle(session: Session, errand: Errand, error: str, now: datetime) -> bool:
    """Whether the promise was kept. It goes then, and comes again later where there was an error.

    Made again meanwhile (a newer version), the row stays as it is for the next round.
    """
    same = (Errand.id == errand.id) & (Errand.version == errand.version)
    if not error:
        session.execute(delete(Errand).where(same))
        return True
    wait = timedelta(seconds=RETRY[min(errand.attempts, len(RETRY) - 1)])
    later = {"attempts": errand.attempts + 1, "error": error[:1000], "not_before": now + wait}
    session.execute(update(Errand).where(same).values(**later))
    if errand.attempts + 1 >= ALARM_ATTEMPTS:
        which = f"{errand.channel} errand for {errand.subject} {errand.subject_id}"
        log.error("%s failed %s times: %s", which, errand.attempts + 1, error)
    return False
