"""Passkeys: keys in people's phones and computers, of which we hold the public half."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from market.accounts.models import Person
from market.db import Base, Codes, Moment
from market.values import new_ref


class Passkey(Base):
    """One key of one person."""

    __tablename__ = "passkeys"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1023), unique=True)
    """How the device names it."""
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    """COSE, as the device sent it."""
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0)
    """32 bits without sign; stays 0 for keys kept in several devices."""
    transports: Mapped[tuple[str, ...]] = mapped_column(Codes, default=())
    name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)

    person: Mapped[Person] = relationship()


def of_person(session: Session, person_id: int) -> Sequence[Passkey]:
    """The oldest first."""
    return session.scalars(select(Passkey).where(Passkey.person_id == person_id).order_by(Passkey.id)).all()


def forget(session: Session, person_id: int) -> None:
    session.execute(delete(Passkey).where(Passkey.person_id == person_id))
