"""Organisations: firms, partners, schools and laboratories. Everybody who offers or needs something is one."""

from datetime import date, datetime

from sqlalchemy import JSON, Text
from sqlalchemy.orm import Mapped, mapped_column

from market.db import Base, Codes, Moment
from market.values import new_ref, slug


class Organisation(Base):
    """A company. `is_partner` may post tenders; every organisation may publish offerings."""

    __tablename__ = "organisations"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    external_id: Mapped[str | None] = mapped_column(unique=True)
    """Name under which an import knows it."""
    name: Mapped[str] = mapped_column(index=True)
    legal_form: Mapped[str] = mapped_column(default="")
    is_partner: Mapped[bool] = mapped_column(default=False)
    is_demo: Mapped[bool] = mapped_column(default=False)
    """Invented, or an example entry: said on every page that shows it."""
    about: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """Text per language."""
    street: Mapped[str] = mapped_column(default="")
    postcode: Mapped[str] = mapped_column(default="")
    town: Mapped[str] = mapped_column(default="")
    country: Mapped[str] = mapped_column(default="DE")
    district: Mapped[str] = mapped_column(default="")
    """NUTS 3 code."""
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    languages: Mapped[tuple[str, ...]] = mapped_column(Codes, default=())
    """ISO 639-1, spoken with customers."""
    employees: Mapped[int | None]
    founded: Mapped[int | None]
    """Year."""
    phone: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    website: Mapped[str] = mapped_column(default="")
    contact: Mapped[str] = mapped_column(default="")
    registers: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    """`scheme` (DE-HRB, DE-HRA, PL-KRS, PL-NIP, PL-REGON, EU-VAT), `number`, `court` where there is one."""
    imprint: Mapped[str] = mapped_column(Text, default="")
    verified_on: Mapped[date | None]
    verified_by: Mapped[str] = mapped_column(default="")
    verified_source: Mapped[str] = mapped_column(default="")
    suspended_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    search_text: Mapped[str] = mapped_column(Text, default="")
    """Folded words for the search in the database when Meilisearch is away."""

    @property
    def slug(self) -> str:
        return slug(self.name)

    @property
    def is_public(self) -> bool:
        return self.suspended_at is None

    @property
    def verification(self) -> str:
        """`verified`, `unverified` or `suspended`."""
        if self.suspended_at is not None:
            return "suspended"
        return "verified" if self.verified_on else "unverified"

    @property
    def employees_band(self) -> str:
        """The EU's size bands: 1-9, 10-49, 50-249, 250+; empty where unknown."""
        bands = ((9, "1-9"), (49, "10-49"), (249, "50-249"))
        if self.employees is None:
            return ""
        return next((name for top, name in bands if self.employees <= top), "250+")
