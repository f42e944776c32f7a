"""Identity providers: one row an organisation's OpenID provider. A partner in use keeps at least one."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import JSON, ForeignKey, Select, Text, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from market import journal
from market.accounts.models import Organisation, Person
from market.accounts.rules import roles_of
from market.db import Base, Codes, Moment, assign
from market.errors import Conflict, Invalid
from market.i18n import N_
from market.values import new_ref
from market.viewer import Viewer

LOOPBACK = ("127.0.0.1", "localhost", "::1")
SHARED = ("login.microsoftonline.com/common", "login.microsoftonline.com/organizations")
"""Issuers that speak for every tenant there is."""


class IdentityProvider(Base):
    """Where the people of an organisation sign in, and what we ask of the answer."""

    __tablename__ = "identity_providers"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    """In the redirect address, so that each provider has one of its own."""
    key: Mapped[str] = mapped_column(unique=True)
    """In the address of its sign-in: `/sign-in/KEY`."""
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    issuer: Mapped[str] = mapped_column(unique=True)
    client_id: Mapped[str]
    client_secret: Mapped[str] = mapped_column(Text)
    """Locked away (`market.accounts.vault`)."""
    scope: Mapped[str] = mapped_column(default="openid email profile")
    required_claims: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """Claims that must have exactly this value, e.g. the tenant's `tid` (Entra) or `hd` (Google)."""
    role_claim: Mapped[str] = mapped_column(default="groups")
    role_map: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """Value of the claim -> our role."""
    domains: Mapped[tuple[str, ...]] = mapped_column(Codes, default=())
    """E-mail domains whose people are led here."""
    note: Mapped[str] = mapped_column(default="")
    """Shown beside its button; the demo names its people here."""
    enabled: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)

    organisation: Mapped[Organisation] = relationship()


def open_ones() -> Select[IdentityProvider]:
    """Providers through which people may sign in now."""
    return (
        select(IdentityProvider)
        .join(IdentityProvider.organisation)
        .where(IdentityProvider.enabled, Organisation.suspended_at.is_(None))
        .order_by(Organisation.name, IdentityProvider.id)
    )


def by_key(session: Session, key: str) -> IdentityProvider | None:
    return session.scalar(open_ones().where(IdentityProvider.key == key))


def by_ref(session: Session, ref: str) -> IdentityProvider | None:
    return session.scalar(open_ones().where(IdentityProvider.ref == ref))


def for_address(session: Session, email: str) -> IdentityProvider | None:
    """The provider that speaks for the domain of this address."""
    domain = email.rpartition("@")[2].lower()
    return next((found for found in session.scalars(open_ones()) if domain in found.domains), None)


def faults(session: Session, fields: Mapping[str, object], own: int | None, *, local: bool) -> dict[str, str]:
    """What is wrong with a provider's fields, as sentences by field. `own` is its id, None for a new one."""
    found: dict[str, str] = {}
    issuer = str(fields["issuer"])
    parts = urlsplit(issuer)
    if not (parts.scheme == "https" or (local and parts.scheme == "http" and parts.hostname in LOOPBACK)):
        found["issuer"] = N_("The issuer has to begin with https://.")
    elif not parts.hostname or parts.query or parts.fragment or parts.username:
        found["issuer"] = N_("The issuer is an address without user, question mark or #.")
    elif any(shared in issuer for shared in SHARED):
        found["issuer"] = N_("This issuer speaks for every company. Take the one of the company's own tenant.")
    others = [p for p in session.scalars(select(IdentityProvider)) if p.id != own]
    if any(other.issuer == issuer for other in others):
        found["issuer"] = N_("This issuer is used already.")
    if any(other.key == fields["key"] for other in others):
        found["key"] = N_("This name is used already.")
    domains = fields["domains"]
    assert isinstance(domains, tuple)
    if any(set(domains) & set(other.domains) for other in others):
        found["domains"] = N_("One of these domains belongs to another provider.")
    return found


def add(
    session: Session, viewer: Viewer, organisation: Organisation, now: datetime, *, local: bool, **fields: object
) -> IdentityProvider:
    """A new provider, switched on. Raises Invalid with sentences by field."""
    if wrong := faults(session, fields, None, local=local):
        raise Invalid("; ".join(f"{name}: {fault}" for name, fault in wrong.items()), fields=wrong)
    provider = IdentityProvider(organisation=organisation, created_at=now, updated_at=now, **fields)
    session.add(provider)
    journal.record(session, viewer, "accounts.provider_added", provider, now, tell=())
    return provider


def change(
    session: Session, viewer: Viewer, provider: IdentityProvider, now: datetime, *, local: bool, **fields: object
) -> bool:
    """Set the fields that differ; False where none does. Raises Invalid with sentences by field."""
    whole = {name: fields.get(name, getattr(provider, name)) for name in ("issuer", "key", "domains")}
    if wrong := faults(session, whole, provider.id, local=local):
        raise Invalid("; ".join(f"{name}: {fault}" for name, fault in wrong.items()), fields=wrong)
    changed = assign(provider, fields)
    if not changed:
        return False
    provider.updated_at = now
    data: dict[str, object] = {"fields": sorted(changed)}
    journal.record(session, viewer, "accounts.provider_changed", provider, now, tell=(), data=data)
    return True


def switch(session: Session, viewer: Viewer, provider: IdentityProvider, now: datetime, *, on: bool) -> None:
    """Open or close it for sign-in. Raises Conflict for the last open one of an organisation whose people use it."""
    if provider.enabled == on:
        return
    if not on and in_use(session, provider):
        others = select(func.count()).where(
            IdentityProvider.organisation_id == provider.organisation_id,
            IdentityProvider.id != provider.id,
            IdentityProvider.enabled,
        )
        if not session.scalar(others):
            raise Conflict("It is the last provider of people who sign in with it.", reason="last-provider")
    provider.enabled = on
    provider.updated_at = now
    verb = "accounts.provider_switched_on" if on else "accounts.provider_switched_off"
    journal.record(session, viewer, verb, provider, now, tell=())


def in_use(session: Session, provider: IdentityProvider) -> bool:
    """Whether anybody has signed in through it."""
    return session.scalar(select(Person.id).where(Person.issuer == provider.issuer).limit(1)) is not None


def roles(provider: IdentityProvider, claims: Mapping[str, object]) -> tuple[str, ...]:
    """The roles the claims give; the lowest one where they name none we know."""
    said = claims.get(provider.role_claim)
    values: Iterable[object] = said if isinstance(said, list) else [said]
    given = {provider.role_map[value] for value in values if isinstance(value, str) and value in provider.role_map}
    return tuple(role for role in roles_of(provider.organisation) if role in given) or ("reader",)
