"""Organisations, the people who sign in, and which person acts for which organisation."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.db import Base, Codes, Moment
from market.taxonomy.models import Located
from market.values import DEFAULT_LANGUAGE, new_ref, slug


class Organisation(Located, Base):
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
    languages: Mapped[tuple[str, ...]] = mapped_column(Codes, default=())
    """ISO 639-1, spoken with customers."""
    trades: Mapped[tuple[str, ...]] = mapped_column(Codes, default=())
    """What it says it does, before its offerings say more."""
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
    answer_minutes: Mapped[int | None]
    """Working time until it answers an enquiry, as measured; none where there is too little to say."""
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


MAIL = "mailto"
"""The issuer of people who sign in by a link to their address."""


class Person(Base):
    """Somebody who signs in: `(issuer, subject)` is the person, an e-mail address alone never is.

    Whoever signs in by link has the issuer `mailto` and the address as subject; for OIDC both are the provider's.
    """

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    issuer: Mapped[str]
    subject: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="", index=True)
    language: Mapped[str] = mapped_column(default=DEFAULT_LANGUAGE)
    is_operator: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(Moment)
    signed_in_at: Mapped[datetime | None] = mapped_column(Moment)
    """The last time."""
    erased_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    @property
    def shown(self) -> str:
        """How the person is called on a page: by name, else by address."""
        return self.name or self.email


class Member(Base):
    """A person in an organisation. `roles`: admin, editor, bidder, reader; of partners buyer, approver, opener, too."""

    __tablename__ = "members"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    roles: Mapped[tuple[str, ...]] = mapped_column(Codes, default=("reader",))
    created_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)

    person: Mapped[Person] = relationship()
    organisation: Mapped[Organisation] = relationship()

    __table_args__ = (UniqueConstraint("person_id", "organisation_id"),)
