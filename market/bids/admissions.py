"""A late bid of one firm, let in by a link that works once: proposed by one of the buyer, confirmed by another.

Only where the need has said so before its publication (`late_policy`), only after the deadline and only before anybody
has begun to open. All who follow the need hear of it at once, with the reason and without the firm's name; until the
link is over nothing is opened.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from market import journal
from market.accounts import people
from market.accounts.models import Organisation, Person
from market.bids import letters, lifecycle, log, sealing, tenders
from market.bids.keys import keys_of
from market.bids.late_models import Admission
from market.bids.lifecycle import ADMISSIONS, RUNNING
from market.bids.models import Bid, Seal
from market.bids.rules import BIDDERS, is_theirs
from market.errors import Conflict
from market.i18n import N_
from market.needs import contents, questions
from market.needs import letters as need_letters
from market.needs import service as needs
from market.needs.models import Need
from market.needs.rules import APPROVERS, visible_needs
from market.values import fold
from market.viewer import SYSTEM, Viewer

POLICY: Final = "link"
HOURS: Final = (4, 12, 24)
"""For how long a link can be good; the key process keeps its share back for no longer."""
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


def _held(session: Session, need: Need, now: datetime) -> Seal:
    """The need's seal, its row locked before anything is looked at. Raises Conflict where it is not the time."""
    seal = tenders.seal_of(session, need, lock=True)
    if need.bids_until is None or now < need.bids_until:
        raise Conflict(N_("The deadline is not over yet."), reason="early")
    if seal is None or not is_possible(session, need, now):
        raise Conflict(BEGUN, reason="open")
    return seal


def unfit(session: Session, need: Need, firm: Organisation) -> str:
    """Why this firm cannot be admitted; empty where it can. Whether it has a bid is not said: that is sealed, too."""
    if firm.verified_on is None or not firm.is_public or firm.id in need.buyers:
        return N_("Only a verified firm that does not buy here can be admitted.")
    member = Viewer("firm", "person", organisation_id=firm.id)
    if session.scalar(visible_needs(member).where(Need.id == need.id).with_only_columns(Need.id)) is None:
        return N_("This firm was not let in to this need, so it cannot bid late either.")
    if not people.with_roles(session, firm, BIDDERS):
        return N_("Nobody of this firm can sign in and bid. It has to take over its entry first.")
    if any(one.organisation_id == firm.id and one.state != "declined" for one in of_need(session, need)):
        return N_("This firm was named already: a firm gets one link.")
    return ""


def seconds(session: Session, need: Need, viewer: Viewer) -> list[Person]:
    """Who can confirm what the viewer proposes: as with an award those named to approve, else whoever may."""
    named = [role.person for role in contents.roles_of(session, need)["approver"]]
    others = named or people.with_roles(session, need.organisation, APPROVERS)
    return [person for person in others if person.id != viewer.person_id]


def propose(
    session: Session,
    viewer: Viewer,
    need: Need,
    firm: Organisation,
    reason: str,
    hours: int,
    now: datetime,
    base_url: str,
) -> Admission:
    """To the second person, who hears of it. Raises Conflict."""
    seal = _held(session, need, now)
    if fault := unfit(session, need, firm):
        raise Conflict(fault, reason="firm")
    asked = seconds(session, need, viewer)
    if not asked:
        raise Conflict(N_("A second person confirms, and nobody but you can. Have one named."), reason="alone")
    one = Admission(need=need, organisation=firm, reason=reason, hours=hours, state="proposed", proposed_at=now)
    one.proposed_by_id, one.proposed_by = viewer.person_id, people.name_of(session, viewer)
    session.add(one)
    session.flush()
    _noted(session, viewer, seal, one, "proposed", now, bidder=firm.ref, reason=reason)
    need_letters.to_people(session, need, "late_asked", asked, now, base_url, note=reason, page="/late")
    return one


def confirm(session: Session, viewer: Viewer, one: Admission, now: datetime, base_url: str) -> str:
    """The second person's word: the link goes out, all others hear of it. What the link is made of is returned and
    kept nowhere. Raises Conflict."""
    need = one.need
    seal = _held(session, need, now)
    session.refresh(one)
    if one.state != "proposed":
        raise Conflict(N_("This is decided already."), reason="decided")
    token, until = secrets.token_urlsafe(32), now + timedelta(hours=one.hours)
    _decided(session, viewer, one, "confirm", now)
    one.until, one.token_sha256 = until, _hash(token)
    _noted(session, viewer, seal, one, "admitted", now, **_mark(session, one), until=sealing.moment(until))
    letters.to_late(session, one, f"/late/{token}", now, base_url)
    others = [firm for firm in questions.followers(session, need) if firm.id != one.organisation_id]
    need_letters.to_firms(session, need, "late_admitted", others, now, base_url, note=one.reason)
    if seal.platform is not None:
        keys_of(session).hold(seal.ref, one.ref, until)
    return token


def decline(session: Session, viewer: Viewer, one: Admission, reason: str, now: datetime) -> None:
    """Nobody outside hears of what was not confirmed. Raises Conflict."""
    seal = tenders.seal_of(session, one.need, lock=True)
    session.refresh(one)
    _decided(session, viewer, one, "decline", now)
    one.ended_at, one.ended_reason = now, reason
    _noted(session, viewer, seal, one, "declined", now, reason=reason)


def revoke(session: Session, viewer: Viewer, one: Admission, reason: str, now: datetime, base_url: str) -> None:
    """Take the link back before its bid is in; the firm hears why, all others read it. Raises Conflict."""
    seal = tenders.seal_of(session, one.need, lock=True)
    session.refresh(one)
    _end(session, viewer, seal, one, "revoke", now, reason)
    letters.to_late(session, one, f"/needs/{one.need.ref}/bid", now, base_url)


def by_token(session: Session, token: str, viewer: Viewer) -> Admission | None:
    """What the link opens, over or not, for people of the firm it was made for."""
    one = session.scalar(select(Admission).where(Admission.token_sha256 == _hash(token)))
    return one if one is not None and viewer.acts_for(one.organisation_id) and not viewer.behalf_of else None


def redeem(session: Session, viewer: Viewer, one: Admission, now: datetime) -> None:
    """The link is followed, once: from here on the firm's people may hand in one bid. Raises Conflict."""
    seal = _held(session, one.need, now)
    session.refresh(one)
    if one.until is None or now >= one.until:
        raise Conflict(N_("This link is over."), reason="over")
    if _in_time(session, one.need, one.organisation_id):
        raise Conflict(COUNTS, reason="counts")
    one.state = lifecycle.after(one.state, "redeem", ADMISSIONS)
    one.redeemed_by_id, one.redeemed_at = viewer.person_id, now
    _noted(session, viewer, seal, one, "link followed", now)


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
    _end(session, viewer, seal, one, "use", now)


def due(session: Session, now: datetime) -> int:
    """Links whose time is over. The clock asks."""
    query = select(Admission).where(Admission.state.in_(RUNNING), Admission.until <= now - tenders.SETTLING)
    over = list(session.scalars(query))
    for one in over:
        _end(session, SYSTEM, tenders.seal_of(session, one.need, lock=True), one, "expire", now)
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
            _end(session, viewer, seal, one, "expire" if _is_over(one, now) else "lapse", now)


def _end(
    session: Session, viewer: Viewer, seal: Seal | None, one: Admission, move: str, now: datetime, reason: str = ""
) -> None:
    one.state = lifecycle.after(one.state, move, ADMISSIONS)
    one.ended_at, one.ended_reason = now, reason
    more = _mark(session, one) if move == "use" else {"reason": reason} if reason else {}
    _noted(session, viewer, seal, one, one.state, now, **more)
    if seal is not None and seal.platform is not None and move in ("use", "revoke"):
        keys_of(session).free(seal.ref, one.ref)


def _decided(session: Session, viewer: Viewer, one: Admission, move: str, now: datetime) -> None:
    one.state = lifecycle.after(one.state, move, ADMISSIONS)
    one.decided_by_id, one.decided_by, one.decided_at = viewer.person_id, people.name_of(session, viewer), now


def _noted(
    session: Session, viewer: Viewer, seal: Seal | None, one: Admission, what: str, now: datetime, **said: Any
) -> None:
    """In the chained log and in the journal."""
    if seal is not None:
        log.add(session, seal, {"what": f"late bid: {what}", "admission": one.ref, "bid": _bid(one)} | said, now)
    verb = f"bids.late_{what.replace(' ', '_')}"
    journal.record(session, viewer, verb, one, now, tell=(), data=said)


def _mark(session: Session, one: Admission) -> dict[str, Any]:
    """What stands beside a late bid for good."""
    named = [session.get(Person, id_ or 0) for id_ in (one.proposed_by_id, one.decided_by_id)]
    return {"bidder": one.organisation.ref, "reason": one.reason, "people": [who.ref if who else "" for who in named]}


def _bid(one: Admission) -> str:
    return one.bid.ref if one.bid is not None else ""


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def firms_named(session: Session, need: Need, name: str) -> Sequence[Organisation]:
    """Verified firms of this name; where none is called exactly so, those whose name has it in it."""
    wanted = fold(name)
    query = select(Organisation).where(Organisation.verified_on.is_not(None), Organisation.suspended_at.is_(None))
    query = query.where(Organisation.id.not_in(need.buyers), Organisation.search_text.contains(wanted, autoescape=True))
    found = [
        firm for firm in session.scalars(query.order_by(Organisation.name).limit(200)) if wanted in fold(firm.name)
    ]
    return [firm for firm in found if fold(firm.name) == wanted] or found


need_letters.EVENTS.update(
    late_asked=(
        N_("Please confirm a late bid: %(title)s"),
        N_("A colleague proposes to let one firm bid after the deadline. Nothing happens before you confirm it."),
    ),
    late_admitted=(
        N_("A late bid is admitted: %(title)s"),
        N_(
            "%(buyer)s lets one firm hand in a bid after the deadline, as this need says it may. Two people have"
            " decided so, and the bid is marked as late. Nothing was opened, and nothing is until the bid has come or"
            " its link is over. Every other firm that asks before the opening has to be treated alike."
        ),
    ),
)
needs.ON_MOVE.append(told)
