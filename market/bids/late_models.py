"""Exceptions from a deadline, decided by the buyer's people: more time for all after an outage, one firm's late bid."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.accounts.models import Organisation, Person
from market.bids.models import Bid
from market.db import Base, Moment
from market.needs.models import Need
from market.values import new_ref


class Extension(Base):
    """That the marketplace was away before a deadline, and what the buyer has decided about it."""

    __tablename__ = "deadline_extensions"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    need_id: Mapped[int] = mapped_column(ForeignKey("needs.id", ondelete="CASCADE"))
    deadline: Mapped[datetime] = mapped_column(Moment)
    """The one that was over when it was proposed."""
    minutes: Mapped[int]
    outages: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """As the health log had them then: `from`, `until` and what was `away`."""
    state: Mapped[str] = mapped_column(default="proposed")
    """proposed, granted or declined."""
    proposed_at: Mapped[datetime] = mapped_column(Moment)
    until: Mapped[datetime | None] = mapped_column(Moment)
    """The new deadline, where it is granted."""
    reason: Mapped[str] = mapped_column(Text, default="")
    """Why it is declined."""
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    decided_at: Mapped[datetime | None] = mapped_column(Moment)

    need: Mapped[Need] = relationship()
    decided_by: Mapped[Person | None] = relationship()

    __table_args__ = (UniqueConstraint("need_id", "deadline"),)


class Admission(Base):
    """Who may still bid after a deadline, why, who has said so, and what came of it. States are those of
    `lifecycle.ADMISSIONS`."""

    __tablename__ = "late_admissions"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    need_id: Mapped[int] = mapped_column(ForeignKey("needs.id", ondelete="CASCADE"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    """Read by everybody, so it names no firm."""
    hours: Mapped[int]
    """How long the link is good from its confirmation on."""
    state: Mapped[str] = mapped_column(default="proposed")
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    proposed_by: Mapped[str]
    """By name as it was, as the second person's."""
    proposed_at: Mapped[datetime] = mapped_column(Moment)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    decided_by: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    until: Mapped[datetime | None] = mapped_column(Moment)
    """What has come before it counts; set with the confirmation."""
    token_sha256: Mapped[str | None] = mapped_column(unique=True)
    """Of the link: whoever reads the database cannot make it."""
    redeemed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    redeemed_at: Mapped[datetime | None] = mapped_column(Moment)
    bid_id: Mapped[int | None] = mapped_column(ForeignKey("bids.id", ondelete="SET NULL"), unique=True)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_reason: Mapped[str] = mapped_column(Text, default="")
    """Why it was declined or taken back."""

    need: Mapped[Need] = relationship()
    organisation: Mapped[Organisation] = relationship()
    bid: Mapped[Bid | None] = relationship()
