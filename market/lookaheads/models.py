"""Planned work of a partner, and what firms pledge to it. Who pledged is known to the partner and the firm alone."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.accounts.models import Organisation, Person
from market.db import Base, Codes, Moment
from market.needs.models import Need
from market.taxonomy.models import Located
from market.values import new_ref, slug


class Lookahead(Located, Base):
    """States are those of `lifecycle`."""

    __tablename__ = "lookaheads"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(default="draft")
    kind: Mapped[str]
    """shutdown, construction or framework."""
    confidence: Mapped[str]
    """fixed, likely or possible."""
    lang: Mapped[str] = mapped_column(default="de")
    title: Mapped[str]
    expected: Mapped[str] = mapped_column(Text, default="")
    """What firms are expected to do."""
    site: Mapped[str] = mapped_column(default="")
    first_on: Mapped[date]
    last_on: Mapped[date]
    trades: Mapped[tuple[str, ...]] = mapped_column(Codes, default=())
    cpv: Mapped[tuple[str, ...]] = mapped_column(Codes, default=())
    headcount: Mapped[int | None]
    """People from outside at the busiest time."""
    need_id: Mapped[int | None] = mapped_column(ForeignKey("needs.id", ondelete="SET NULL"), index=True)
    published_at: Mapped[datetime | None] = mapped_column(Moment)
    moved_at: Mapped[datetime | None] = mapped_column(Moment)
    """When the window last became another one; what was pledged before is for the former one."""
    reason: Mapped[str] = mapped_column(Text, default="")
    """Why it was cancelled."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)

    organisation: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True)
    need: Mapped[Need | None] = relationship()

    __table_args__ = (Index(None, "state", "last_on"),)

    @property
    def slug(self) -> str:
        return slug(self.title)


class Pledge(Base):
    """People a firm holds ready, without obligation; states are those of `lifecycle.PLEDGES`."""

    __tablename__ = "capacity_pledges"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    lookahead_id: Mapped[int] = mapped_column(ForeignKey("lookaheads.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    state: Mapped[str] = mapped_column(default="pledged")
    people: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    """By trade; under the empty key where the entry names none."""
    first_on: Mapped[date]
    last_on: Mapped[date]
    remark: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)

    lookahead: Mapped[Lookahead] = relationship()
    organisation: Mapped[Organisation] = relationship()
    person: Mapped[Person | None] = relationship()

    __table_args__ = (UniqueConstraint("lookahead_id", "organisation_id"),)

    @property
    def is_outdated(self) -> bool:
        """Given for a window that is another one now."""
        moved = self.lookahead.moved_at
        return moved is not None and self.updated_at < moved

    @property
    def total(self) -> int:
        return sum(self.people.values())
