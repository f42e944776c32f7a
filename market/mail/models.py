"""A letter as it waits, and what became of it."""

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from market.db import Base, Moment
from market.values import new_ref


class Letter(Base):
    """One letter to one address, rendered. `secret` ones lose their text once sent: it opens a door."""

    __tablename__ = "letters"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    """Also in the Message-ID, so that a letter sent twice after a crash is seen to be the same."""
    to: Mapped[str] = mapped_column(index=True)
    language: Mapped[str]
    event: Mapped[str]
    """Template, e.g. `accounts/sign_in`."""
    subject: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    secret: Mapped[bool] = mapped_column(default=False)
    unsubscribe: Mapped[str] = mapped_column(default="")
    """Address that ends letters of this sort with one click (RFC 8058); only where somebody ordered them."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    not_before: Mapped[datetime] = mapped_column(Moment, index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(Text, default="")
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    bounced_at: Mapped[datetime | None] = mapped_column(Moment)
    """Refused for good by the receiving server, or given up."""

    @property
    def state(self) -> str:
        """`waiting`, `sent` or `bounced`."""
        return "bounced" if self.bounced_at else "sent" if self.sent_at else "waiting"
