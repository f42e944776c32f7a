"""Bids that are being written: what was typed and the files brought so far, all encrypted."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.accounts.models import Organisation, Person
from market.db import Base, Moment
from market.needs.models import Need
from market.values import new_ref


class Draft(Base):
    """What a bidder has written so far, readable with `MARKET_SECRET` only. `version` rises with every save."""

    __tablename__ = "bid_drafts"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    need_id: Mapped[int] = mapped_column(ForeignKey("needs.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    kept: Mapped[bytes] = mapped_column(LargeBinary)
    version: Mapped[int] = mapped_column(default=1)
    saved_at: Mapped[datetime] = mapped_column(Moment)
    saved_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    reminded_at: Mapped[datetime | None] = mapped_column(Moment)
    """The last letter that it is not handed in."""

    need: Mapped[Need] = relationship()
    organisation: Mapped[Organisation] = relationship()
    saved_by: Mapped[Person | None] = relationship()

    __table_args__ = (UniqueConstraint("need_id", "organisation_id"),)


class DraftFile(Base):
    """An attachment of a draft, encrypted like it: what it is called tells things, too."""

    __tablename__ = "bid_draft_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    draft_id: Mapped[int] = mapped_column(ForeignKey("bid_drafts.id", ondelete="CASCADE"), index=True)
    key: Mapped[str] = mapped_column(unique=True)
    """In the store of files."""
    kept: Mapped[bytes] = mapped_column(LargeBinary)
    """Name, kind and size, encrypted."""
    size: Mapped[int]
    at: Mapped[datetime] = mapped_column(Moment)


class DraftUpload(Base):
    """A file of a draft that comes piece by piece (`uploads`)."""

    __tablename__ = "bid_uploads"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    draft_id: Mapped[int] = mapped_column(ForeignKey("bid_drafts.id", ondelete="CASCADE"), index=True)
    kept: Mapped[bytes] = mapped_column(LargeBinary)
    """Name, kind, size and last change as the browser told them, encrypted."""
    size: Mapped[int]
    """Of the whole, in bytes."""
    came: Mapped[int]
    """Bytes that are here."""
    touched_at: Mapped[datetime] = mapped_column(Moment, index=True)


class UploadPiece(Base):
    """From byte `start` on, encrypted in the store of files."""

    __tablename__ = "bid_upload_pieces"

    upload_id: Mapped[int] = mapped_column(ForeignKey("bid_uploads.id", ondelete="CASCADE"), primary_key=True)
    start: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
