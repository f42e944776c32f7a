"""A file of an organisation; its bytes lie in the store under a random key."""

import secrets
from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.accounts.models import Organisation
from market.db import Base, Moment
from market.values import new_ref


class File(Base):
    """`purpose` decides who may have it (`market.files.rules`)."""

    __tablename__ = "files"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str]
    """`certificate`, `logo`, ..."""
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    """Bytes."""
    sha256: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True, default=lambda: secrets.token_hex(20))
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[str]

    organisation: Mapped[Organisation] = relationship()
