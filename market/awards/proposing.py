"""Who is to get the work: proposed with reasons, given back or approved by a second person from the threshold on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from market import journal
from market.accounts import people
from market.accounts.models import Person
from market.awards import cases, deciding, letters, lifecycle, rules
from market.awards.cases import Case
from market.awards.grid import Cell, Row
from market.awards.models import Proposal, Share
from market.bids.models import Bid
from market.errors import Conflict
from market.i18n import N_
from market.needs import contents, release
from market.needs.models import Need
from market.needs.rules import APPROVERS
from market.viewer import Viewer

EXPLAIN: Final = N_("This bid stands before the one you chose. Write to its bidder why it does not win.")


@dataclass(frozen=True)
class Wanted:
    """One share of the work for one bid; neither lot nor item: the whole."""

    bid: Bid
    lot: str = ""
    item: str = ""


def latest(session: Session, need: Need) -> Proposal | None:
    query = select(Proposal).where(Proposal.need_id == need.id).order_by(Proposal.id.desc()).limit(1)
    return session.scalar(query)


def all_of(session: Session, need: Need) -> list[Proposal]:
    return list(session.scalars(select(Proposal).where(Proposal.need_id == need.id).order_by(Proposal.id)))


def shares_of(session: Session, proposal: Proposal) -> list[Share]:
    return list(session.scalars(select(Share).where(Share.proposal_id == proposal.id).order_by(Share.id)))


def wanted_of(shares: Sequence[Share]) -> list[Wanted]:
    return [Wanted(one.bid, one.lot.ref if one.lot else "", one.item.ref if one.item else "") for one in shares]


def fault(case: Case, form: str, wanted: Sequence[Wanted]) -> str:
    """Why it cannot be proposed so; empty where it can."""
    if form not in lifecycle.FORMS or (form == "none") != (not wanted):
        return N_("Choose who gets the work, or that nobody does.")
    if wanted and case.judged and not case.scored:
        return N_("First agree on the scores of every bid.")
    for one in wanted:
        lot = one.lot or _lot_of(case, one.item)
        if one.bid.ref in case.out(lot or None) or case.is_out(one.bid):
            return N_("A bid that misses a knock-out requirement cannot win.")
        if one.lot and one.bid.ref not in case.grid.bidders_of(one.lot):
            return N_("A lot goes to a bidder who has bid for it.")
        if one.item and case.grid.cell(one.item, one.bid.ref).price is None:
            return N_("A line goes to a bidder who has stated a price for it.")
    return ""


def _lot_of(case: Case, item: str) -> str:
    return next((one.lot.ref for one in case.items if one.ref == item and one.lot), "")


def lines(case: Case, wanted: Sequence[Wanted]) -> Iterator[tuple[Bid, Row, Cell]]:
    """Every item of what a bid is to get; those that are optional only where they are named."""
    for one in wanted:
        for section in case.grid.sections:
            for row, _ in section.rows:
                if one.item == row.ref or (not one.item and not row.optional and one.lot in ("", row.lot)):
                    yield one.bid, row, case.grid.cell(row.ref, one.bid.ref)


def value_cents(case: Case, wanted: Sequence[Wanted]) -> int | None:
    """What would be ordered; None where a line of it has no price."""
    amounts = [cell.amount for _, _, cell in lines(case, wanted)]
    known = [amount for amount in amounts if amount is not None]
    return int(sum(known) * 100) if case.items and len(known) == len(amounts) else None


def needs_second(session: Session, need: Need, cents: int | None) -> bool:
    """From the organisation's threshold on; an unknown value is not a small one, and a request for information orders
    nothing. The value the need was published with counts where it is the higher one."""
    if need.procedure == "information":
        return False
    known = [value for value in (cents, need.estimate_cents) if value is not None]
    return not known or cents is None or max(known) >= release.threshold(session, need.organisation_id)


def propose(
    session: Session,
    viewer: Viewer,
    need: Need,
    form: str,
    wanted: Sequence[Wanted],
    reason: str,
    answers: Mapping[str, Mapping[str, str]],
    now: datetime,
) -> Proposal:
    """Below the threshold it is decided at once, else the approvers are written to."""
    if need.stage != "evaluation":
        raise Conflict(N_("This need is not being evaluated."), reason="stage")
    before = latest(session, need)
    if before is not None and before.state == "proposed":
        raise Conflict(N_("A proposal waits for its decision already."), reason="waiting")
    case = cases.collect(session, need)
    if said := fault(case, form, wanted):
        raise Conflict(said, reason="unfit")
    if unexplained(case, wanted, answers):
        raise Conflict(EXPLAIN, reason="unexplained")
    cents = value_cents(case, wanted) if wanted else 0
    asked = approvers(session, need, viewer) if needs_second(session, need, cents) else None
    if asked == []:
        raise Conflict(
            N_("From this value on a second person approves, and nobody but you can. Have one named."), reason="alone"
        )
    proposal = Proposal(need=need, form=form, reason=reason, value_cents=cents, answers=_kept(answers))
    proposal.proposed_by_id, proposal.proposed_by = viewer.person_id, people.name_of(session, viewer)
    proposal.proposed_at, proposal.state = now, "proposed"
    session.add(proposal)
    session.flush()
    lots = {lot.ref: lot.id for lot in case.lots}
    items = {item.ref: item.id for item in case.items}
    session.add_all(
        Share(proposal_id=proposal.id, bid_id=one.bid.id, lot_id=lots.get(one.lot), item_id=items.get(one.item))
        for one in wanted
    )
    session.flush()
    data: dict[str, object] = {"form": form, "bids": sorted({one.bid.ref for one in wanted})}
    journal.record(session, viewer, "awards.proposed", proposal, now, tell=(), data=data)
    if asked is not None:
        letters.to_people(session, need, "proposed", asked, now)
    else:
        _decide(session, viewer, proposal, now)
    return proposal


def unexplained(case: Case, wanted: Sequence[Wanted], answers: Mapping[str, Mapping[str, str]]) -> set[str]:
    """Bids that stand before a winner and whose bidders would not hear why they do not win."""
    over = deciding.passed_over(case, [(one.bid.ref, one.lot or None) for one in wanted if not one.item])
    winners = {one.bid.ref for one in wanted}
    return {bid for bid in over - winners if not answers.get(bid, {}).get("note")}


def _kept(answers: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    return {bid: dict(said) for bid, said in answers.items()}


def approvers(session: Session, need: Need, viewer: Viewer) -> list[Person]:
    """Who is named to approve, but for oneself; else whoever may, as bids can be dearer than was thought."""
    named = [role.person for role in contents.roles_of(session, need)["approver"]]
    others = named or people.with_roles(session, need.organisation, APPROVERS)
    return [person for person in others if person.id != viewer.person_id]


def approve(session: Session, viewer: Viewer, proposal: Proposal, now: datetime) -> None:
    """The second person's word: from here on it is told. Raises Conflict where the bids do not allow it any more."""
    assert rules.may_approve(session, viewer, proposal)
    wanted = wanted_of(shares_of(session, proposal))
    if said := fault(cases.collect(session, proposal.need), proposal.form, wanted):
        raise Conflict(said, reason="unfit")
    _decide(session, viewer, proposal, now)


def _decide(session: Session, viewer: Viewer, proposal: Proposal, now: datetime) -> None:
    proposal.state = lifecycle.after(proposal.state, "approve")
    proposal.decided_by_id, proposal.decided_by = viewer.person_id, people.name_of(session, viewer)
    proposal.decided_at = now
    journal.record(session, viewer, "awards.approved", proposal, now, tell=())
    deciding.decide(session, viewer, proposal, now)


def give_back(session: Session, viewer: Viewer, proposal: Proposal, reason: str, now: datetime) -> None:
    """To whoever proposed it, with the reason; another proposal can follow."""
    proposal.state = lifecycle.after(proposal.state, "return")
    proposal.returned_reason, proposal.decided_at = reason, now
    proposal.decided_by_id, proposal.decided_by = viewer.person_id, people.name_of(session, viewer)
    journal.record(session, viewer, "awards.returned", proposal, now, tell=(), data={"reason": reason})
    back = session.get(Person, proposal.proposed_by_id or 0)
    if back is not None:
        letters.to_people(session, proposal.need, "returned", [back], now, reason)
