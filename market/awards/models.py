"""How a need is decided: who is free to judge, what they think, what is proposed, approved and told to whom.

Persons stand by name as it was, beside the reference: the record stays when somebody leaves.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.bids.models import Bid
from market.db import Base, Moment
from market.needs.models import Need
from market.needs.parts import Item, Lot
from market.values import new_ref


class Declaration(Base):
    """That a person has no interest of their own in a need, or has one and stays out of it."""

    __tablename__ = "interest_declarations"

    id: Mapped[int] = mapped_column(primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("needs.id", ondelete="CASCADE"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    name: Mapped[str]
    conflict: Mapped[bool]
    note: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(Moment)

    need: Mapped[Need] = relationship()

    __table_args__ = (UniqueConstraint("need_id", "person_id"),)


class Sheet(Base):
    """The scores of one evaluator for one need; shown to the others once it is handed in."""

    __tablename__ = "score_sheets"

    id: Mapped[int] = mapped_column(primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("needs.id", ondelete="CASCADE"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    name: Mapped[str]
    saved_at: Mapped[datetime] = mapped_column(Moment)
    handed_in_at: Mapped[datetime | None] = mapped_column(Moment)

    need: Mapped[Need] = relationship()

    __table_args__ = (UniqueConstraint("need_id", "person_id"),)


class Score(Base):
    """One evaluator's points from 0 to 10, in halves, for one bid and criterion."""

    __tablename__ = "bid_scores"

    id: Mapped[int] = mapped_column(primary_key=True)
    sheet_id: Mapped[int] = mapped_column(ForeignKey("score_sheets.id", ondelete="CASCADE"))
    bid_id: Mapped[int] = mapped_column(ForeignKey("bids.id", ondelete="CASCADE"), index=True)
    criterion_id: Mapped[int] = mapped_column(ForeignKey("criteria.id", ondelete="CASCADE"), index=True)
    points: Mapped[float]

    sheet: Mapped[Sheet] = relationship()

    __table_args__ = (UniqueConstraint("sheet_id", "bid_id", "criterion_id"),)


class Agreed(Base):
    """The score the evaluators have agreed on, with a reason where they were far apart."""

    __tablename__ = "agreed_scores"

    id: Mapped[int] = mapped_column(primary_key=True)
    bid_id: Mapped[int] = mapped_column(ForeignKey("bids.id", ondelete="CASCADE"))
    criterion_id: Mapped[int] = mapped_column(ForeignKey("criteria.id", ondelete="CASCADE"), index=True)
    points: Mapped[float]
    reason: Mapped[str] = mapped_column(Text, default="")
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    name: Mapped[str]
    at: Mapped[datetime] = mapped_column(Moment)

    __table_args__ = (UniqueConstraint("bid_id", "criterion_id"),)


class Ruling(Base):
    """What a person has found about a requirement, where the bid alone does not tell or tells wrong."""

    __tablename__ = "requirement_rulings"

    id: Mapped[int] = mapped_column(primary_key=True)
    bid_id: Mapped[int] = mapped_column(ForeignKey("bids.id", ondelete="CASCADE"))
    requirement_id: Mapped[int] = mapped_column(ForeignKey("requirements.id", ondelete="CASCADE"), index=True)
    met: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    name: Mapped[str]
    at: Mapped[datetime] = mapped_column(Moment)

    __table_args__ = (UniqueConstraint("bid_id", "requirement_id"),)


class Proposal(Base):
    """Who is to get the work and why; decided by a second person from the threshold on. States in `lifecycle`."""

    __tablename__ = "award_proposals"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    need_id: Mapped[int] = mapped_column(ForeignKey("needs.id", ondelete="CASCADE"), index=True)
    form: Mapped[str]
    """whole, lots, lines or none."""
    state: Mapped[str] = mapped_column(default="proposed")
    reason: Mapped[str] = mapped_column(Text)
    value_cents: Mapped[int | None] = mapped_column(BigInteger)
    """Of what is to be ordered; None where a price is missing."""
    answers: Mapped[dict[str, dict[str, str]]] = mapped_column(JSON, default=dict)
    """Ref of a bid > `reason` (a code) and `note` for its bidder."""
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime] = mapped_column(Moment)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    decided_by: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    returned_reason: Mapped[str] = mapped_column(Text, default="")

    need: Mapped[Need] = relationship()


class Share(Base):
    """What of a need a bid is to get: the whole (neither lot nor item), a lot or an item."""

    __tablename__ = "award_shares"

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("award_proposals.id", ondelete="CASCADE"), index=True)
    bid_id: Mapped[int] = mapped_column(ForeignKey("bids.id", ondelete="CASCADE"), index=True)
    lot_id: Mapped[int | None] = mapped_column(ForeignKey("lots.id", ondelete="CASCADE"), index=True)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), index=True)

    proposal: Mapped[Proposal] = relationship()
    bid: Mapped[Bid] = relationship()
    lot: Mapped[Lot | None] = relationship()
    item: Mapped[Item | None] = relationship()


class Decision(Base):
    """The answer to one bidder. What it says about points is kept as it was told."""

    __tablename__ = "bid_decisions"

    id: Mapped[int] = mapped_column(primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("needs.id", ondelete="CASCADE"), index=True)
    bid_id: Mapped[int] = mapped_column(ForeignKey("bids.id", ondelete="CASCADE"), unique=True)
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("award_proposals.id", ondelete="CASCADE"), index=True)
    outcome: Mapped[str]
    """won, partly, lost or cancelled."""
    reason: Mapped[str]
    note: Mapped[str] = mapped_column(Text, default="")
    result: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """By what was compared (the whole, a lot): the bidder's own points and rank band."""
    at: Mapped[datetime] = mapped_column(Moment)
    told_at: Mapped[datetime | None] = mapped_column(Moment)
    letters: Mapped[int] = mapped_column(default=0)

    need: Mapped[Need] = relationship()
    bid: Mapped[Bid] = relationship()
    proposal: Mapped[Proposal | None] = relationship()
