"""An order of laboratory tests. Methods are kept as they were when it was placed."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.accounts.models import Organisation
from market.db import Base, Moment
from market.files.models import File
from market.offerings.kinds.lab_test import Method
from market.offerings.models import Offering
from market.values import new_ref


class SampleOrder(Base):
    """States are those of `lifecycle`."""

    __tablename__ = "sample_orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    offering_id: Mapped[int] = mapped_column(ForeignKey("offerings.id", ondelete="CASCADE"), index=True)
    lab_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    buyer_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(default="ordered", index=True)
    methods_json: Mapped[list[dict[str, object]]] = mapped_column("methods", JSON, default=list)
    """As `kinds.lab_test.Method`, with accreditation, duration and price of the day of the order."""
    accreditation_number: Mapped[str] = mapped_column(default="")
    description: Mapped[str] = mapped_column(Text)
    """What the samples are."""
    count: Mapped[int]
    """Of samples; every method is done on each."""
    wanted_on: Mapped[date | None]
    received_on: Mapped[date | None]
    promised_on: Mapped[date | None]
    """Day of the report, from the day the samples came and the slowest method; None where the firm names none."""
    report_id: Mapped[int | None] = mapped_column(ForeignKey("files.id", ondelete="SET NULL"), index=True)
    reason: Mapped[str] = mapped_column(Text, default="")
    """Why it was cancelled."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)

    offering: Mapped[Offering] = relationship()
    lab: Mapped[Organisation] = relationship(foreign_keys=[lab_id])
    buyer: Mapped[Organisation] = relationship(foreign_keys=[buyer_id])
    report: Mapped[File | None] = relationship()

    @property
    def methods(self) -> list[Method]:
        return [Method.model_validate(one) for one in self.methods_json]

    @property
    def turnaround_days(self) -> int | None:
        """Working days of the slowest method; None where one names none."""
        days = [method.turnaround_days for method in self.methods]
        return None if None in days else max(day for day in days if day is not None)

    @property
    def price_cents(self) -> int | None:
        """All methods on all samples; None where one has no price."""
        prices = [method.price for method in self.methods]
        if None in prices:
            return None
        return self.count * sum(round(price * 100) for price in prices if price is not None)
