"""Who may bid, see bids and open them."""

from typing import Final

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import Session

from market.bids.models import Bid, BidFile, Opener, Seal
from market.files import rules as files
from market.files.models import File
from market.needs.models import Need, Role
from market.needs.rules import BUYERS
from market.viewer import Viewer

BIDDERS: Final = frozenset({"admin", "editor", "bidder", "buyer"})
FILE: Final = "bid"
"""Purpose of an attachment of an opened bid."""


def may_bid(viewer: Viewer, need: Need) -> bool:
    """For another organisation's need, in one's own name: nobody bids on behalf, since they would read the bid."""
    if viewer.organisation_id is None or viewer.behalf_of or viewer.is_operator:
        return False
    return viewer.organisation_id != need.organisation_id and viewer.acts_for(viewer.organisation_id, *BIDDERS)


def own_bids(viewer: Viewer) -> Select[Bid]:
    """All bids of one's own organisation, in whatever state."""
    return select(Bid).where(Bid.organisation_id == (viewer.organisation_id or 0))


def visible_bids(viewer: Viewer) -> Select[Bid]:
    """One's own, and what was opened for one's organisation: buyers all, others where they have a part."""
    me = viewer.organisation_id or 0
    part = exists().where(Role.need_id == Bid.need_id, Role.person_id == (viewer.person_id or 0))
    theirs = (Need.organisation_id == me) & Bid.state.in_(("opened", "unreadable"))
    if viewer.behalf_of or viewer.is_operator:  # prices are the buyer's affair
        return select(Bid).where(Bid.id == 0)
    if not viewer.acts_for(me, *BUYERS):
        theirs &= part
    return select(Bid).join(Bid.need).where(or_(Bid.organisation_id == me, theirs))


def visible_openings(viewer: Viewer) -> Select[Seal]:
    """Tenders the viewer is named to open."""
    named = exists().where(Opener.seal_id == Seal.id, Opener.person_id == (viewer.person_id or 0))
    return select(Seal).where(named)


def _of_a_bid(session: Session, viewer: Viewer, file: File) -> bool:
    query = visible_bids(viewer).where(exists().where(BidFile.bid_id == Bid.id, BidFile.file_id == file.id))
    return session.scalar(query.limit(1)) is not None


files.ONLY[FILE] = _of_a_bid
