"""Who reads opened bids, judges them, proposes and approves. The operator has no part in it: prices are the buyer's."""

from typing import Final

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import Session

from market.awards.models import Decision, Declaration, Proposal
from market.bids import rules as bids
from market.bids.models import Bid, BidFile
from market.bids.rules import is_partners
from market.files import rules as files
from market.files.models import File
from market.needs.models import Need, PoolShare, Role
from market.needs.rules import APPROVERS, BUYERS
from market.viewer import Viewer

PARTS: Final = ("contact", "approver", "opener", "evaluator")
OPEN: Final = ("opened", "evaluation", "awarded", "unsuccessful", "completed", "cancelled")
"""Stages in which bids may have been read."""


def visible_evaluations(viewer: Viewer) -> Select[Need]:
    """Needs of one's own organisation whose bids one may read: buyers and approvers all, others with a part."""
    if viewer.behalf_of or viewer.is_operator:
        return select(Need).where(Need.id == 0)
    own = (Need.organisation_id == (viewer.organisation_id or 0)) & Need.stage.in_(("closed", *OPEN))
    if not viewer.acts_for(viewer.organisation_id or 0, *BUYERS, *APPROVERS):
        own &= exists().where(Role.need_id == Need.id, Role.person_id == (viewer.person_id or 0), Role.role.in_(PARTS))
    return select(Need).where(own)


def declaration_of(session: Session, viewer: Viewer, need: Need) -> Declaration | None:
    mine = (Declaration.need_id == need.id, Declaration.person_id == (viewer.person_id or 0))
    return session.scalar(select(Declaration).where(*mine))


def is_unbiased(declared: Declaration | None) -> bool:
    return declared is not None and not declared.conflict


def may_read(session: Session, viewer: Viewer, need: Need) -> bool:
    """Whoever has declared to have no interest of their own."""
    return is_unbiased(declaration_of(session, viewer, need)) and may_declare(session, viewer, need)


def may_read_along(viewer: Viewer, share: PoolShare) -> bool:
    """Buyers and approvers of a partner that has joined, once the offers are open and they have declared."""
    if viewer.behalf_of or viewer.is_operator or not share.need.is_shown or share.need.stage not in OPEN:
        return False
    return share.state == "joined" and viewer.acts_for(share.organisation_id, *BUYERS, *APPROVERS)


def may_declare(session: Session, viewer: Viewer, need: Need) -> bool:
    return session.scalar(visible_evaluations(viewer).where(Need.id == need.id)) is not None


def may_score(session: Session, viewer: Viewer, need: Need) -> bool:
    """The evaluators named, or where nobody is, every buyer."""
    named = set(session.scalars(select(Role.person_id).where(Role.need_id == need.id, Role.role == "evaluator")))
    return may_read(session, viewer, need) and (viewer.person_id in named if named else may_propose(viewer, need))


def may_propose(viewer: Viewer, need: Need) -> bool:
    """Begin the evaluation, settle scores, propose, complete: buyers. That they have declared is asked before."""
    return not viewer.is_operator and viewer.acts_for(need.organisation_id, *BUYERS)


def may_approve(session: Session, viewer: Viewer, proposal: Proposal) -> bool:
    """The second pair of eyes: an approver, never who proposed it, never who has an interest."""
    second = bids.approves(session, viewer, proposal.need) and viewer.person_id != proposal.proposed_by_id
    return second and may_read(session, viewer, proposal.need)


def visible_outcomes(viewer: Viewer) -> Select[Decision]:
    """Decisions about one's own organisation's bids and the joint ones it is part of, once they are told."""
    mine = (viewer.organisation_id or 0) if not (viewer.behalf_of or viewer.is_operator) else 0
    theirs = or_(Bid.organisation_id == mine, is_partners(mine))
    return select(Decision).join(Decision.bid).where(theirs, Decision.told_at.is_not(None))


_FILE = files.ONLY[bids.FILE]


def _of_a_bid(session: Session, viewer: Viewer, file: File) -> bool:
    """Attachments, too, are read by the people of a buyer after the declaration, by a bidder its own."""
    if not _FILE(session, viewer, file):
        return False
    bid = session.scalar(select(Bid).join(BidFile, BidFile.bid_id == Bid.id).where(BidFile.file_id == file.id))
    assert bid is not None
    if bid.need.organisation_id == viewer.organisation_id:
        return may_read(session, viewer, bid.need)
    return bid.organisation_id == viewer.organisation_id or is_unbiased(declaration_of(session, viewer, bid.need))


files.ONLY[bids.FILE] = _of_a_bid
