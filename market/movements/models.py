"""A movement: one train or group of wagons on one slot. A recurring request is one of these a day."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.accounts.models import Organisation
from market.db import Base, Moment
from market.movements.plausibility import Train
from market.offerings.slots import RailSlot
from market.values import new_ref


class Movement(Base):
    __tablename__ = "movements"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    series: Mapped[str] = mapped_column(default="", index=True)
    """What movements of one recurring request have in common; empty for a single one."""
    slot_id: Mapped[int] = mapped_column(ForeignKey("rail_slots.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    """Who asked."""
    state: Mapped[str] = mapped_column(default="requested")
    """A state of `lifecycle`."""
    places: Mapped[int]
    """Places of the slot it needs."""
    wagons: Mapped[int]
    length_m: Mapped[float]
    gross_mass_t: Mapped[float]
    axle_load_t: Mapped[float | None]
    gauge_mm: Mapped[int]
    electric: Mapped[bool]
    un_number: Mapped[str] = mapped_column(default="")
    """Four digits, of the most dangerous goods on the train."""
    rid_class: Mapped[str] = mapped_column(default="")
    origin: Mapped[str]
    destination: Mapped[str]
    note: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(default="")
    """Why it was declined or cancelled: a code of `labels.REASONS`."""
    reason_note: Mapped[str] = mapped_column(Text, default="")
    held_until: Mapped[datetime | None] = mapped_column(Moment)
    """Until when a request holds its places without an answer."""
    run_id: Mapped[int | None] = mapped_column(ForeignKey("rail_slots.id", ondelete="SET NULL"), index=True)
    """The empty run that its railway offers to others because of it."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)

    slot: Mapped[RailSlot] = relationship(lazy="joined", innerjoin=True, foreign_keys=[slot_id])
    run: Mapped[RailSlot | None] = relationship(foreign_keys=[run_id])
    organisation: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (Index(None, "slot_id", "state"), Index(None, "state", "held_until"))

    @property
    def train(self) -> Train:
        return Train(
            self.wagons,
            self.length_m,
            self.axle_load_t,
            self.gross_mass_t,
            self.gauge_mm,
            self.electric,
            self.rid_class,
        )

    @property
    def provider(self) -> Organisation:
        return self.slot.offering.organisation
