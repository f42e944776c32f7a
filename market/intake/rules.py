"""Who may import, and in which state a firm's new offerings begin."""

from sqlalchemy.orm import Session

from market.accounts.models import Organisation
from market.accounts.rules import may_edit
from market.exchange.offerings import Firm
from market.publishing.policy import moderation
from market.viewer import Viewer


def may_import(viewer: Viewer, organisation: Organisation) -> bool:
    """Admins and editors of the firm; the operator on its behalf."""
    return may_edit(viewer, organisation)


def firm_of(session: Session, organisation_id: int) -> Firm:
    """The firm as the import knows it, with the state a new offering begins in."""
    return Firm(organisation_id, "submitted" if moderation(session) == "before" else "published")
