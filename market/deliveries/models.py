"""Permits of those who take residual materials, and deliveries agreed against them."""

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.accounts.models import Organisation
from market.db import Base, Codes, Moment
from market.deliveries.tonnes import Amount, month_of, months
from market.files.models import File
from market.offerings.models import Offering
from market.values import new_ref


class Permit(Base):
    """Waste codes an organisation may take, and how much of them together in a calendar year."""

    __tablename__ = "permits"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    number: Mapped[str]
    """As it stands on the decision: its name among the firm's permits."""
    authority: Mapped[str]
    codes: Mapped[tuple[str, ...]] = mapped_column(Codes, default=())
    """European waste codes, `10 02 01`, with `*` for hazardous waste."""
    kg_per_year: Mapped[int] = mapped_column(BigInteger)
    kg_elsewhere: Mapped[int] = mapped_column(BigInteger, default=0)
    """Of these every year, bound by contracts that do not run over the marketplace."""
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    """Last valid day; None where the decision names no end."""
    state: Mapped[str] = mapped_column(default="uploaded", index=True)
    """`uploaded` (waits for the operator), `verified`, `declined` or `withdrawn`."""
    file_id: Mapped[int | None] = mapped_column(ForeignKey("files.id", ondelete="SET NULL"), index=True)
    reason: Mapped[str] = mapped_column(Text, default="")
    """Why it was declined, in the operator's words."""
    submitted_at: Mapped[datetime] = mapped_column(Moment)
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)

    organisation: Mapped[Organisation] = relationship()
    file: Mapped[File | None] = relationship()

    @property
    def kg_here(self) -> int:
        """What deliveries of the marketplace may come to in a year."""
        return max(0, self.kg_per_year - self.kg_elsewhere)

    def standing(self, today: date) -> str:
        """`valid`, `waiting`, `declined`, `coming` or `expired`: what its firm has to know."""
        if self.state != "verified":
            return "waiting" if self.state == "uploaded" else self.state
        if self.valid_until is not None and self.valid_until < today:
            return "expired"
        return "coming" if self.valid_from is not None and self.valid_from > today else "valid"


class Delivery(Base):
    """So much of a residual material from its holder to a recipient. States are those of `lifecycle`."""

    __tablename__ = "deliveries"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    offering_id: Mapped[int] = mapped_column(ForeignKey("offerings.id", ondelete="CASCADE"), index=True)
    """The holder's listing."""
    holder_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    wanted_id: Mapped[int | None] = mapped_column(ForeignKey("offerings.id", ondelete="SET NULL"), index=True)
    """The recipient's listing, where it has one for this code."""
    permit_id: Mapped[int | None] = mapped_column(ForeignKey("permits.id", ondelete="SET NULL"), index=True)
    """The permit it counts against; none where the material is no waste."""
    by_holder: Mapped[bool] = mapped_column(default=False)
    """Who proposed it; the other side agrees."""
    state: Mapped[str] = mapped_column(default="proposed", index=True)
    code: Mapped[str] = mapped_column(default="")
    """Waste code of the material when it was proposed."""
    kg: Mapped[int] = mapped_column(BigInteger)
    per: Mapped[str]
    """`once` or `month`."""
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    note: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    """Why it was cancelled, in the words of the side that did."""
    cancelled_by_holder: Mapped[bool] = mapped_column(default=False)
    stopped_on: Mapped[date | None]
    """Day on which an agreed one was cancelled: months begun by then stay counted."""
    agreed_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)

    offering: Mapped[Offering] = relationship(foreign_keys=[offering_id])
    wanted: Mapped[Offering | None] = relationship(foreign_keys=[wanted_id])
    holder: Mapped[Organisation] = relationship(foreign_keys=[holder_id])
    recipient: Mapped[Organisation] = relationship(foreign_keys=[recipient_id])
    permit: Mapped[Permit | None] = relationship()

    @property
    def amount(self) -> Amount:
        return Amount(self.kg, "month" if self.per == "month" else "once", self.starts_on, self.ends_on)

    def counted(self) -> dict[date, int]:
        """Kilograms by month that permit and stream have to bear; nothing before it was agreed."""
        if self.agreed_at is None:
            return {}
        if self.state != "cancelled":
            return self.amount.by_month()
        if self.per == "once" or self.stopped_on is None or self.stopped_on < month_of(self.starts_on):
            return {}
        return dict.fromkeys(months(self.starts_on, min(self.ends_on, self.stopped_on)), self.kg)
