"""What hangs on an offering, and who has promised what to see it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.accounts.models import Organisation, Person
from market.db import Base, Moment
from market.files.models import File
from market.offerings.models import Offering
from market.values import new_ref


class Attachment(Base):
    """A picture or a document. `file` is the document, or the largest size of the picture."""

    __tablename__ = "attachments"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    offering_id: Mapped[int] = mapped_column(ForeignKey("offerings.id", ondelete="CASCADE"), index=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("files.id", ondelete="CASCADE"), index=True)
    small_id: Mapped[int | None] = mapped_column(ForeignKey("files.id", ondelete="CASCADE"), index=True)
    """The size for lists; pictures only."""
    kind: Mapped[str]
    """`picture`, `document` or, of a residual material, `analysis`."""
    text: Mapped[str] = mapped_column(default="")
    """What a picture shows, for those who do not see it; what a document is."""
    place: Mapped[int] = mapped_column(default=0)
    """Order; the picture with the lowest stands first."""
    gated: Mapped[bool] = mapped_column(default=False)
    """Only after the confidentiality agreement."""
    is_plain: Mapped[bool] = mapped_column(default=False)
    """Neither its name nor what programs write into files says whose it is."""
    sizes: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """Width and height of the small and of the large size, in pixels; pictures only."""
    created_at: Mapped[datetime] = mapped_column(Moment)

    offering: Mapped[Offering] = relationship()
    file: Mapped[File] = relationship(foreign_keys=[file_id], lazy="joined", innerjoin=True)
    small: Mapped[File | None] = relationship(foreign_keys=[small_id], lazy="joined")


class Agreement(Base):
    """A firm's confidentiality agreement; a change of its text is a new version, which nobody has accepted yet."""

    __tablename__ = "agreements"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"))
    version: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[str]

    organisation: Mapped[Organisation] = relationship()

    __table_args__ = (UniqueConstraint("organisation_id", "version"),)


class Acceptance(Base):
    """One organisation has accepted one version; the firm may take back what follows from it."""

    __tablename__ = "acceptances"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreements.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    accepted_at: Mapped[datetime] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)

    agreement: Mapped[Agreement] = relationship()
    organisation: Mapped[Organisation] = relationship()
    person: Mapped[Person | None] = relationship()

    __table_args__ = (UniqueConstraint("agreement_id", "organisation_id"),)
