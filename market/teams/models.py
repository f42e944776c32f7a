"""A firm's open interest in a part of a need, and which two have been told of each other. Neither is a bid, and bids
know nothing of them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Text, UniqueConstraint
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
