"""Offerings: what a provider can do, of one kind. The common part is here, the details are typed in `kinds`."""

from datetime import date, datetime, timedelta

from sqlalchemy import JSON, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.accounts.models import Organisation
from market.db import Base, Codes, Moment
from market.offerings.kinds import KINDS
from market.offerings.kinds.common import Details
from market.taxonomy.models import Located
from market.values import new_ref, slug, week_of


class Offering(Located, Base):
    __tablename__ = "offerings"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    external_id: Mapped[str | None]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    status: Mapped[str] = mapped_column(default="draft", index=True)
    """A state of `lifecycle`: draft, submitted, published, paused, expired, archived."""
    lang: Mapped[str] = mapped_column(default="de")
    """Language of title, summary and description."""
    title: Mapped[str]
    summary: Mapped[str] = mapped_column(default="")
    description: Mapped[str] = mapped_column(Text, default="")
    """Markdown."""
    texts: Mapped[dict[str, dict[str, str]]] = mapped_column(JSON, default=dict)
    """Translations: language -> title, summary, description."""
    trades: Mapped[tuple[str, ...]] = mapped_column(Codes, default=())
    cpv: Mapped[tuple[str, ...]] = mapped_column(Codes, default=())
    """Eight digits, the main code first."""
    keywords: Mapped[list[str]] = mapped_column(JSON, default=list)
    languages: Mapped[tuple[str, ...]] = mapped_column(Codes, default=())
    radius_km: Mapped[int | None]
    areas: Mapped[tuple[str, ...]] = mapped_column(Codes, default=())
    """NUTS or LAU codes, instead of a radius."""
    available_on: Mapped[date | None]
    lead_time_days: Mapped[int | None]
    price_mode: Mapped[str] = mapped_column(default="on_request")
    """on_request, from or fixed."""
    price_cents: Mapped[int | None]
    currency: Mapped[str] = mapped_column(default="EUR")
    unit: Mapped[str] = mapped_column(default="")
    """UN/ECE Recommendation 20."""
    audience: Mapped[str] = mapped_column(default="business_only")
    details_json: Mapped[dict[str, object]] = mapped_column("details", JSON, default=dict)
    published_at: Mapped[datetime | None] = mapped_column(Moment)
    queued_at: Mapped[datetime | None] = mapped_column(Moment)
    """Since when the operator has not looked at what the firm published or handed in."""
    returned_reason: Mapped[str] = mapped_column(default="")
    returned_note: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """Why the operator gave it back: a reason of the list, and own words by language."""
    paused_until: Mapped[date | None]
    """The day it comes back by itself."""
    blocked_weeks: Mapped[tuple[str, ...]] = mapped_column(Codes, default=())
    """Weeks without capacity, as `2026-W49`."""
    confirmed_on: Mapped[date | None]
    """The last day the firm said that all this still holds."""
    asked_on: Mapped[date | None]
    """When it was asked and has not answered since."""
    sunk_on: Mapped[date | None]
    """Since when it stands further down, because nobody answered."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    search_text: Mapped[str] = mapped_column(Text, default="")
    """Folded words for the search in the database when Meilisearch is away."""

    organisation: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (
        UniqueConstraint("organisation_id", "external_id"),
        Index(None, "status", "kind"),
    )

    @property
    def details(self) -> Details:
        return KINDS[self.kind].model_validate(self.details_json)

    @details.setter
    def details(self, details: Details) -> None:
        self.details_json = details.model_dump(mode="json", exclude_none=True)

    @property
    def slug(self) -> str:
        return slug(self.title)

    @property
    def is_public(self) -> bool:
        return self.status == "published" and self.organisation.is_public

    def free_from(self, today: date) -> date:
        """The first day on which work can begin: not before it is free, and in no blocked week."""
        day = max(self.available_on or today, today)
        while week_of(day) in self.blocked_weeks:
            day += timedelta(days=7 - day.weekday())
        return day

    def text_in(self, field: str) -> dict[str, str]:
        """Title, summary or description by language."""
        given = {lang: texts[field] for lang, texts in self.texts.items() if texts.get(field)}
        return {self.lang: str(getattr(self, field))} | given
