"""Who may bid, see bids and open them."""

from typing import Final

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.orm import Session

from market.accounts.models import Organisation
from market.accounts.people import SPEAKERS
from market.bids.late_models import Admission
from market.bids.models import Bid, BidFile, JointBid, Opener, Seal
from market.files import rules as files
from market.files.models import File
from market.needs.lifecycle import SEALED
from market.needs.models import Need, Role
from market.needs.rules import APPROVERS, BUYERS, pooled_with
from market.teams.models import Pair
from market.viewer import Viewer

BIDDERS: Final = SPEAKERS
OPENERS: Final = frozenset({"admin", "opener"})
"""Roles of a partner that can be named to open."""
FILE: Final = "bid"
"""Purpose of an attachment of an opened bid."""


def may_bid(viewer: Viewer, need: Need) -> bool:
    """For another organisation's need, in one's own name: nobody bids on behalf, since they would read the bid."""
    if viewer.organisation_id is None or viewer.behalf_of or viewer.is_operator:
        return False
    return viewer.organisation_id not in need.buyers and viewer.acts_for(viewer.organisation_id, *BIDDERS)


def own_bids(viewer: Viewer) -> Select[Bid]:
    """All bids of one's own organisation, in whatever state."""
    return select(Bid).where(Bid.organisation_id == (viewer.organisation_id or 0))


def is_partners(organisation_id: int) -> ColumnElement[bool]:
    """Of a bid: it is a joint one of which this firm, which has not handed it in, is still part."""
    pair = (Pair.id == JointBid.pair_id) & (Pair.partner_id == organisation_id) & (Pair.state == "agreed")
    return exists().where(JointBid.bid_id == Bid.id, pair)


def is_theirs(organisation_id: int) -> ColumnElement[bool]:
    """Of a bid: the firm has handed it in or is part of it."""
    return or_(Bid.organisation_id == organisation_id, is_partners(organisation_id))


def visible_bids(viewer: Viewer) -> Select[Bid]:
    """One's own, and what was opened for one's organisation or a need it has joined: buyers all, others where they
    have a part."""
    me = viewer.organisation_id or 0
    part = exists().where(Role.need_id == Bid.need_id, Role.person_id == (viewer.person_id or 0))
    theirs = or_(Need.organisation_id == me, pooled_with(me)) & Bid.state.in_(("opened", "unreadable"))
    if viewer.behalf_of or viewer.is_operator:  # prices are the buyer's affair
        return select(Bid).where(Bid.id == 0)
    if not viewer.acts_for(me, *BUYERS, *APPROVERS):
        theirs &= part
    return select(Bid).join(Bid.need).where(or_(Bid.organisation_id == me, theirs))


def may_extend(viewer: Viewer, need: Need) -> bool:
    """More time for all is the buyer's word, given by its buyers and admins; nobody gives it on their behalf."""
    return not viewer.is_operator and not viewer.behalf_of and viewer.acts_for(need.organisation_id, *BUYERS)


def may_admit(viewer: Viewer, need: Need) -> bool:
    """Proposes a late bid, or takes its link back: as more time for all, the buyer's word."""
    return may_extend(viewer, need)


def approves(session: Session, viewer: Viewer, need: Need) -> bool:
    """An approver of the buyer, or named as one for this need."""
    mine = (Role.need_id == need.id, Role.person_id == (viewer.person_id or 0), Role.role == "approver")
    named = viewer.acts_for(need.organisation_id) and session.scalar(select(Role.id).where(*mine)) is not None
    return viewer.acts_for(need.organisation_id, *APPROVERS) or named


def may_confirm_late(session: Session, viewer: Viewer, one: Admission) -> bool:
    """The second pair of eyes, never who proposed it and nobody on the buyer's behalf."""
    if viewer.is_operator or viewer.behalf_of or viewer.person_id == one.proposed_by_id:
        return False
    return approves(session, viewer, one.need)


def may_hold_key(viewer: Viewer, organisation: Organisation) -> bool:
    """An opening key is for members of a partner who can be named to open, each their own."""
    return organisation.is_partner and not viewer.behalf_of and viewer.acts_for(organisation.id, *OPENERS)


def visible_openings(viewer: Viewer) -> Select[Need]:
    """Sealed needs whose opening the viewer may see: one's own partner's, as a buyer or with a part in it."""
    if viewer.organisation_id is None or viewer.behalf_of:
        return select(Need).where(Need.id == 0)
    me = viewer.person_id or 0
    part = exists().where(Role.need_id == Need.id, Role.person_id == me)
    named = exists().where(Opener.seal_id == Seal.id, Seal.need_id == Need.id, Opener.person_id == me)
    query = select(Need).where(Need.organisation_id == viewer.organisation_id, Need.procedure.in_(SEALED))
    return query if viewer.acts_for(viewer.organisation_id, *BUYERS) else query.where(or_(part, named))


def may_open(session: Session, viewer: Viewer, seal: Seal) -> bool:
    """Named when the tender was sealed, and still with the partner."""
    if viewer.behalf_of or not viewer.acts_for(seal.need.organisation_id):
        return False
    named = select(Opener.id).where(Opener.seal_id == seal.id, Opener.person_id == (viewer.person_id or 0))
    return session.scalar(named) is not None


def _of_a_bid(session: Session, viewer: Viewer, file: File) -> bool:
    query = visible_bids(viewer).where(exists().where(BidFile.bid_id == Bid.id, BidFile.file_id == file.id))
    return session.scalar(query.limit(1)) is not None


files.ONLY[FILE] = _of_a_bid
