"""Needs: what an organisation looks for, and who has a part in it. What it consists of stands in `parts`."""

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.accounts.models import Organisation, Person
from market.db import Base, Codes, Moment
from market.needs import lifecycle
from market.taxonomy.models import Located
from market.values import new_ref, slug


class Need(Located, Base):
    __tablename__ = "needs"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    external_id: Mapped[str | None]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str | None]
    """None: any kind may answer."""
    procedure: Mapped[str] = mapped_column(default="quotation")
    """information, quotation, tender or call_off."""
    stage: Mapped[str] = mapped_column(default="draft", index=True)
    """As in `lifecycle.STAGES`."""
    version: Mapped[int] = mapped_column(default=1)
    """Rises with every amendment after publication."""
    visibility: Mapped[str] = mapped_column(default="public")
    """public, verified (firms the operator has checked) or invited."""
    late_policy: Mapped[str] = mapped_column(default="refuse")
    """Of bids after the deadline: refuse, or extend (for all, when the marketplace itself was away)."""
    is_template: Mapped[bool] = mapped_column(default=False)
    """Kept to be copied; never published."""
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    contact_hidden: Mapped[bool] = mapped_column(default=False)
    estimate_cents: Mapped[int | None] = mapped_column(BigInteger)
    """What its own people expect it to cost; decides on the approval and is shown to nobody else."""
    lang: Mapped[str] = mapped_column(default="de")
    title: Mapped[str]
    summary: Mapped[str] = mapped_column(default="")
    description: Mapped[str] = mapped_column(Text, default="")
    texts: Mapped[dict[str, dict[str, str]]] = mapped_column(JSON, default=dict)
    trades: Mapped[tuple[str, ...]] = mapped_column(Codes, default=())
    cpv: Mapped[tuple[str, ...]] = mapped_column(Codes, default=())
    ewc: Mapped[tuple[str, ...]] = mapped_column(Codes, default=())
    site: Mapped[str] = mapped_column(default="")
    execution_from: Mapped[date | None]
    execution_until: Mapped[date | None]
    quantity: Mapped[float | None]
    unit: Mapped[str] = mapped_column(default="")
    certificates: Mapped[tuple[str, ...]] = mapped_column(Codes, default=())
    """Required types, each `type` or `type:level`."""
    languages: Mapped[tuple[str, ...]] = mapped_column(Codes, default=())
    questions_until: Mapped[datetime | None] = mapped_column(Moment)
    bids_until: Mapped[datetime | None] = mapped_column(Moment)
    decision_by: Mapped[date | None]
    submitted_at: Mapped[datetime | None] = mapped_column(Moment)
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    refused_reason: Mapped[str] = mapped_column(Text, default="")
    """Why the approver gave it back."""
    published_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    opened_at: Mapped[datetime | None] = mapped_column(Moment)
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    """Awarded, or without success."""
    completed_at: Mapped[datetime | None] = mapped_column(Moment)
    cancelled_at: Mapped[datetime | None] = mapped_column(Moment)
    cancelled_reason: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    search_text: Mapped[str] = mapped_column(Text, default="")

    organisation: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True)
    contact: Mapped[Person | None] = relationship(foreign_keys=[contact_id])
    shares: Mapped[list["PoolShare"]] = relationship(
        back_populates="need", cascade="all, delete-orphan", passive_deletes=True, order_by="PoolShare.id"
    )

    __table_args__ = (
        UniqueConstraint("organisation_id", "external_id"),
        Index(None, "stage", "bids_until"),
    )

    @property
    def slug(self) -> str:
        return slug(self.title)

    @property
    def sealed(self) -> bool:
        """Nobody reads a bid before two have opened it."""
        return self.procedure in lifecycle.SEALED

    @property
    def is_shown(self) -> bool:
        """Outside its organisation, to those `visibility` lets in."""
        was_out = self.stage == "cancelled" and self.published_at is not None
        return (self.stage in lifecycle.SHOWN or was_out) and self.organisation.is_public

    @property
    def is_public(self) -> bool:
        """A page for everybody; the others are asked of `rules.visible_needs`."""
        return self.is_shown and self.visibility == "public"

    @property
    def buyers(self) -> frozenset[int]:
        """Ids of those that ask for it: its own organisation and the partners that have joined. None answers."""
        return frozenset([self.organisation_id, *(one.organisation_id for one in self.shares if one.state == "joined")])

    def takes_bids(self, now: datetime) -> bool:
        return self.stage == "published" and (self.bids_until is None or now < self.bids_until)

    def is_overdue(self, today: date) -> bool:
        """The day by which everybody was to have an answer is over, and nothing is decided."""
        return self.stage in lifecycle.UNDECIDED and self.decision_by is not None and self.decision_by < today

    def takes_questions(self, now: datetime) -> bool:
        return lifecycle.takes_questions(self.stage, self.questions_until, self.bids_until, now)

    def text_in(self, field: str) -> dict[str, str]:
        """Title, summary or description by language."""
        given = {lang: texts[field] for lang, texts in self.texts.items() if texts.get(field)}
        return {self.lang: str(getattr(self, field))} | given


HELD: Final[Any] = {"of": Need, "key_share": True}
"""How a need is locked for a change (`with_for_update`). Rows that point to it may still be written: who changes it
waits for the seal next, and whoever hands in a bid holds the seal and points to the need."""


class Role(Base):
    """A person's part in one need: contact, approver, opener or evaluator."""

    __tablename__ = "need_roles"

    id: Mapped[int] = mapped_column(primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("needs.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    role: Mapped[str]

    need: Mapped[Need] = relationship()
    person: Mapped[Person] = relationship()

    __table_args__ = (UniqueConstraint("need_id", "person_id", "role"),)


class Invitation(Base):
    """A firm the buyer has asked to look at the need."""

    __tablename__ = "need_invitations"

    id: Mapped[int] = mapped_column(primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("needs.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(Moment)
    told_at: Mapped[datetime | None] = mapped_column(Moment)
    """The letter; none until the need is published."""
    declined_at: Mapped[datetime | None] = mapped_column(Moment)
    declined_reason: Mapped[str] = mapped_column(default="", server_default="")
    """One of `declining.REASONS`."""

    need: Mapped[Need] = relationship()
    organisation: Mapped[Organisation] = relationship()

    __table_args__ = (UniqueConstraint("need_id", "organisation_id"),)


class PoolShare(Base):
    """Another partner's part in a need: one asks, both buy. Told to it and, from publication on, to everybody."""

    __tablename__ = "need_shares"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    need_id: Mapped[int] = mapped_column(ForeignKey("needs.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(default="invited")
    """As in `pooling.MOVES`."""
    quantity: Mapped[float] = mapped_column(default=0.0)
    """Of the whole, where the need has no items; contained in the need's own quantity."""
    quantities: Mapped[dict[str, float]] = mapped_column(JSON, default=dict)
    """By reference of the item; contained in the item's own quantity."""
    site: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(Text, default="")
    text_version: Mapped[int]
    """Of `pooling.TEXTS`: what both have read and accepted."""
    invited_at: Mapped[datetime] = mapped_column(Moment)
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    """Accepted the text for the leading partner."""
    joined_at: Mapped[datetime | None] = mapped_column(Moment)
    joined_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    """Accepted the text, and the need as it was then, for this one."""
    mark: Mapped[str] = mapped_column(default="")
    """Of the need as it was accepted; another one now has to be accepted anew."""

    need: Mapped[Need] = relationship(back_populates="shares")
    organisation: Mapped[Organisation] = relationship()
    invited_by: Mapped[Person | None] = relationship(foreign_keys=[invited_by_id])
    joined_by: Mapped[Person | None] = relationship(foreign_keys=[joined_by_id])

    __table_args__ = (UniqueConstraint("need_id", "organisation_id"),)


class Watch(Base):
    """A firm that wants to hear what becomes of the need."""

    __tablename__ = "need_watches"

    id: Mapped[int] = mapped_column(primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("needs.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(Moment)

    need: Mapped[Need] = relationship()
    organisation: Mapped[Organisation] = relationship()

    __table_args__ = (UniqueConstraint("need_id", "organisation_id"),)


class Amendment(Base):
    """A change after publication: the version it made, why, and what is different."""

    __tablename__ = "amendments"

    id: Mapped[int] = mapped_column(primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("needs.id", ondelete="CASCADE"))
    version: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    changes: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """Each `what`, `before`, `after`, in words a reader sees."""
    deadline_moved: Mapped[bool] = mapped_column(default=False)
    """By the rule, because too little time was left."""
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    at: Mapped[datetime] = mapped_column(Moment)

    need: Mapped[Need] = relationship()

    __table_args__ = (UniqueConstraint("need_id", "version"),)


class Threshold(Base):
    """From which expected value an organisation wants a second person; a row only where it is not the usual one."""

    __tablename__ = "approval_thresholds"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), primary_key=True)
    cents: Mapped[int] = mapped_column(BigInteger)
