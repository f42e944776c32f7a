"""Who may see what of needs, as a condition for queries."""

from sqlalchemy import ColumnElement, Select, select

from market.accounts.models import Organisation
from market.needs.models import Need


def is_open() -> ColumnElement[bool]:
    """In the search and on the list of tenders: published and not closed. Needs the organisation joined."""
    return (Need.stage == "published") & Organisation.suspended_at.is_(None)


def visible() -> Select[Need]:
    """Open needs, the nearest deadline first, those without one last."""
    query = select(Need).join(Need.organisation).where(is_open())
    return query.order_by(Need.bids_until.is_(None), Need.bids_until, Need.id)
