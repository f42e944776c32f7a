"""Which organisations are listed as providers."""

from sqlalchemy import ColumnElement, Select, exists, select

from market.accounts.models import Organisation
from market.offerings.models import Offering


def listed() -> ColumnElement[bool]:
    """Not suspended, and verified or with something published."""
    publishes = exists().where(Offering.organisation_id == Organisation.id, Offering.status == "published")
    return Organisation.suspended_at.is_(None) & (Organisation.verified_on.is_not(None) | publishes)


def visible() -> Select[Organisation]:
    return select(Organisation).where(listed())
