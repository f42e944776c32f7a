"""What a need consists of: lots and items, what a bidder must show, by what it is decided, papers and questions."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.accounts.models import Organisation, Person
from market.db import Base, Moment
from market.files.models import File
from market.needs.models import Need
from market.values import new_ref

REQUIREMENT_TYPES = ("bool", "number", "range", "choice", "text", "certificate")
EVIDENCE = ("", "statement", "document", "certificate")


class Lot(Base):
    """A part of a need that can be bid for on its own."""

    __tablename__ = "lots"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    need_id: Mapped[int] = mapped_column(ForeignKey("needs.id", ondelete="CASCADE"), index=True)
    place: Mapped[int]
    """Order, and the number people call it by."""
    title: Mapped[str]
    description: Mapped[str] = mapped_column(Text, default="")

    need: Mapped[Need] = relationship()


class Item(Base):
    """A line with a price of its own in every bid."""

    __tablename__ = "items"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    need_id: Mapped[int] = mapped_column(ForeignKey("needs.id", ondelete="CASCADE"), index=True)
    lot_id: Mapped[int | None] = mapped_column(ForeignKey("lots.id", ondelete="CASCADE"), index=True)
    place: Mapped[int]
    title: Mapped[str]
    quantity: Mapped[float]
    unit: Mapped[str]
    """UN/ECE Recommendation 20, e.g. `MTR`."""
    required_on: Mapped[date | None]
    cpv: Mapped[str] = mapped_column(default="")
    optional: Mapped[bool] = mapped_column(default=False)

    need: Mapped[Need] = relationship()
    lot: Mapped[Lot | None] = relationship()


class Requirement(Base):
    """What a bidder says or shows. `limits` by type: number `min` or `max`, `unit`; range `min`, `max`, `unit`;
    choice `options`; certificate `type` and `level`; bool and text nothing."""

    __tablename__ = "requirements"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    need_id: Mapped[int] = mapped_column(ForeignKey("needs.id", ondelete="CASCADE"), index=True)
    lot_id: Mapped[int | None] = mapped_column(ForeignKey("lots.id", ondelete="CASCADE"), index=True)
    """Only for bids on this lot."""
    place: Mapped[int]
    title: Mapped[str]
    type: Mapped[str] = mapped_column(default="bool")
    limits: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    knock_out: Mapped[bool] = mapped_column(default=False)
    """Who does not meet it is out."""
    evidence: Mapped[str] = mapped_column(default="")
    """Empty, statement, document or certificate."""

    need: Mapped[Need] = relationship()
    lot: Mapped[Lot | None] = relationship()


class Criterion(Base):
    """By what bids are compared. The weights of a need make 100."""

    __tablename__ = "criteria"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    need_id: Mapped[int] = mapped_column(ForeignKey("needs.id", ondelete="CASCADE"), index=True)
    place: Mapped[int]
    title: Mapped[str]
    weight: Mapped[int]
    is_price: Mapped[bool] = mapped_column(default=False)
    """Computed from the prices; evaluators give no opinion on it."""
    scale: Mapped[int] = mapped_column(default=10)
    """The best score an evaluator gives."""

    need: Mapped[Need] = relationship()


class Paper(Base):
    """A document of the need; `gated` ones open once the buyer's confidentiality agreement is accepted."""

    __tablename__ = "need_papers"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    need_id: Mapped[int] = mapped_column(ForeignKey("needs.id", ondelete="CASCADE"), index=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("files.id", ondelete="CASCADE"), index=True)
    place: Mapped[int]
    text: Mapped[str] = mapped_column(default="")
    gated: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    """Of the need when it was added: later ones are addenda."""
    created_at: Mapped[datetime] = mapped_column(Moment)

    need: Mapped[Need] = relationship()
    file: Mapped[File] = relationship(lazy="joined", innerjoin=True)


class Question(Base):
    """Asked by a firm, answered to all. Who asked is told to nobody: not to other bidders, not to the buyer."""

    __tablename__ = "bidder_questions"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    need_id: Mapped[int] = mapped_column(ForeignKey("needs.id", ondelete="CASCADE"), index=True)
    lot_id: Mapped[int | None] = mapped_column(ForeignKey("lots.id", ondelete="SET NULL"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    text: Mapped[str] = mapped_column(Text)
    lang: Mapped[str] = mapped_column(default="de")
    asked_at: Mapped[datetime] = mapped_column(Moment)
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)

    need: Mapped[Need] = relationship()
    lot: Mapped[Lot | None] = relationship()
    organisation: Mapped[Organisation] = relationship()
    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])
