"""Certificates of an organisation, with the days between which they hold. Unknown is not valid."""

from datetime import date, datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.accounts.models import Organisation
from market.db import Base, Moment
from market.values import FOREVER, day_number, new_ref


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
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    """Last valid day; None where the certificate names no end."""
    state: Mapped[str] = mapped_column(default="uploaded")
    """`uploaded`, `verified` or `declined`."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)

    organisation: Mapped[Organisation] = relationship()

    def valid_on(self, day: date) -> bool:
        """Whether it holds on a day; a declined one never does."""
        if self.state == "declined":
            return False
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )

    @property
    def from_number(self) -> int:
        return day_number(self.valid_from) if self.valid_from else 0

    @property
    def until_number(self) -> int:
        return day_number(self.valid_until) if self.valid_until else FOREVER
