"""A late bid of one firm, let in by a link that works once: what is open, what follows from it, and how it ends.

Only where the need has said so before its publication (`late_policy`), only after the deadline and only before anybody
has begun to open. All who follow the need hear of it at once, with the reason and without the firm's name; until the
link is over nothing is opened.
"""

from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from market import journal
from market.accounts.models import Person
from market.bids import lifecycle, log, tenders
from market.bids.keys import keys_of
from market.bids.late_models import Admission
from market.bids.lifecycle import ADMISSIONS, RUNNING
from market.bids.models import Bid, Seal
from market.bids.rules import is_theirs
from market.errors import Conflict
from market.i18n import N_
from market.needs import service as needs
from market.needs.models import Need
from market.viewer import SYSTEM, Viewer

POLICY: Final = "link"
WAITS: Final = N_("A link for a late bid is open. Nothing is opened before it is used, over or taken back.")
BEGUN: Final = N_("The opening has begun. No bid is admitted any more.")
COUNTS: Final = N_("Your bid came in time and counts. Nothing takes its place after the deadline.")


def of_need(session: Session, need: Need) -> list[Admission]:
    """The oldest first."""
    if need.late_policy != POLICY:
        return []
    session.flush()
    return list(session.scalars(select(Admission).where(Admission.need_id == need.id).order_by(Admission.id)))


def known(session: Session, need: Need) -> list[Admission]:
    """What everybody hears of: those that two people have confirmed."""
    return [one for one in of_need(session, need) if one.until is not None]


def by_bid(session: Session, need: Need) -> dict[str, Admission]:
    """By the reference of the bid that came by it."""
    return {one.bid.ref: one for one in of_need(session, need) if one.bid is not None}


def running(session: Session, need: Need, now: datetime) -> Admission | None:
    """The one whose link ends last, of those by which a bid can still come or is being sealed."""
    open_ = [one for one in of_need(session, need) if one.state in RUNNING and not _is_over(one, now)]
    return max(open_, key=lambda one: one.until or now, default=None)


def _is_over(one: Admission, now: datetime) -> bool:
    return one.until is not None and now >= one.until + tenders.SETTLING


def refuse_running(session: Session, need: Need, now: datetime) -> None:
    """Raises Conflict while a late bid can still come."""
    if running(session, need, now) is not None:
        raise Conflict(WAITS, reason="late")


def is_possible(session: Session, need: Need, now: datetime) -> bool:
    """After the deadline, and before somebody has given their part of an opening or begun to evaluate."""
    over = need.bids_until is not None and now >= need.bids_until
    if need.late_policy != POLICY or not over or need.stage not in ("published", "closed"):
        return False
    seal = tenders.seal_of(session, need)
    if seal is None:  # nobody has begun a bid where no two people open: the key is made when it is needed
        return not need.sealed
    return seal.wrapped is not None and seal.giver_id is None


def held(session: Session, need: Need, now: datetime) -> Seal:
    """The need's seal, its row locked before anything is looked at. Raises Conflict where it is not the time."""
    seal = tenders.seal_of(session, need, lock=True)
    if need.bids_until is None or now < need.bids_until:
        raise Conflict(N_("The deadline is not over yet."), reason="early")
    if seal is None or not is_possible(session, need, now):
        raise Conflict(BEGUN, reason="open")
    return seal


def by_token(session: Session, token: str, viewer: Viewer) -> Admission | None:
    """What the link opens, over or not, for people of the firm it was made for."""
    one = session.scalar(select(Admission).where(Admission.token_sha256 == hashed(token)))
    return one if one is not None and viewer.acts_for(one.organisation_id) and not viewer.behalf_of else None


def redeem(session: Session, viewer: Viewer, one: Admission, now: datetime) -> None:
    """The link is followed, once: from here on the firm's people may hand in one bid. Raises Conflict."""
    seal = held(session, one.need, now)
    session.refresh(one)
    if one.until is None or now >= one.until:
        raise Conflict(N_("This link is over."), reason="over")
    if _in_time(session, one.need, one.organisation_id):
        raise Conflict(COUNTS, reason="counts")
    one.state = lifecycle.after(one.state, "redeem", ADMISSIONS)
    one.redeemed_by_id, one.redeemed_at = viewer.person_id, now
    noted(session, viewer, seal, one, "link followed", now)


def lets_in(session: Session, need: Need, organisation_id: int | None, at: datetime) -> Admission | None:
    """By which what the firm has sent until `at` counts, though the deadline is over."""
    if organisation_id is None or not is_possible(session, need, at) or _in_time(session, need, organisation_id):
        return None
    mine = [one for one in of_need(session, need) if one.organisation_id == organisation_id]
    return next((one for one in mine if one.state == "redeemed" and one.until and at < one.until), None)


def _in_time(session: Session, need: Need, organisation_id: int) -> bool:
    """Whether a bid of the firm counts that came before the deadline, its own or one it is part of."""
    query = select(Bid.id).where(Bid.need_id == need.id, is_theirs(organisation_id))
    return session.scalar(query.where(Bid.state == "submitted")) is not None


def use(session: Session, viewer: Viewer, seal: Seal, one: Admission, bid: Bid, now: datetime) -> None:
    """Its bid is in: that ends it. The seal's row is held."""
    one.bid = bid
    end(session, viewer, seal, one, "use", now)


def due(session: Session, now: datetime) -> int:
    """Links whose time is over. The clock asks."""
    query = select(Admission).where(Admission.state.in_(RUNNING), Admission.until <= now - tenders.SETTLING)
    over = list(session.scalars(query))
    for one in over:
        end(session, SYSTEM, tenders.seal_of(session, one.need, lock=True), one, "expire", now)
    return len(over)


def told(session: Session, viewer: Viewer, need: Need, move: str, now: datetime) -> None:
    """Of every move of a need: what was not used by then ends with it. Raises Conflict before that."""
    if move not in ("open", "evaluate", "cancel") or need.late_policy != POLICY:
        return
    if move != "cancel":
        refuse_running(session, need, now)
    seal = tenders.seal_of(session, need, lock=True)
    for one in of_need(session, need):
        if one.state in RUNNING or one.state == "proposed":
            end(session, viewer, seal, one, "expire" if _is_over(one, now) else "lapse", now)


def end(
    session: Session, viewer: Viewer, seal: Seal | None, one: Admission, move: str, now: datetime, reason: str = ""
) -> None:
    one.state = lifecycle.after(one.state, move, ADMISSIONS)
    one.ended_at, one.ended_reason = now, reason
    more = mark(session, one) if move == "use" else {"reason": reason} if reason else {}
    noted(session, viewer, seal, one, one.state, now, **more)
    if seal is not None and seal.platform is not None and move in ("use", "revoke"):
        keys_of(session).free(seal.ref, one.ref)


def noted(
    session: Session, viewer: Viewer, seal: Seal | None, one: Admission, what: str, now: datetime, **said: Any
) -> None:
    """In the chained log and in the journal."""
    if seal is not None:
        log.add(session, seal, {"what": f"late bid: {what}", "admission": one.ref, "bid": _bid(one)} | said, now)
    verb = f"bids.late_{what.replace(' ', '_')}"
    journal.record(session, viewer, verb, one, now, tell=(), data=said)


def mark(session: Session, one: Admission) -> dict[str, Any]:
    """What stands beside a late bid for good."""
    named = [session.get(Person, id_ or 0) for id_ in (one.proposed_by_id, one.decided_by_id)]
    return {"bidder": one.organisation.ref, "reason": one.reason, "people": [who.ref if who else "" for who in named]}


def _bid(one: Admission) -> str:
    return one.bid.ref if one.bid is not None else ""


def hashed(token: str) -> str:
    return sha256(token.encode()).hexdigest()


needs.ON_MOVE.append(told)
