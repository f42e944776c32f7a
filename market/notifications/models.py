"""What a firm's inbox holds, what people have ordered, and what they are to be told."""

import secrets
from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.accounts.models import Organisation, Person
from market.db import Base, Moment
from market.needs.models import Need
from market.offerings.models import Offering
from market.values import new_ref


def new_token() -> str:
    return secrets.token_urlsafe(24)


class Notice(Base):
    """A need in the inbox of a firm: because it fits, or because somebody there watches it. Once for each need."""

    __tablename__ = "notices"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("needs.id", ondelete="CASCADE"), index=True)
    offering_id: Mapped[int | None] = mapped_column(ForeignKey("offerings.id", ondelete="SET NULL"), index=True)
    """The offering that fits best; none where somebody watches without one that fits."""
    score: Mapped[float] = mapped_column(default=0.0)
    reasons: Mapped[dict[str, list[str]]] = mapped_column(JSON, default=dict)
    """Why it fits, by language, as on the day it came."""
    stage: Mapped[str] = mapped_column(default="new")
    """`notifications.pipeline.STAGES`, as far as the firm itself sets it."""
    before: Mapped[str] = mapped_column(default="new")
    """Where it stood before it was passed, for taking that back."""
    reason: Mapped[str] = mapped_column(default="")
    """Why it was passed: one of `needs.declining.REASONS`."""
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    """Who moved it last."""
    created_at: Mapped[datetime] = mapped_column(Moment, index=True)
    moved_at: Mapped[datetime | None] = mapped_column(Moment)

    organisation: Mapped[Organisation] = relationship()
    need: Mapped[Need] = relationship(lazy="joined", innerjoin=True)
    offering: Mapped[Offering | None] = relationship()

    __table_args__ = (UniqueConstraint("organisation_id", "need_id"),)


class Wish(Base):
    """How often a person wants letters about needs that fit the own firm. Without a row: at once."""

    __tablename__ = "alert_wishes"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    frequency: Mapped[str]
    token: Mapped[str] = mapped_column(unique=True, default=new_token)
    """Stands in every such letter and ends them, nothing else."""
    changed_at: Mapped[datetime] = mapped_column(Moment)

    person: Mapped[Person] = relationship()


class SavedSearch(Base):
    """A search somebody wants to hear from. `person` ordered it signed in, or `email` by double opt-in."""

    __tablename__ = "saved_searches"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    token: Mapped[str] = mapped_column(unique=True, default=new_token)
    """Stands in every letter about it: confirms, changes and ends this search, nothing else."""
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    email: Mapped[str] = mapped_column(default="", index=True)
    """Of somebody without an account, in the form in which addresses are compared."""
    client_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)
    """Of the browser's address, while unconfirmed: the limits count it."""
    language: Mapped[str]
    name: Mapped[str]
    tab: Mapped[str] = mapped_column(index=True)
    query: Mapped[str] = mapped_column(Text)
    """The state of the search as its address holds it."""
    frequency: Mapped[str] = mapped_column(default="instant")
    known: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    """References that fitted when it was saved; None until they have been looked up."""
    known_whole: Mapped[bool] = mapped_column(default=True)
    """False where more fitted than are kept: then what is older than the search is known, too."""
    created_at: Mapped[datetime] = mapped_column(Moment, index=True)
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)

    person: Mapped[Person | None] = relationship()


class Alert(Base):
    """That somebody is told of one thing: a promise until `written_at`, afterwards what keeps it from coming twice."""

    __tablename__ = "alerts"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notices.id", ondelete="CASCADE"))
    search_id: Mapped[int | None] = mapped_column(ForeignKey("saved_searches.id", ondelete="CASCADE"))
    thing: Mapped[str] = mapped_column(default="")
    """Reference of what a saved search found; its `tab` says what that is."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime] = mapped_column(Moment)
    written_at: Mapped[datetime | None] = mapped_column(Moment, index=True)
    """When it went into a letter, or was left out of one because it was over by then."""

    notice: Mapped[Notice | None] = relationship()
    search: Mapped[SavedSearch | None] = relationship()

    __table_args__ = (
        UniqueConstraint("notice_id", "person_id"),
        UniqueConstraint("search_id", "thing"),
        Index(None, "due_at", "written_at"),
    )
