"""The answer to every bidder. A need is awarded with all of them, and is not complete before each one is told."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from market import journal
from market.awards import cases, letters, scoring
from market.awards.cases import Case
from market.awards.models import Decision, Proposal, Share
from market.bids import tenders
from market.bids.models import Bid
from market.errors import Conflict
from market.i18n import N_
from market.needs import service as needs
from market.needs.models import Need
from market.viewer import Viewer

ON_DECISION: Final[list[Callable[[Session, Decision, datetime], None]]] = []
"""Told of every answer in its transaction, once the letters are written."""


def of_need(session: Session, need: Need) -> dict[int, Decision]:
    """By bid."""
    session.flush()
    return {one.bid_id: one for one in session.scalars(select(Decision).where(Decision.need_id == need.id))}


def decide(session: Session, viewer: Viewer, proposal: Proposal, now: datetime) -> None:
    """An approved proposal becomes the answer to every bidder, and the need is awarded or ends without success."""
    need = proposal.need
    case = cases.collect(session, need)
    shares = list(session.scalars(select(Share).where(Share.proposal_id == proposal.id)))
    over = passed_over(case, [(one.bid.ref, one.lot.ref if one.lot else None) for one in shares if not one.item_id])
    for bid in cases.answered(session, need):
        own = [one for one in shares if one.bid_id == bid.id]
        outcome = _outcome(case, bid, own)
        said = proposal.answers.get(bid.ref, {})
        if bid.ref in over and outcome == "lost":
            reason = "otherwise"
        else:
            reason = _reason(case, bid, outcome, own, bool(shares), said.get("reason", ""))
        made = Decision(proposal=proposal, outcome=outcome, reason=reason, note=said.get("note", ""))
        _answer(session, viewer, made, bid, result_for(case, bid), now)
    needs.move(session, viewer, need, "award" if shares else "fail", now, {"proposal": proposal.ref})


def _outcome(case: Case, bid: Bid, shares: list[Share]) -> str:
    """Won is everything that was bid for; a part of it is a part."""
    if not shares:
        return "lost"
    if any(one.lot_id is None and one.item_id is None for one in shares):
        return "won"
    lots = {one.lot_id for one in shares if one.lot_id}
    items = {one.item_id for one in shares if one.item_id}
    for section in case.grid.sections:
        for row, _ in section.rows:
            if case.grid.cell(row.ref, bid.ref).price is None:
                continue
            item = next(one for one in case.items if one.ref == row.ref)
            if item.id not in items and item.lot_id not in lots:
                return "partly"
    return "won"


def passed_over(case: Case, given: Sequence[tuple[str, str | None]]) -> set[str]:
    """Bids that stand before the one that gets the whole (None) or a lot: they are owed a reason in words."""
    found = set()
    for bid, lot in given:
        ranks = {one.bid: one.rank for one in case.standings(lot) if one.rank is not None}
        found |= {other for other, rank in ranks.items() if bid in ranks and rank < ranks[bid]}
    return found


def _reason(case: Case, bid: Bid, outcome: str, own: Sequence[Share], awarded: bool, chosen: str) -> str:
    """Nobody is told to have been the best who was not."""
    if bid.state != cases.READ:
        return bid.state
    if outcome != "lost":
        lots = [one.lot.ref if one.lot else None for one in own]
        named = any(one.item_id for one in own)
        return "chosen" if named or passed_over(case, [(bid.ref, lot) for lot in lots]) else "best"
    return (chosen or usual_reason(case, bid)) if awarded else "nobody"


def usual_reason(case: Case, bid: Bid) -> str:
    """What the points say, until a person says otherwise."""
    if case.is_out(bid):
        return "knock_out"
    if case.judged:
        return "points"
    return "price"


def result_for(case: Case, bid: Bid) -> list[dict[str, Any]]:
    """The bidder's own points by what was compared; never another's."""
    if bid.state != cases.READ:
        return []
    found = []
    for lot in case.lots or (None,):
        ref = lot.ref if lot else None
        standings = case.standings(ref)
        own = next((one for one in standings if one.bid == bid.ref), None)
        if own is None or own.total is None:
            continue
        bands = scoring.bands({one.bid: one.rank for one in standings if one.rank is not None})
        rows = [
            {"title": one.title, "weight": one.weight, "points": str(_points(own, one)), "is_price": one.is_price}
            for one in case.measures
        ]
        found.append(
            {
                "lot": lot.place if lot else None,
                "title": lot.title if lot else "",
                "rows": rows,
                "total": str(own.total),
                "band": bands.get(bid.ref, ""),
            }
        )
    return found


def _points(own: scoring.Standing, one: scoring.Measure) -> object:
    return (own.price or 0) if one.is_price else own.quality[one.ref]


def _answer(
    session: Session, viewer: Viewer, decision: Decision, bid: Bid, result: list[dict[str, Any]], now: datetime
) -> None:
    """Written and told in one transaction: the page of the outcome and a letter to everybody who bid for the firm."""
    decision.need, decision.bid, decision.result, decision.at = bid.need, bid, result, now
    session.add(decision)
    session.flush()
    data: dict[str, object] = {"bid": bid.ref, "outcome": decision.outcome, "reason": decision.reason}
    journal.record(session, viewer, "awards.decided", decision, now, tell=(), data=data)
    decision.letters = letters.to_bidder(session, decision, now)
    decision.told_at = now
    for told in ON_DECISION:
        told(session, decision, now)


def unanswered(session: Session, need: Need) -> list[Bid]:
    """Bidders who have not heard."""
    told = {bid for bid, decision in of_need(session, need).items() if decision.told_at is not None}
    return [bid for bid in cases.answered(session, need) if bid.id not in told]


def told(session: Session, viewer: Viewer, need: Need, move: str, now: datetime) -> None:
    """Of every move of a need: no award and no end without an answer to everybody."""
    if move in ("award", "fail", "complete") and unanswered(session, need):
        raise Conflict(N_("A bidder has no answer yet."), reason="unanswered")
    if move == "cancel":
        _cancelled(session, viewer, need, now)


def _cancelled(session: Session, viewer: Viewer, need: Need, now: datetime) -> None:
    """Whoever had bid hears it as a bidder, whether the bid was opened or not."""
    for bid in cases.answered(session, need):
        if bid.state != "lapsed":
            tenders.move(session, viewer, bid, "void", now)
    session.flush()
    known = of_need(session, need)
    query = select(Bid).where(Bid.need_id == need.id, Bid.state.in_(("void", "lapsed"))).order_by(Bid.id)
    for bid in session.scalars(query):
        if bid.id not in known:
            made = Decision(outcome="cancelled", reason="cancelled", note=need.cancelled_reason)
            _answer(session, viewer, made, bid, [], now)


needs.ON_MOVE.append(told)
