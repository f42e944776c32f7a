"""Who may do what in an organisation."""

from typing import Final

from sqlalchemy import Select, select

from market.accounts.models import Member, Organisation
from market.viewer import Viewer

FIRM_ROLES: Final = ("admin", "editor", "bidder", "reader")
PARTNER_ROLES: Final = ("admin", "buyer", "approver", "opener", "reader")
EDITORS: Final = frozenset({"admin", "editor", "buyer"})
"""Who keeps an organisation's profile, certificates and offerings."""


def roles_of(organisation: Organisation) -> tuple[str, ...]:
    """The roles somebody can have there, the mightiest first."""
    return PARTNER_ROLES if organisation.is_partner else FIRM_ROLES


def may_see_inside(viewer: Viewer, organisation: Organisation) -> bool:
    """Its members, drafts, certificates and messages."""
    return viewer.is_operator or viewer.acts_for(organisation.id)


def may_edit(viewer: Viewer, organisation: Organisation) -> bool:
    """Its profile, certificates and offerings; the operator on its behalf."""
    return viewer.is_operator or viewer.acts_for(organisation.id, *EDITORS)


def may_manage(viewer: Viewer, organisation: Organisation) -> bool:
    """Its people and their roles."""
    return viewer.is_operator or viewer.acts_for(organisation.id, "admin")


def visible_members(viewer: Viewer) -> Select[Member]:
    """Members of one's own organisation; all for the operator."""
    members = select(Member).join(Member.person).where(Member.ended_at.is_(None))
    return members if viewer.is_operator else members.where(Member.organisation_id == (viewer.organisation_id or 0))
