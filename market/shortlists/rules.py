"""Who sees which lists. Every member keeps and notes, readers too: a list decides nothing."""

from sqlalchemy import ColumnElement, Select, false, select

from market.shortlists.models import Item, Shortlist
from market.viewer import Viewer


def own(viewer: Viewer) -> ColumnElement[bool]:
    """Lists of the organisation the viewer is a member of; of somebody without one the own lists.

    An operator who acts on behalf of a firm is no member and sees none of its lists.
    """
    if not viewer.is_signed_in:
        return false()
    if viewer.organisation_id is None or viewer.behalf_of:
        return Shortlist.organisation_id.is_(None) & (Shortlist.person_id == viewer.person_id)
    return Shortlist.organisation_id == viewer.organisation_id


def visible(viewer: Viewer) -> Select[Shortlist]:
    return select(Shortlist).where(own(viewer))


def visible_items(viewer: Viewer) -> Select[Item]:
    """What stands on the viewer's lists now."""
    return select(Item).join(Item.shortlist).where(own(viewer), Item.removed_at.is_(None))
