"""Lists and what is kept on them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.accounts.models import Organisation, Person
from market.db import Base, Moment
from market.offerings.models import Offering
from market.values import new_ref


class Shortlist(Base):
    """A named list. It belongs to an organisation, or to a person who acts for none."""

    __tablename__ = "shortlists"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    """Who began it."""
    name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)

    person: Mapped[Person | None] = relationship()


class Item(Base):
    """An offering or a firm on a list. Title and firm stay readable when the thing itself is gone."""

    __tablename__ = "shortlist_items"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    shortlist_id: Mapped[int] = mapped_column(ForeignKey("shortlists.id", ondelete="CASCADE"), index=True)
    offering_id: Mapped[int | None] = mapped_column(ForeignKey("offerings.id", ondelete="SET NULL"), index=True)
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id", ondelete="SET NULL"), index=True)
    """The firm, where it was kept as a whole and not one of its offerings."""
    title: Mapped[str]
    firm: Mapped[str] = mapped_column(default="")
    """Empty for a listing that does not name its firm."""
    note: Mapped[str] = mapped_column(Text, default="")
    noted_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    noted_at: Mapped[datetime | None] = mapped_column(Moment)
    kept_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    kept_at: Mapped[datetime] = mapped_column(Moment)
    removed_at: Mapped[datetime | None] = mapped_column(Moment)
    """Taken off, and still to be put back with its note."""

    shortlist: Mapped[Shortlist] = relationship()
    offering: Mapped[Offering | None] = relationship()
    provider: Mapped[Organisation | None] = relationship()
    noted_by: Mapped[Person | None] = relationship(foreign_keys=noted_by_id)
    kept_by: Mapped[Person | None] = relationship(foreign_keys=kept_by_id)

    __table_args__ = (
        UniqueConstraint("shortlist_id", "offering_id"),
        UniqueConstraint("shortlist_id", "provider_id"),
    )
