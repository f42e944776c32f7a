"""Who may see what of offerings, as a condition for queries and as a question about one."""

from sqlalchemy import ColumnElement, Select, exists, func, select

from market.accounts.models import Organisation
from market.offerings.models import Offering


def published() -> ColumnElement[bool]:
    """Open to everybody: published, by an organisation that is not suspended. Needs the organisation joined."""
    return (Offering.status == "published") & Organisation.suspended_at.is_(None)


def visible() -> Select[Offering]:
    """Offerings everybody may see."""
    return select(Offering).join(Offering.organisation).where(published())


def named() -> ColumnElement[bool]:
    """Offerings that say whose they are; nothing of the firm may lead to another one."""
    return func.coalesce(Offering.details_json["anonymous"].as_boolean(), False).is_(False)


def listed() -> ColumnElement[bool]:
    """Organisations with a public page: not suspended, and verified or with something published under their name."""
    publishes = exists().where(Offering.organisation_id == Organisation.id, Offering.status == "published", named())
    return Organisation.suspended_at.is_(None) & (Organisation.verified_on.is_not(None) | publishes)
