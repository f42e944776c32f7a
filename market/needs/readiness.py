"""What a draft still lacks, task by task, and what is allowed but worth a second look."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.i18n import N_
from market.needs import contents, moments
from market.needs.models import Invitation, Need
from market.needs.procedures import PROCEDURES
from market.needs.release import needs_approval
from market.needs.service import FAULTS, Fault
from market.values import local_day

FEW = 3
"""Fewer firms than this make no competition."""
OPENERS = 3
"""Two of them open; a third, so that a holiday keeps nothing shut."""
STATES: Final = {"done": N_("done"), "todo": N_("to do"), "optional": N_("optional")}


def of_text(session: Session, need: Need, now: datetime) -> Iterator[Fault]:
    if need.is_template:
        yield Fault("basics", N_("This is a template. Copy it and publish the copy."))
    if not need.title.strip():
        yield Fault("basics", N_("Give it a title."))
    if not need.description.strip():
        yield Fault("basics", N_("Describe what is needed."))


def of_place(session: Session, need: Need, now: datetime) -> Iterator[Fault]:
    if not need.town:
        yield Fault("place", N_("Say where the work is."))
    if need.execution_from is None:
        yield Fault("place", N_("Say when the work begins: certificates have to be valid then."))
    elif need.execution_from < local_day(now):
        yield Fault("place", N_("The first day of the work is over."))
    elif need.execution_until and need.execution_until < need.execution_from:
        yield Fault("place", N_("The last day of the work is before the first one."))


def of_items(session: Session, need: Need, now: datetime) -> Iterator[Fault]:
    if "items" not in PROCEDURES[need.procedure].needed:
        return
    items = contents.items_of(session, need)
    if not items:
        yield Fault("items", N_("Enter at least one item: every line of a bid answers one."))
    filled = {item.lot_id for item in items}
    for lot in contents.lots_of(session, need):
        if lot.id not in filled:
            yield Fault("items", N_("Lot %(number)s has no item."), {"number": lot.place})


def of_criteria(session: Session, need: Need, now: datetime) -> Iterator[Fault]:
    if "criteria" not in PROCEDURES[need.procedure].needed:
        return
    criteria = contents.criteria_of(session, need)
    total = sum(one.weight for one in criteria)
    if not criteria:
        yield Fault("criteria", N_("Save how bids are weighed: the price alone, or with other criteria."))
    elif total != 100:
        yield Fault("criteria", N_("The weights make %(total)s; together they have to make 100."), {"total": total})


def of_periods(session: Session, need: Need, now: datetime) -> Iterator[Fault]:
    if need.bids_until is None:
        yield Fault("periods", N_("Say until when bids are taken."))
        return
    if need.bids_until <= now:
        yield Fault("periods", N_("The deadline for bids is over."))
    if need.questions_until and not now < need.questions_until < need.bids_until:
        yield Fault("periods", N_("The deadline for questions has to be before the one for bids, and not in the past."))
    if need.decision_by is None:
        yield Fault("periods", N_("Say by when you decide: every firm that answers gets a decision by then."))
    elif need.decision_by < local_day(need.bids_until):
        yield Fault("periods", N_("The day of the decision has to be after the deadline for bids."))


def of_people(session: Session, need: Need, now: datetime) -> Iterator[Fault]:
    roles = contents.roles_of(session, need)
    if need.contact_id is None:
        yield Fault("people", N_("Name the person firms can turn to."))
    if needs_approval(session, need) and not roles["approver"]:
        valued = N_("Name somebody who approves: from this value on a second person has to.")
        unvalued = N_("Name somebody who approves: where no value is stated, a second person has to.")
        yield Fault("people", unvalued if need.estimate_cents is None else valued)
    if need.sealed and len(roles["opener"]) < OPENERS:
        yield Fault("people", N_("Name at least three people who may open the bids; two of them do it together."))


def of_audience(session: Session, need: Need, now: datetime) -> Iterator[Fault]:
    if need.visibility == "invited" and not invited(session, need):
        yield Fault("audience", N_("Only invited firms see this need, and nobody is invited yet."))


FAULTS.extend((of_text, of_place, of_items, of_criteria, of_periods, of_people, of_audience))


def invited(session: Session, need: Need) -> int:
    session.flush()
    return session.scalar(select(func.count()).where(Invitation.need_id == need.id)) or 0


def warnings(session: Session, need: Need, now: datetime) -> Iterator[Fault]:
    """What may be so, but is seldom meant."""
    for until in (need.questions_until, need.bids_until):
        if until is not None and not moments.in_business_hours(until):
            yield Fault("periods", N_("A deadline lies outside Monday to Friday, 8 to 17: then nobody can help."))
            break
    if need.visibility == "invited" and 0 < invited(session, need) < FEW:
        yield Fault("audience", N_("Fewer than three firms are invited."))
