"""A bid of two firms: what of their agreement is sealed in it, whose certificates prove what, and what becomes of it
when one of them takes its word back.

The lead hands in, and its bid is the one the platform knows; that it is for two stands beside it, who does what only in
what is sealed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.accounts import service as accounts
from market.accounts.models import Organisation
from market.bids import admissions, contents, letters, own, tenders
from market.bids.contents import Content, Faults, Joint, Party
from market.bids.labels import exactly
from market.bids.lifecycle import LIVE
from market.bids.models import Bid
from market.bids.sealing import moment
from market.bids.terms import Terms, asked_by
from market.i18n import N_
from market.needs import effort
from market.needs.effort import Proofs
from market.needs.models import Need
from market.needs.parts import Item, Requirement
from market.teams import pair_views, pairs
from market.teams.models import Pair
from market.teams.service import UNNAMED
from market.web.endpoint import Call

FIELD: Final = "pair"
OFF: Final = N_("%(firm)s has taken its consent back. Take the tick out to bid alone, or agree anew.")
OVER: Final = N_("What you had agreed with %(firm)s is over. Take the tick out to bid alone, or agree anew.")
UNFIT: Final = N_(
    "%(firm)s is not checked at present, so it cannot be part of a bid. Take the agreement back to bid alone."
)
BOTH: Final = N_("You have agreed to bid for this together with %(firm)s: do so, or take your consent back first.")
NOTHING: Final = N_("Of what you bid for now, one of you does nothing. Choose the lots you have agreed on.")
TWICE: Final = N_(
    "For this you have given %(firm)s your word for a joint bid: nobody bids twice for the same. Leave it out, or take "
    "your word back first."
)
UNCONFIRMED: Final = (N_("Not confirmed"), "warn")
"""For both firms: the lead alone can mend it."""
ALONE: Final = N_("You have handed in a bid of your own. Withdraw it first, for nobody can see what it is for.")


def of_firm(session: Session, need: Need, firm: Organisation, kept: dict[str, Any]) -> Pair | None:
    """What its form is about: the agreement that counts, else the one the draft was written for, or the word the firm
    has given as a partner."""
    known = pairs.with_firm(session, need, firm.id)
    given = [one for one in known if one.state == "agreed"]
    given += [one for one in known if one.ref == kept.get(FIELD) and one.lead_id == firm.id]
    given += [one for one in known if one.state == "proposed" and one.proposer_id == firm.id == one.partner_id]
    return next(iter(given), None)


def is_ticked(pair: Pair | None, kept: dict[str, Any]) -> bool:
    """A draft that was not asked yet is a joint bid where there is an agreement."""
    return pair is not None and kept.get(FIELD, pair.ref) == pair.ref


def inside(session: Session, pair: Pair | None, firm: Organisation, content: Content, terms: Terms) -> Joint | None:
    """What goes into the bid of the lead: of what is agreed that which is bid for."""
    if pair is None or not pair.stands or pair.lead_id != firm.id:
        return None
    told, open_ = pairs.tasks_of(session, pair), _parts(content, terms)
    lead, partner = (
        Party(one.ref, one.name, task.role, tuple(part for part in task.parts if part in open_))
        for one, task in ((pair.lead, told.lead), (pair.partner, told.partner))
    )
    consented = pair.answered_at if pair.proposer_id == pair.lead_id else pair.proposed_at
    return Joint(lead, partner, moment(consented or pair.proposed_at))


def _parts(content: Content, terms: Terms) -> set[str]:
    """References of the lots that are bid for, and of their items."""
    lots = {None, *(lot.id for lot in terms.lots if lot.ref in content.lots)}
    return {*content.lots, *(item.ref for item in terms.items if item.lot_id in lots)}


def faults(
    session: Session, pair: Pair | None, firm: Organisation, kept: dict[str, Any], content: Content, terms: Terms
) -> Faults:
    """Why a firm cannot hand in, as far as an agreement with another stands against it."""
    if pair is None:
        return {}
    ticked, other = is_ticked(pair, kept), dict[str, object](firm=pair.other(firm.id).name)
    shared = _is_shared(session, pair, content, terms)
    if pair.partner_id == firm.id:
        return {FIELD: (TWICE, other)} if shared else {}
    if pair.state != "agreed":
        ended_by_other = pair.ender_id is not None and pair.ender_id != firm.id
        return {FIELD: (OFF if ended_by_other else OVER, other)} if ticked else {}
    if not ticked:
        return {FIELD: (BOTH, other)} if shared else {}
    if not pair.stands:
        return {FIELD: (UNFIT, other)}
    found = inside(session, pair, firm, content, terms)
    return {} if found and all(party.parts for party in found.parties) else {FIELD: (NOTHING, {})}


def _is_shared(session: Session, pair: Pair, content: Content, terms: Terms) -> bool:
    """Whether something is bid for of a lot, or of what is in no lot, that the two do together."""
    told = pairs.tasks_of(session, pair)
    agreed = {*told.lead.parts, *told.partner.parts}
    of_items = {item.lot_id for item in terms.items if item.ref in agreed}
    lots = {lot.ref for lot in terms.lots if lot.ref in agreed or lot.id in of_items}
    return bool(lots & set(content.lots)) or None in of_items


def leaves_something(session: Session, pair: Pair, terms: Terms) -> bool:
    """Whether there is a lot, or something in none, that each of the two can still bid for alone."""
    choices = [Content(lots=(lot.ref,)) for lot in terms.lots]
    choices += [Content()] if any(item.lot_id is None for item in terms.items) else []
    return any(not _is_shared(session, pair, one, terms) for one in choices)


def who_counts(joint: Joint, asked: Requirement, items: Iterable[Item]) -> list[str]:
    """References of the firms whose certificate proves what is asked: for the whole need either; for a lot whoever does
    something of it, and the lead where it does the lot alone."""
    if asked.lot is None:
        return [party.firm for party in joint.parties]
    lot = {asked.lot.ref, *(item.ref for item in items if item.lot_id == asked.lot_id)}
    return [party.firm for party in joint.parties if lot & set(party.parts)] or [joint.lead.firm]


@dataclass(frozen=True)
class Wallets:
    """What the firms of a bid hold of what a need asks for."""

    proofs: dict[str, Proofs]
    """By reference of the firm, the one that hands in first."""
    joint: Joint | None = None
    names: dict[str, str] = field(default_factory=dict)

    def holder(self, asked: Requirement, items: Sequence[Item]) -> str:
        """Reference of the firm whose wallet has the certificate, where it proves what is said; empty for nobody."""
        counts = who_counts(self.joint, asked, items) if self.joint else list(self.proofs)
        return next((ref for ref in counts if effort.code_of(asked) not in self.proofs[ref].missing), "")

    @property
    def together(self) -> Proofs:
        first, *others = self.proofs.values()
        missing = [code for code in first.missing if all(code in other.missing for other in others)]
        return Proofs(first.wanted, missing, first.day)


def wallets(
    session: Session, need: Need, firm: Organisation, pair: Pair | None, joint: Joint | None, today: date
) -> Wallets:
    """The firm's own, and the partner's where it has consented."""
    firms = list(pair.firms) if pair is not None and joint is not None else [firm]
    found = {one.ref: effort.proofs(session, one.id, [need], today)[0] for one in firms}
    return Wallets(found, joint, {one.ref: one.name for one in firms})


def firms_of(session: Session, bid: Bid, joint: Joint | None) -> dict[str, Organisation]:
    """Whose bid it is, by reference, as far as they are still here."""
    if joint is None:
        return {bid.organisation.ref: bid.organisation}
    query = select(Organisation).where(Organisation.ref.in_([party.firm for party in joint.parties]))
    return {firm.ref: firm for firm in session.scalars(query)}


def holds(bid: Bid) -> bool:
    """Of a joint bid, whether the two still agree; any other holds by itself."""
    return bid.pair is None or bid.pair.stands


def _has_own_bid(session: Session, pair: Pair, organisation_id: int) -> str:
    """What a partner has handed in alone is sealed, so nobody can tell whether it is for the same. The lead's own is
    replaced by the joint one."""
    mine = (Bid.need_id == pair.need.id, Bid.organisation_id == organisation_id, Bid.state.in_(LIVE))
    if organisation_id == pair.lead.id or session.scalar(select(Bid.id).where(*mine).limit(1)) is None:
        return ""
    return ALONE


def _ended(session: Session, pair: Pair, now: datetime) -> None:
    """What was handed in for both does not count as it stands: the lead hands in another, or it is not opened. After
    the deadline only an agreement ends under which nothing counts."""
    if not pair.need.takes_bids(now):
        return
    seal = tenders.seal_of(session, pair.need, lock=True)
    bid = next((one for one in own.of_pair(session, pair) if one.state in LIVE), None)
    if seal is None or bid is None:
        return
    session.refresh(bid)
    if bid.state == "submitted":
        tenders.move(session, UNNAMED, bid, "amend", now)
    letters.write(session, bid, "unjoined", now)


def _suspended(session: Session, organisation: Organisation, now: datetime) -> None:
    """The partner cannot be part of a bid any more; the lead has until the deadline."""
    query = select(Pair).where(Pair.partner_id == organisation.id, Pair.state == "agreed")
    for pair in session.scalars(query):
        if pair.need.takes_bids(now):
            _ended(session, pair, now)


def _ends_late(session: Session, pair: Pair, organisation_id: int, now: datetime) -> bool:
    """Whoever is admitted late can take its word back to bid alone: nothing that was handed in for both counts then.
    To the other its word holds, so that it learns nothing of whose the link is."""
    return admissions.lets_in(session, pair.need, organisation_id, now) is not None


def _ending(call: Call, pair: Pair) -> dict[str, Any]:
    return {"ends": _ends_late(call.session, pair, call.viewer.organisation_id or 0, call.now)}


def for_partner(call: Call, pair: Pair) -> dict[str, str]:
    """For the page of the need: who hands in for both, and whether it has."""
    bid = next(iter(own.of_pair(call.session, pair)), None)
    text = own.NOT_YET if bid is None else _state(call.session, bid)[0]
    return {"href": call.link("teams:show", ref=pair.need.ref), "lead": pair.lead.name, "state": call.words(text)}


def _state(session: Session, bid: Bid) -> tuple[str, str]:
    return UNCONFIRMED if bid.state == "needs_confirmation" else own.states_of(session, [bid])[bid.id]


def _handed(call: Call, pair: Pair) -> dict[str, Any]:
    """For the page of the two: that it is handed in, when, and its hash; once it is open what it says, if the lead
    shows it."""
    bid = next(iter(own.of_pair(call.session, pair)), None)
    if bid is None:
        return {}
    text, tone = _state(call.session, bid)
    at = exactly(call.words, bid.received_at)
    told = bool(own.told_of(call.session, [bid]))
    handed = {"state": call.words(text), "tone": tone, "at": at, "sha256": bid.sha256, "told": told}
    handed |= {"counts": bid.state in LIVE, "unconfirmed": bid.state == "needs_confirmation"}
    shown = bid.content and pair.shown_at is not None and call.viewer.organisation_id == pair.partner_id
    terms = asked_by(call.session, pair.need)
    return {"handed": handed, "said": own.in_words(call.words, contents.of(bid.content), terms) if shown else None}


pair_views.PARTS.extend((_handed, _ending))
pairs.REFUSALS.append(_has_own_bid)
pairs.ON_END.append(_ended)
pairs.LATER.append(_ends_late)
accounts.ON_SUSPEND.append(_suspended)
