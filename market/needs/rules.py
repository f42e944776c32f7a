"""Who may see and change needs, as predicates and as conditions for queries."""

from typing import Final

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, true

from market.accounts.models import Organisation
from market.needs import lifecycle
from market.needs.models import Invitation, Need, PoolShare
from market.viewer import ANONYMOUS, Viewer

BUYERS: Final = frozenset({"admin", "buyer"})
"""Roles of a partner that draft and keep needs."""
APPROVERS: Final = frozenset({"admin", "approver"})


def is_open(viewer: Viewer = ANONYMOUS) -> ColumnElement[bool]:
    """In the search and on the list of tenders: published, not closed, and for this viewer. Needs the organisation
    joined."""
    return (Need.stage == "published") & Organisation.suspended_at.is_(None) & _let_in(viewer)


def visible(viewer: Viewer = ANONYMOUS) -> Select[Need]:
    """Open needs, the nearest deadline first, those without one last."""
    query = select(Need).join(Need.organisation).where(is_open(viewer))
    return query.order_by(Need.bids_until.is_(None), Need.bids_until, Need.id)


def visible_needs(viewer: Viewer) -> Select[Need]:
    """Everything the viewer may know of: one's own in every stage, the others' from publication on as their
    visibility lets in; the operator's eyes are open."""
    query = select(Need).join(Need.organisation)
    if viewer.is_operator:
        return query
    was_out = and_(Need.stage == "cancelled", Need.published_at.is_not(None))
    shown = and_(or_(Need.stage.in_(lifecycle.SHOWN), was_out), Organisation.suspended_at.is_(None), _let_in(viewer))
    return query.where(or_(shown, Need.organisation_id == (viewer.organisation_id or 0)))


def _let_in(viewer: Viewer) -> ColumnElement[bool]:
    """By visibility: everybody, firms that are verified, those invited (to whichever) and one's own."""
    public = Need.visibility == "public"
    if viewer.is_operator:
        return true()
    if viewer.organisation_id is None:
        return public
    me = viewer.organisation_id
    verified = exists().where(
        Organisation.id == me, Organisation.verified_on.is_not(None), Organisation.suspended_at.is_(None)
    )
    invited = exists().where(Invitation.need_id == Need.id, Invitation.organisation_id == me)
    return or_(
        public,
        and_(Need.visibility == "verified", verified.correlate(Need)),
        invited.correlate(Need),
        Need.organisation_id == me,
        pooled_with(me),
    )


def pooled_with(organisation_id: int) -> ColumnElement[bool]:
    """Needs of others this partner has joined with a quantity of its own."""
    mine = (PoolShare.organisation_id == organisation_id, PoolShare.state == "joined")
    return exists().where(PoolShare.need_id == Need.id, *mine).correlate(Need)


def visible_shares(viewer: Viewer) -> Select[PoolShare]:
    """What another partner has invited one's own to ask for together: all that is seen of it before publication."""
    query = select(PoolShare).join(PoolShare.need).where(PoolShare.organisation_id == (viewer.organisation_id or 0))
    return query.where(PoolShare.state.in_(("invited", "joined")))


def may_share(viewer: Viewer, share: PoolShare) -> bool:
    """Accepts, changes and ends its own part: buyers and admins of the partner itself, nobody on its behalf."""
    return not viewer.behalf_of and viewer.acts_for(share.organisation_id, *BUYERS)


def may_draft(viewer: Viewer, organisation: Organisation) -> bool:
    """Posts and keeps needs: buyers of a partner, the operator on its behalf."""
    if not organisation.is_partner:
        return False
    return viewer.is_operator or viewer.acts_for(organisation.id, *BUYERS)


def may_approve(viewer: Viewer, need: Need) -> bool:
    """The second pair of eyes: an approver who has not handed it in, and never the operator."""
    return viewer.acts_for(need.organisation_id, *APPROVERS) and viewer.person_id != need.submitted_by_id
