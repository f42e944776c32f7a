"""Everything there is to compare about a need, read once: bids, grid, requirements, scores. The one place that reads
what a bid says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.accounts.models import Organisation
from market.awards import grid, scoring
from market.awards.models import Agreed, Ruling
from market.bids.contents import Answer, Content, Joint
from market.bids.contents import of as read
from market.bids.joint import firms_of, who_counts
from market.bids.models import Bid
from market.bids.terms import meets
from market.certificates.models import Certificate
from market.needs import contents, effort
from market.needs.models import Need
from market.needs.parts import Criterion, Item, Lot, Requirement
from market.values import local_day

MET, MISSED, UNKNOWN = "met", "missed", "unknown"
READ: Final = "opened"
ANSWERED: Final = ("opened", "unreadable", "lapsed")
"""States of bids whose bidders get a decision."""


@dataclass(frozen=True)
class Verdict:
    """About one requirement and bid; `ruling` where a person has said so."""

    state: str
    value: Any = None
    statement: str = ""
    ruling: Ruling | None = None
    holder: str = ""
    """Of a joint bid, the firm whose wallet has the certificate."""


@dataclass(frozen=True)
class Case:
    need: Need
    bids: Sequence[Bid]
    """Those that were read."""
    lots: Sequence[Lot]
    items: Sequence[Item]
    requirements: Sequence[Requirement]
    criteria: Sequence[Criterion]
    grid: grid.Grid
    verdicts: Mapping[tuple[str, str], Verdict]
    """By bid and requirement; a requirement of a lot that is not bid for has none."""
    agreed: Mapping[str, Mapping[str, Decimal]]
    """Scores by bid and criterion."""
    said: Mapping[str, Content]
    """By bid, everything it says."""

    @property
    def measures(self) -> Sequence[scoring.Measure]:
        found = [scoring.Measure(one.ref, one.title, one.weight, one.is_price) for one in self.criteria]
        return found or (scoring.ONLY_PRICE if self.items else ())

    @property
    def judged(self) -> Sequence[Criterion]:
        """Criteria that people give scores for."""
        return [one for one in self.criteria if not one.is_price]

    def out(self, lot: str | None = None) -> set[str]:
        """Bids that miss a knock-out requirement of the whole need or of this lot."""
        asked = [one for one in self.requirements if one.knock_out and (one.lot is None or one.lot.ref == lot)]
        if lot is None and not self.lots:
            asked = [one for one in self.requirements if one.knock_out]
        return {
            bid.ref
            for bid in self.bids
            for one in asked
            if (verdict := self.verdicts.get((bid.ref, one.ref))) and verdict.state != MET
        }

    def standings(self, lot: str | None = None) -> list[scoring.Standing]:
        """Of the whole, or of those who bid for a lot."""
        sums = self.grid.sums_of(lot)
        if lot is not None:
            sums = {bid: sums[bid] for bid in self.grid.bidders_of(lot)}
        return scoring.stand(self.measures, sums, self.agreed, self.out(lot))

    @property
    def scored(self) -> bool:
        """Every bid that is in has an agreed score for every criterion."""
        wanted = {one.ref for one in self.judged}
        return all(wanted <= set(self.agreed.get(bid.ref, {})) for bid in self.to_score)

    @property
    def to_score(self) -> Sequence[Bid]:
        """Bids that are still in, wherever they bid."""
        return [bid for bid in self.bids if not self.is_out(bid)]

    def is_out(self, bid: Bid) -> bool:
        """Out of everything it bids for."""
        if bid.ref in self.out():
            return True
        bid_for = [lot.ref for lot in self.lots if bid.ref in self.grid.bidders_of(lot.ref)]
        return bool(bid_for) and all(bid.ref in self.out(lot) for lot in bid_for)


def answered(session: Session, need: Need) -> list[Bid]:
    """Every bid whose bidder is owed a decision, the first one first."""
    query = select(Bid).where(Bid.need_id == need.id, Bid.state.in_(ANSWERED))
    return list(session.scalars(query.order_by(Bid.received_at, Bid.id)))


def collect(session: Session, need: Need) -> Case:
    lots, items = contents.lots_of(session, need), contents.items_of(session, need)
    bids = [bid for bid in answered(session, need) if bid.state == READ]
    requirements = contents.requirements_of(session, need)
    criteria = contents.criteria_of(session, need)
    rows = [
        grid.Row(
            one.ref,
            one.title,
            Decimal(str(one.quantity)),
            one.unit,
            one.lot.ref if one.lot else "",
            one.optional,
        )
        for one in items
    ]
    said = {bid.ref: read(bid.content) for bid in bids}
    offers = [offer_of(bid, said[bid.ref], rows) for bid in bids]
    parts = [grid.Part(lot.ref, lot.place, lot.title) for lot in lots]
    return Case(
        need,
        bids,
        lots,
        items,
        requirements,
        criteria,
        grid.build(parts, rows, offers),
        _verdicts(session, need, bids, said, offers, requirements, items),
        _agreed(session, bids, criteria),
        said,
    )


def offer_of(bid: Bid, said: Content, rows: Sequence[grid.Row]) -> grid.Offer:
    """What a bid asks for; the lots it names, or those it has prices in."""
    known = {row.ref: row.lot for row in rows}
    prices = {ref: line.price for ref, line in said.lines.items() if ref in known and line.price is not None}
    lots = said.lots or {known[ref] for ref in prices}
    return grid.Offer(bid.ref, bid.bidder, prices, frozenset(lots))


def _verdicts(
    session: Session,
    need: Need,
    bids: Sequence[Bid],
    contents_of: Mapping[str, Content],
    offers: Sequence[grid.Offer],
    requirements: Sequence[Requirement],
    items: Sequence[Item],
) -> dict[tuple[str, str], Verdict]:
    day, wallets = day_of(need), {bid.ref: firms_of(session, bid, contents_of[bid.ref].joint) for bid in bids}
    rulings = {
        (row.bid_id, row.requirement_id): row
        for row in session.scalars(select(Ruling).where(Ruling.bid_id.in_([bid.id for bid in bids])))
    }
    found = {}
    for bid, offer in zip(bids, offers, strict=True):
        for one in requirements:
            if one.lot is not None and one.lot.ref not in offer.lots:
                continue
            answer = contents_of[bid.ref].requirements.get(one.ref, Answer())
            ruling = rulings.get((bid.id, one.id))
            holder = _holder(session, wallets[bid.ref], contents_of[bid.ref].joint, one, items, day)
            state = _judged(one, answer, holder)
            if ruling is not None:
                state = MET if ruling.met else MISSED
            whose = holder.name if holder and contents_of[bid.ref].joint else ""
            found[bid.ref, one.ref] = Verdict(state, answer.value, answer.statement, ruling, whose)
    return found


def _holder(
    session: Session,
    firms: Mapping[str, Organisation],
    joint: Joint | None,
    one: Requirement,
    items: Sequence[Item],
    day: date,
) -> Organisation | None:
    """The firm whose wallet proves a certificate; of a joint bid only one that `who_counts`."""
    if one.type != "certificate":
        return None
    counts = who_counts(joint, one, items) if joint else list(firms)
    return next((firms[ref] for ref in counts if ref in firms and holds(session, firms[ref].id, one, day)), None)


def _judged(one: Requirement, answer: Answer, holder: Organisation | None) -> str:
    """A certificate is met where a wallet has it: that somebody says so is not enough, that somebody denies it is."""
    if one.type == "certificate":
        if holder is not None:
            return MET
        return MISSED if answer.value is False else UNKNOWN
    met = meets(one, answer)
    return UNKNOWN if met is None else MET if met else MISSED


def day_of(need: Need) -> date:
    """On which proofs have to be valid: when the work begins, else when bids were due."""
    return need.execution_from or local_day(need.bids_until or need.updated_at)


def holds(session: Session, organisation_id: int, asked: Requirement, day: date) -> bool:
    """Whether the wallet has what is asked for, seen by us and valid on the day."""
    verified = (Certificate.organisation_id == organisation_id, Certificate.state == "verified")
    query = select(Certificate).where(*verified, Certificate.type == str(asked.limits.get("type", "")))
    return any(effort.covers(one, effort.code_of(asked), day) for one in session.scalars(query))


def _agreed(session: Session, bids: Sequence[Bid], criteria: Sequence[Criterion]) -> dict[str, dict[str, Decimal]]:
    by_bid, by_criterion = {bid.id: bid.ref for bid in bids}, {one.id: one.ref for one in criteria}
    found: dict[str, dict[str, Decimal]] = {bid.ref: {} for bid in bids}
    for row in session.scalars(select(Agreed).where(Agreed.bid_id.in_(by_bid))):
        found[by_bid[row.bid_id]][by_criterion[row.criterion_id]] = Decimal(str(row.points))
    return found
