"""A firm's open interest in a part of a need, which two have been told of each other, and which two bid together."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.accounts.models import Organisation, Person
from market.db import Base, Codes, Moment
from market.needs.models import Need
from market.values import new_ref


class Interest(Base):
    """States are those of `service.MOVES`. Read by the firm itself and by those it fits together with."""

    __tablename__ = "part_interests"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    need_id: Mapped[int] = mapped_column(ForeignKey("needs.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    state: Mapped[str] = mapped_column(default="open")
    parts: Mapped[tuple[str, ...]] = mapped_column(Codes, default=())
    """References of items, or of lots without items."""
    remark: Mapped[str] = mapped_column(Text, default="")
    contact: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)

    need: Mapped[Need] = relationship()
    organisation: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True)
    person: Mapped[Person | None] = relationship()

    __table_args__ = (UniqueConstraint("need_id", "organisation_id"),)


class Introduction(Base):
    """Two interests whose firms have got the letter about each other; the smaller id first."""

    __tablename__ = "introductions"

    id: Mapped[int] = mapped_column(primary_key=True)
    first_id: Mapped[int] = mapped_column(ForeignKey("part_interests.id", ondelete="CASCADE"))
    second_id: Mapped[int] = mapped_column(ForeignKey("part_interests.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(Moment)

    __table_args__ = (UniqueConstraint("first_id", "second_id"),)


class Pair(Base):
    """Two firms that bid together for a need: one leads and hands in, the other consents. States are those of
    `pairs.MOVES`; read by the two firms alone."""

    __tablename__ = "bidding_pairs"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    need_id: Mapped[int] = mapped_column(ForeignKey("needs.id", ondelete="CASCADE"), index=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    proposer_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    """Of the two the one that has proposed it; the other one answers."""
    ender_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id", ondelete="SET NULL"), index=True)
    """Of the two the one that has ended it."""
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    state: Mapped[str] = mapped_column(default="proposed")
    kept: Mapped[bytes] = mapped_column(LargeBinary)
    """Who does what, encrypted: it is part of a bid."""
    proposed_at: Mapped[datetime] = mapped_column(Moment)
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    shown_at: Mapped[datetime | None] = mapped_column(Moment)
    """Since when the lead shows the partner what the bid says, once it is open."""

    need: Mapped[Need] = relationship()
    lead: Mapped[Organisation] = relationship(foreign_keys=lead_id)
    partner: Mapped[Organisation] = relationship(foreign_keys=partner_id)
    proposed_by: Mapped[Person | None] = relationship(foreign_keys=proposed_by_id)
    answered_by: Mapped[Person | None] = relationship(foreign_keys=answered_by_id)

    @property
    def firms(self) -> tuple[Organisation, Organisation]:
        return self.lead, self.partner

    def other(self, organisation_id: int) -> Organisation:
        """The one of the two that is not this one."""
        return self.partner if organisation_id == self.lead_id else self.lead

    @property
    def stands(self) -> bool:
        """Agreed, by two firms that are checked and not suspended."""
        return self.state == "agreed" and all(firm.verification == "verified" for firm in self.firms)
