"""Who may see what of offerings, as a condition for queries and as a question about one."""

from sqlalchemy import ColumnElement, Select, select

from market.accounts.models import Organisation
from market.offerings.models import Offering


def published() -> ColumnElement[bool]:
    """Open to everybody: published, by an organisation that is not suspended. Needs the organisation joined."""
    return (Offering.status == "published") & Organisation.suspended_at.is_(None)


def visible() -> Select[Offering]:
    """Offerings everybody may see."""
    return select(Offering).join(Offering.organisation).where(published())
