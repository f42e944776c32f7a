"""Which organisations are listed as providers."""

from sqlalchemy import Select, select

from market.accounts.models import Organisation
from market.offerings.rules import listed

__all__ = ["listed", "visible"]


def visible() -> Select[Organisation]:
    return select(Organisation).where(listed())
