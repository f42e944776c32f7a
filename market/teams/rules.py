"""Who may look for a partner, and whose interest is seen. The buyer and the operator see none."""

from market.accounts.models import Organisation
from market.accounts.people import SPEAKERS
from market.needs.models import Need
from market.viewer import Viewer


def may_team(viewer: Viewer, organisation: Organisation, need: Need) -> bool:
    """Checked firms that could bid, by those who speak for them, in their own name."""
    speaks = not viewer.behalf_of and viewer.acts_for(organisation.id, *SPEAKERS)
    return organisation.verification == "verified" and speaks and organisation.id not in need.buyers
