"""Needs: what an organisation looks for."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.accounts.models import Organisation
from market.db import Base, Codes, Moment
from market.values import new_ref, slug


class Need(Base):
    __tablename__ = "needs"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    external_id: Mapped[str | None]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str | None]
    """None: any kind may answer."""
    procedure: Mapped[str] = mapped_column(default="quotation")
    """information, quotation, tender or call_off."""
    stage: Mapped[str] = mapped_column(default="draft", index=True)
    lang: Mapped[str] = mapped_column(default="de")
    title: Mapped[str]
    summary: Mapped[str] = mapped_column(default="")
    description: Mapped[str] = mapped_column(Text, default="")
    texts: Mapped[dict[str, dict[str, str]]] = mapped_column(JSON, default=dict)
    trades: Mapped[tuple[str, ...]] = mapped_column(Codes, default=())
    cpv: Mapped[tuple[str, ...]] = mapped_column(Codes, default=())
    ewc: Mapped[tuple[str, ...]] = mapped_column(Codes, default=())
    site: Mapped[str] = mapped_column(default="")
    postcode: Mapped[str] = mapped_column(default="")
    town: Mapped[str] = mapped_column(default="")
    country: Mapped[str] = mapped_column(default="DE")
    district: Mapped[str] = mapped_column(default="")
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    execution_from: Mapped[date | None]
    execution_until: Mapped[date | None]
    quantity: Mapped[float | None]
    unit: Mapped[str] = mapped_column(default="")
    certificates: Mapped[tuple[str, ...]] = mapped_column(Codes, default=())
    """Required types, each `type` or `type:level`."""
    languages: Mapped[tuple[str, ...]] = mapped_column(Codes, default=())
    questions_until: Mapped[datetime | None] = mapped_column(Moment)
    bids_until: Mapped[datetime | None] = mapped_column(Moment)
    decision_by: Mapped[date | None]
    published_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    search_text: Mapped[str] = mapped_column(Text, default="")

    organisation: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (
        UniqueConstraint("organisation_id", "external_id"),
        Index(None, "stage", "bids_until"),
    )

    @property
    def slug(self) -> str:
        return slug(self.title)

    @property
    def is_public(self) -> bool:
        return self.stage in ("published", "closed") and self.organisation.is_public

    def text_in(self, field: str) -> dict[str, str]:
        """Title, summary or description by language."""
        given = {lang: texts[field] for lang, texts in self.texts.items() if texts.get(field)}
        return {self.lang: str(getattr(self, field))} | given
