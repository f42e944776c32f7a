"""Searches that found nothing, counted by their words: no person, no address, nothing that looks like either."""

import logging
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import UniqueConstraint, delete, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column

from market.db import Base, Moment, Sessions, upsert
from market.values import is_personal

log = logging.getLogger("market.search")

KEPT: Final = timedelta(days=180)
MOST: Final = 20_000
"""Different searches kept, so that nobody fills the table."""
LONGEST: Final = 80


class MissedSearch(Base):
    """`narrowed`: filters or a place were chosen, so that perhaps not the words were at fault."""

    __tablename__ = "missed_searches"

    id: Mapped[int] = mapped_column(primary_key=True)
    query: Mapped[str]
    language: Mapped[str]
    narrowed: Mapped[bool]
    count: Mapped[int] = mapped_column(default=1)
    first_at: Mapped[datetime] = mapped_column(Moment)
    last_at: Mapped[datetime] = mapped_column(Moment, index=True)

    __table_args__ = (UniqueConstraint("query", "language", "narrowed"),)


def normalised(query: str) -> str:
    """Small letters, single spaces; empty for what is too long or could name somebody."""
    text = " ".join(query.casefold().split())
    return "" if len(text) < 2 or len(text) > LONGEST or is_personal(text) else text


def note(factory: Sessions, query: str, language: str, *, narrowed: bool, now: datetime) -> None:
    """Count one search, in a transaction of its own after the answer went out. Never raises for the database."""
    text = normalised(query)
    if not text:
        return
    try:
        with factory.begin() as session:
            _count(session, text, language, narrowed, now)
    except SQLAlchemyError as error:
        log.warning("a search without hits was not counted: %s", str(error).splitlines()[0])


def _count(session: Session, query: str, language: str, narrowed: bool, now: datetime) -> None:
    session.execute(delete(MissedSearch).where(MissedSearch.last_at < now - KEPT))
    known = (MissedSearch.query == query, MissedSearch.language == language, MissedSearch.narrowed == narrowed)
    full = (session.scalar(select(func.count()).select_from(MissedSearch)) or 0) >= MOST
    if full and session.scalar(select(MissedSearch.id).where(*known)) is None:
        return
    row = {"query": query, "language": language, "narrowed": narrowed, "count": 1, "first_at": now, "last_at": now}
    session.execute(
        upsert(session, MissedSearch)
        .values(row)
        .on_conflict_do_update(
            index_elements=["query", "language", "narrowed"],
            set_={"count": MissedSearch.count + 1, "last_at": now},
        )
    )


def frequent(session: Session, limit: int = 50) -> list[MissedSearch]:
    """The most frequent first, of the same number the latest."""
    query = select(MissedSearch).order_by(MissedSearch.count.desc(), MissedSearch.last_at.desc())
    return list(session.scalars(query.limit(limit)))
