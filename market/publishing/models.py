"""What the operator sets, and the letters that ask whether offerings still hold."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.accounts.models import Organisation
from market.db import Base, Moment


class Setting(Base):
    """One thing the operator decides for the whole marketplace; a missing row is the default."""

    __tablename__ = "settings"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    value: Mapped[str]
    set_at: Mapped[datetime] = mapped_column(Moment)


class Question(Base):
    """One letter's question to a firm: do these offerings still hold? Of its token only the hash is kept."""

    __tablename__ = "still_true"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    offerings: Mapped[list[str]] = mapped_column(JSON)
    """References."""
    asked_on: Mapped[date]
    answered_at: Mapped[datetime | None] = mapped_column(Moment)

    organisation: Mapped[Organisation] = relationship()
