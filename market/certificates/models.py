"""Certificates of an organisation, with the days between which they hold. Unknown is not valid."""

from datetime import date, datetime
from typing import Final

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.accounts.models import Organisation
from market.db import Base, Moment
from market.files.models import File
from market.taxonomy import certificates as catalogue
from market.values import FOREVER, day_number, new_ref

OPEN: Final = ("uploaded", "verified", "declined")
"""States in the wallet; `withdrawn` and `replaced` ones are only kept so that the journal speaks of something."""
EXPIRING: Final = 90
"""Days before its end from which a certificate counts as running out."""


class Certificate(Base):
    """One certificate. Person-bound types are private: never public, never in the index."""

    __tablename__ = "certificates"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    type: Mapped[str] = mapped_column(index=True)
    """Id of the catalogue's type (`market.taxonomy.certificates`)."""
    level: Mapped[str] = mapped_column(default="")
    scope: Mapped[str] = mapped_column(default="")
    number: Mapped[str] = mapped_column(default="")
    issuer: Mapped[str] = mapped_column(default="")
    holder: Mapped[str] = mapped_column(default="")
    """Name of the person, for person-bound types: seen by the firm and the operator alone."""
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None] = mapped_column(index=True)
    """Last valid day; None where the certificate names no end."""
    state: Mapped[str] = mapped_column(default="uploaded", index=True)
    """`uploaded` (waits for the operator), `verified`, `declined`, `withdrawn` or `replaced`."""
    source: Mapped[str] = mapped_column(default="")
    """`import` for one that counts because its list does; empty for one the operator has looked at."""
    file_id: Mapped[int | None] = mapped_column(ForeignKey("files.id", ondelete="SET NULL"), index=True)
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("certificates.id", ondelete="SET NULL"), index=True)
    """The one that counts until this one is verified."""
    submitted_at: Mapped[datetime | None] = mapped_column(Moment)
    """Since when it waits for the operator."""
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    decided_by: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    """Why it was declined, a key of `reasons.REASONS`."""
    note: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """The operator's own words to it, by language."""
    warned_days: Mapped[int | None]
    """Of 90, 30 and 7 days before the end, the last the firm had a letter about."""
    confirmed_on: Mapped[date | None]
    """The last half-yearly confirmation, where the type wants one (`halves`)."""
    reminded_of: Mapped[date | None]
    """The day of confirmation the firm last had a letter about."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)

    organisation: Mapped[Organisation] = relationship()
    file: Mapped[File | None] = relationship()
    replaces: Mapped["Certificate | None"] = relationship(remote_side=[id])

    def valid_on(self, day: date) -> bool:
        """Whether it holds on a day; what nobody has verified never does."""
        if self.state != "verified":
            return False
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )

    def days_left(self, today: date) -> int | None:
        """Days until its last valid day, negative afterwards; None where it names no end."""
        return (self.valid_until - today).days if self.valid_until else None

    def standing(self, today: date) -> str:
        """`waiting`, `declined`, `expired`, `coming`, `expiring` or `valid`: what its firm has to know of it."""
        if self.state != "verified":
            return "waiting" if self.state == "uploaded" else self.state
        left = self.days_left(today)
        if left is not None and left < 0:
            return "expired"
        if self.valid_from is not None and self.valid_from > today:
            return "coming"
        return "expiring" if left is not None and left <= EXPIRING else "valid"

    @property
    def is_private(self) -> bool:
        return catalogue.is_private(self.type)

    @property
    def from_number(self) -> int:
        return day_number(self.valid_from) if self.valid_from else 0

    @property
    def until_number(self) -> int:
        return day_number(self.valid_until) if self.valid_until else FOREVER
