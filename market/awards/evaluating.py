"""From the opened bids to agreed scores: declarations, scores of each evaluator, rulings, the scores of all."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from market import journal
from market.accounts import people
from market.accounts.models import Member, Organisation, Person
from market.awards import cases
from market.awards.models import Agreed, Declaration, Ruling, Score, Sheet
from market.awards.rules import declaration_of
from market.awards.scoring import needs_reason
from market.bids import extensions
from market.bids.models import Bid
from market.errors import Conflict
from market.i18n import N_
from market.needs import service as needs
from market.needs.models import Need, Role
from market.needs.parts import Requirement
from market.viewer import Viewer

RELEASED: Final = "awards.evaluator_released"
Marks = Mapping[tuple[int, int], Decimal]
"""By bid and criterion."""


@dataclass(frozen=True)
class Evaluator:
    """Somebody who scores. `sheet` as far as it is begun."""

    name: str
    person_id: int | None
    sheet: Sheet | None

    @property
    def is_done(self) -> bool:
        return self.sheet is not None and self.sheet.handed_in_at is not None


def declare(session: Session, viewer: Viewer, need: Need, conflict: bool, note: str, now: datetime) -> Declaration:
    """Once; only from no interest to one that came up later. A conflict takes back what the person has scored."""
    declared = declaration_of(session, viewer, need)
    if declared is not None and (declared.conflict or not conflict):
        raise Conflict(N_("You have declared this already."), reason="declared")
    name = people.name_of(session, viewer)
    if viewer.organisation_id != need.organisation_id:  # of a partner that has joined
        name = f"{name} ({session.get_one(Organisation, viewer.organisation_id).name})"
    if declared is None:
        declared = Declaration(need=need, person_id=viewer.person_id)
        session.add(declared)
    declared.name, declared.conflict, declared.note, declared.at = name, conflict, note, now
    if conflict and (sheet := sheet_of(session, need, viewer.person_id)) is not None:
        session.execute(delete(Score).where(Score.sheet_id == sheet.id))
        session.delete(sheet)
    journal.record(session, viewer, "awards.declared", declared, now, tell=(), data={"conflict": conflict})
    return declared


def declarations(session: Session, need: Need) -> list[Declaration]:
    session.flush()
    query = select(Declaration).where(Declaration.need_id == need.id)
    return list(session.scalars(query.order_by(Declaration.at, Declaration.id)))


def begin(session: Session, viewer: Viewer, need: Need, now: datetime) -> None:
    """From opened (what was sealed) or closed (what never was) to the evaluation. Raises Conflict while more time for
    all is to be decided about."""
    extensions.refuse_undecided(session, need, now)
    needs.move(session, viewer, need, "evaluate", now)


def _in_evaluation(need: Need) -> None:
    if need.stage != "evaluation":
        raise Conflict(N_("This need is not being evaluated."), reason="stage")


# -- scores of one


def sheet_of(session: Session, need: Need, person_id: int | None) -> Sheet | None:
    return session.scalar(select(Sheet).where(Sheet.need_id == need.id, Sheet.person_id == (person_id or 0)))


def marks_of(session: Session, sheet: Sheet | None) -> dict[tuple[int, int], Decimal]:
    if sheet is None:
        return {}
    rows = session.scalars(select(Score).where(Score.sheet_id == sheet.id))
    return {(row.bid_id, row.criterion_id): Decimal(str(row.points)) for row in rows}


def save(session: Session, viewer: Viewer, need: Need, marks: Marks, now: datetime) -> Sheet:
    """What the evaluator thinks so far. Raises Conflict once it is handed in."""
    _in_evaluation(need)
    sheet = sheet_of(session, need, viewer.person_id)
    if sheet is None:
        sheet = Sheet(need=need, person_id=viewer.person_id, name=people.name_of(session, viewer), saved_at=now)
        session.add(sheet)
        session.flush()
    if sheet.handed_in_at is not None:
        raise Conflict(N_("Your scores are handed in. They stay as they are."), reason="handed-in")
    sheet.saved_at = now
    session.execute(delete(Score).where(Score.sheet_id == sheet.id))
    session.add_all(
        Score(sheet_id=sheet.id, bid_id=bid, criterion_id=criterion, points=float(points))
        for (bid, criterion), points in marks.items()
    )
    journal.record(session, viewer, "awards.scores_saved", sheet, now, tell=(), data={"scores": len(marks)})
    session.flush()
    return sheet


def hand_in(session: Session, viewer: Viewer, need: Need, marks: Marks, now: datetime) -> Sheet:
    """Final: from here on the others' scores are shown. Raises Conflict where one is missing."""
    case = cases.collect(session, need)
    wanted = {(bid.id, criterion.id) for bid in case.to_score for criterion in case.judged}
    if not wanted or wanted - set(marks):
        raise Conflict(N_("Give every bid a score for every criterion, then hand them in."), reason="missing")
    sheet = save(session, viewer, need, marks, now)
    sheet.handed_in_at = now
    journal.record(session, viewer, "awards.scores_handed_in", sheet, now, tell=())
    return sheet


def evaluators(session: Session, need: Need) -> list[Evaluator]:
    """Those named who are still members and have declared no interest, and whoever has handed in scores."""
    session.flush()
    sheets = {
        sheet.person_id or -sheet.id: sheet
        for sheet in session.scalars(select(Sheet).where(Sheet.need_id == need.id).order_by(Sheet.id))
    }
    query = select(Person).join(Role, Role.person_id == Person.id)
    query = query.join(Member, (Member.person_id == Person.id) & (Member.organisation_id == need.organisation_id))
    query = query.where(Role.need_id == need.id, Role.role == "evaluator", Member.ended_at.is_(None))
    out = {one.person_id for one in declarations(session, need) if one.conflict}
    named = {person.id: person.shown for person in session.scalars(query.order_by(Person.id))}
    found = [Evaluator(name, id_, sheets.get(id_)) for id_, name in named.items() if id_ not in out]
    more = [sheet for id_, sheet in sheets.items() if id_ not in named and sheet.handed_in_at is not None]
    return [*found, *(Evaluator(sheet.name, sheet.person_id, sheet) for sheet in more)]


def go_on_without(session: Session, viewer: Viewer, need: Need, person_id: int, reason: str, now: datetime) -> None:
    """Somebody named does not get to it: no longer waited for, and what was begun goes. Journal and record keep why."""
    _in_evaluation(need)
    query = select(Role).where(Role.need_id == need.id, Role.person_id == person_id, Role.role == "evaluator")
    role, sheet = session.scalar(query), sheet_of(session, need, person_id)
    if role is None or (sheet is not None and sheet.handed_in_at is not None):
        raise Conflict(N_("This person has handed in their scores, or is not named."), reason="done")
    if sheet is not None:
        session.execute(delete(Score).where(Score.sheet_id == sheet.id))
        session.delete(sheet)
    session.delete(role)
    data: dict[str, object] = {"person": role.person.ref, "reason": reason}
    journal.record(session, viewer, RELEASED, need, now, tell=(), data=data)
    session.flush()


def all_done(session: Session, need: Need) -> bool:
    """Somebody has scored, and nobody who is named still has to."""
    found = evaluators(session, need)
    return bool(found) and all(one.is_done for one in found)


# -- scores of all


def individual(session: Session, need: Need) -> dict[tuple[int, int], list[Decimal]]:
    """What each has given, in the order of the evaluators; only of those who have handed in."""
    found: dict[tuple[int, int], list[Decimal]] = {}
    for one in evaluators(session, need):
        if one.is_done:
            for key, points in marks_of(session, one.sheet).items():
                found.setdefault(key, []).append(points)
    return found


def agree(
    session: Session,
    viewer: Viewer,
    need: Need,
    marks: Marks,
    reasons: Mapping[tuple[int, int], str],
    now: datetime,
) -> None:
    """The scores that count, in the place of earlier ones. Raises Conflict while somebody still has to score, and
    where a reason is missing."""
    _in_evaluation(need)
    if not all_done(session, need):
        raise Conflict(N_("First everybody hands in their own scores."), reason="waiting")
    alone = individual(session, need)
    for key in marks:
        if needs_reason(alone.get(key, ())) and not reasons.get(key):
            raise Conflict(N_("Where scores are 4 or more apart, write why you agreed on this one."), reason="apart")
    query = select(Agreed).where(Agreed.bid_id.in_({bid for bid, _ in marks}))
    before = {(row.bid_id, row.criterion_id): row for row in session.scalars(query)}
    name = people.name_of(session, viewer)
    for key, points in marks.items():
        row = before.get(key) or Agreed(bid_id=key[0], criterion_id=key[1])
        row.points, row.reason = float(points), reasons.get(key, "")
        row.person_id, row.name, row.at = viewer.person_id, name, now
        session.add(row)
    session.flush()
    journal.record(session, viewer, "awards.scores_agreed", need, now, tell=(), data={"scores": len(marks)})


def agreed_rows(session: Session, need: Need) -> dict[tuple[int, int], Agreed]:
    rows = session.scalars(select(Agreed).join(Bid, Bid.id == Agreed.bid_id).where(Bid.need_id == need.id))
    return {(row.bid_id, row.criterion_id): row for row in rows}


# -- requirements


def rule(
    session: Session, viewer: Viewer, bid: Bid, requirement: Requirement, met: bool, reason: str, now: datetime
) -> Ruling:
    """What a person has found; in the place of what the bid alone says."""
    _in_evaluation(bid.need)
    query = select(Ruling).where(Ruling.bid_id == bid.id, Ruling.requirement_id == requirement.id)
    ruling, name = session.scalar(query), people.name_of(session, viewer)
    if ruling is None:
        ruling = Ruling(bid_id=bid.id, requirement_id=requirement.id)
        session.add(ruling)
    ruling.met, ruling.reason = met, reason
    ruling.person_id, ruling.name, ruling.at = viewer.person_id, name, now
    data: dict[str, object] = {"bid": bid.ref, "requirement": requirement.ref, "met": met}
    journal.record(session, viewer, "awards.ruled", ruling, now, tell=(), data=data)
    return ruling
