"""Whom the buyer lets in late: one of its people proposes a firm, another confirms it or not; a link is taken back."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.accounts import people
from market.accounts.models import Organisation, Person
from market.bids import admissions, letters, lifecycle, sealing, tenders
from market.bids.keys import keys_of
from market.bids.late_models import Admission
from market.bids.lifecycle import ADMISSIONS
from market.bids.rules import BIDDERS
from market.errors import Conflict
from market.i18n import N_
from market.needs import contents, questions
from market.needs import letters as need_letters
from market.needs.models import Need
from market.needs.rules import APPROVERS, visible_needs
from market.values import fold
from market.viewer import Viewer

HOURS: Final = (4, 12, 24)
"""For how long a link can be good; the key process keeps its share back for no longer."""


def firms_named(session: Session, need: Need, name: str) -> Sequence[Organisation]:
    """Verified firms of this name; where none is called exactly so, those whose name has it in it."""
    wanted = fold(name)
    query = select(Organisation).where(Organisation.verified_on.is_not(None), Organisation.suspended_at.is_(None))
    query = query.where(Organisation.id.not_in(need.buyers), Organisation.search_text.contains(wanted, autoescape=True))
    found = [
        firm for firm in session.scalars(query.order_by(Organisation.name).limit(200)) if wanted in fold(firm.name)
    ]
    return [firm for firm in found if fold(firm.name) == wanted] or found


def unfit(session: Session, need: Need, firm: Organisation) -> str:
    """Why this firm cannot be admitted; empty where it can. Whether it has a bid is not said: that is sealed, too."""
    if firm.verified_on is None or not firm.is_public or firm.id in need.buyers:
        return N_("Only a verified firm that does not buy here can be admitted.")
    member = Viewer("firm", "person", organisation_id=firm.id)
    if session.scalar(visible_needs(member).where(Need.id == need.id).with_only_columns(Need.id)) is None:
        return N_("This firm was not let in to this need, so it cannot bid late either.")
    if not people.with_roles(session, firm, BIDDERS):
        return N_("Nobody of this firm can sign in and bid. It has to take over its entry first.")
    if any(one.organisation_id == firm.id and one.state != "declined" for one in admissions.of_need(session, need)):
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
    seal = admissions.held(session, need, now)
    if fault := unfit(session, need, firm):
        raise Conflict(fault, reason="firm")
    asked = seconds(session, need, viewer)
    if not asked:
        raise Conflict(N_("A second person confirms, and nobody but you can. Have one named."), reason="alone")
    one = Admission(need=need, organisation=firm, reason=reason, hours=hours, state="proposed", proposed_at=now)
    one.proposed_by_id, one.proposed_by = viewer.person_id, people.name_of(session, viewer)
    session.add(one)
    session.flush()
    admissions.noted(session, viewer, seal, one, "proposed", now, bidder=firm.ref, reason=reason)
    need_letters.to_people(session, need, "late_asked", asked, now, base_url, note=reason, page="/late")
    return one


def confirm(session: Session, viewer: Viewer, one: Admission, now: datetime, base_url: str) -> str:
    """The second person's word: the link goes out, all others hear of it. What the link is made of is returned and
    kept nowhere. Raises Conflict."""
    need = one.need
    seal = admissions.held(session, need, now)
    session.refresh(one)
    if one.state != "proposed":
        raise Conflict(N_("This is decided already."), reason="decided")
    token, until = secrets.token_urlsafe(32), now + timedelta(hours=one.hours)
    _decided(session, viewer, one, "confirm", now)
    one.until, one.token_sha256 = until, admissions.hashed(token)
    admissions.noted(
        session, viewer, seal, one, "admitted", now, **admissions.mark(session, one), until=sealing.moment(until)
    )
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
    admissions.noted(session, viewer, seal, one, "declined", now, reason=reason)


def revoke(session: Session, viewer: Viewer, one: Admission, reason: str, now: datetime, base_url: str) -> None:
    """Take the link back before its bid is in; the firm hears why, all others read it. Raises Conflict."""
    seal = tenders.seal_of(session, one.need, lock=True)
    session.refresh(one)
    admissions.end(session, viewer, seal, one, "revoke", now, reason)
    letters.to_late(session, one, f"/needs/{one.need.ref}/bid", now, base_url)


def _decided(session: Session, viewer: Viewer, one: Admission, move: str, now: datetime) -> None:
    one.state = lifecycle.after(one.state, move, ADMISSIONS)
    one.decided_by_id, one.decided_by, one.decided_at = viewer.person_id, people.name_of(session, viewer), now


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
