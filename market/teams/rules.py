"""Who may look for a partner, and whose interest is seen. The buyer and the operator see none."""

from sqlalchemy import Select, select

from market.accounts.models import Organisation
from market.accounts.people import SPEAKERS
from market.needs.models import Need
from market.teams.models import Interest
from market.viewer import Viewer


def may_team(viewer: Viewer, organisation: Organisation, need: Need) -> bool:
    """Checked firms that could bid, by those who speak for them, in their own name."""
    speaks = not viewer.behalf_of and viewer.acts_for(organisation.id, *SPEAKERS)
    return organisation.verification == "verified" and speaks and organisation.id not in need.buyers


def visible_interests(viewer: Viewer) -> Select[Interest]:
    """One's own firm's. Whose else fits is asked of `service.partners_of` with one's own open one."""
    return select(Interest).where(Interest.organisation_id == (viewer.organisation_id or 0))
