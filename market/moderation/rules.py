"""Which firms wait for the operator."""

from sqlalchemy import Select, select

from market.accounts.models import Organisation
from market.viewer import Viewer


def may_verify(viewer: Viewer) -> bool:
    return viewer.is_operator


def visible_waiting(viewer: Viewer) -> Select[Organisation]:
    """Firms nobody has looked at, the oldest first; nothing for anybody but the operator."""
    query = select(Organisation).where(Organisation.verified_on.is_(None), Organisation.suspended_at.is_(None))
    query = query if may_verify(viewer) else query.where(Organisation.id == 0)
    return query.order_by(Organisation.created_at, Organisation.id)
