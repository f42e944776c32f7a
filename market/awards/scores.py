"""Scores: each evaluator alone first, then the one that all agree on. Others' scores are shown after one's own only."""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.awards import cases, evaluating, labels, rules, scoring
from market.awards.cases import Case
from market.awards.desk import buyers_only, reading
from market.awards.evaluating import Marks
from market.awards.models import Agreed
from market.errors import Conflict, Forbidden
from market.i18n import N_
from market.needs.models import Need
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled, Form, read

STEP: Final = Decimal("0.5")
WRONG: Final = N_("Write a score from 0 to 10, in halves, for example 7.5.")
APART: Final = N_("The scores are 4 or more apart: write why you agreed on this one.")
LONGEST: Final = 1000


def points(typed: str) -> Decimal:
    """7 and 7,5 and 7.5. Raises ValueError with a sentence."""
    try:
        found = Decimal(typed.strip().replace(",", "."))
    except InvalidOperation:
        raise ValueError(WRONG) from None
    if not found.is_finite() or not 0 <= found <= scoring.BEST or found % STEP:
        raise ValueError(WRONG)
    return found


def field(bid: str, criterion: str, name: str = "score") -> str:
    return f"{name}-{bid}-{criterion}"


def pairs(case: Case) -> Iterable[tuple[str, tuple[int, int]]]:
    """Name of the field and what it is about, in the order of the page."""
    for bid in case.to_score:
        for criterion in case.judged:
            yield field(bid.ref, criterion.ref), (bid.id, criterion.id)


def read_marks(call: Call, case: Case, *, whole: bool) -> tuple[Filled[Any], dict[tuple[int, int], Decimal]]:
    """What was typed. Where the `whole` is wanted an empty field is an error."""
    filled: Filled[Any] = Filled()
    marks = {}
    for name, key in pairs(case):
        typed = str(call.form.get(name, ""))
        filled.values[name] = typed
        if not typed.strip() and not whole:
            continue
        try:
            marks[key] = points(typed)
        except ValueError as wrong:
            filled.errors[name] = call.words(str(wrong))
    return filled, marks


def typed(call: Call, case: Case, marks: Marks) -> Filled[Any]:
    """Marks as the form shows them."""
    return Filled({name: labels.points(call.words, marks[key]) for name, key in pairs(case) if key in marks})


def reason_field(name: str) -> str:
    """The reason beside a score."""
    return name.replace("score-", "reason-", 1)


def names(call: Call, case: Case) -> dict[str, str]:
    """Labels of the fields, for the list of what is wrong."""
    found = {}
    for bid in case.to_score:
        for criterion in case.judged:
            found[field(bid.ref, criterion.ref)] = f"{bid.bidder}, {criterion.title}"
    return found


@reading
def scores(call: Call, need: Need) -> Response:
    return _scores(call, need)


def _scores(call: Call, need: Need, filled: Filled[Any] | None = None, said: str = "", status: int = 200) -> Response:
    case = cases.collect(call.session, need)
    sheet = evaluating.sheet_of(call.session, need, call.viewer.person_id)
    marks = evaluating.marks_of(call.session, sheet)
    return call.render(
        "awards/scores.html",
        status=status,
        need=need,
        case=case,
        sheet=sheet,
        filled=filled or typed(call, case, marks),
        said=said,
        names=names(call, case),
        evaluators=evaluating.evaluators(call.session, need),
        scores=rules.may_score(call.session, call.viewer, need) and need.stage == "evaluation",
    )


@reading
def score(call: Call, need: Need) -> Response:
    """Kept as it is, or handed in for good."""
    if not rules.may_score(call.session, call.viewer, need):
        raise Forbidden("the evaluators give scores")
    final = call.form.get("do") == "hand-in"
    case = cases.collect(call.session, need)
    filled, marks = read_marks(call, case, whole=final)
    if filled.errors:
        return _scores(call, need, filled, status=422)
    try:
        (evaluating.hand_in if final else evaluating.save)(call.session, call.viewer, need, marks, call.now)
    except Conflict as refusal:
        return _scores(call, need, filled, call.words(str(refusal)), 409)
    return call.redirect("awards:consensus" if final else "awards:scores", ref=need.ref)


def sees_all(call: Call, need: Need) -> bool:
    """Who scores sees the others' scores after handing in their own; who does not score sees them when all have."""
    sheet = evaluating.sheet_of(call.session, need, call.viewer.person_id)
    if sheet is not None and sheet.handed_in_at is not None:
        return True
    return evaluating.all_done(call.session, need)


@reading
def consensus(call: Call, need: Need) -> Response:
    return _consensus(call, need)


def _consensus(
    call: Call, need: Need, filled: Filled[Any] | None = None, said: str = "", status: int = 200
) -> Response:
    case = cases.collect(call.session, need)
    alone = evaluating.individual(call.session, need) if sees_all(call, need) else {}
    agreed = evaluating.agreed_rows(call.session, need)
    return call.render(
        "awards/consensus.html",
        status=status,
        need=need,
        case=case,
        labels=labels,
        filled=filled or _proposed(call, case, alone, agreed),
        said=said,
        names=names(call, case) | _reasons(case, call),
        alone=alone,
        agreed=agreed,
        apart={key for key, given in alone.items() if scoring.needs_reason(given)},
        evaluators=evaluating.evaluators(call.session, need),
        done=evaluating.all_done(call.session, need),
        agrees=rules.may_propose(call.viewer, need) and need.stage == "evaluation",
        standings=[(lot, case.standings(lot.ref if lot else None)) for lot in case.lots or (None,)],
        bidders={bid.ref: bid.bidder for bid in case.bids},
    )


def _reasons(case: Case, call: Call) -> dict[str, str]:
    why = call.words(N_("reason"))
    return {reason_field(name): f"{label}, {why}" for name, label in names(call, case).items()}


def _proposed(
    call: Call,
    case: Case,
    alone: dict[tuple[int, int], list[Decimal]],
    agreed: dict[tuple[int, int], Agreed],
) -> Filled[Any]:
    """What was agreed, else the mean of what each gave, to the next half."""
    filled: Filled[Any] = Filled()
    for name, key in pairs(case):
        if key in agreed:
            filled.values[name] = labels.points(call.words, agreed[key].points)
            filled.values[reason_field(name)] = agreed[key].reason
        elif given := alone.get(key):
            mean = (sum(given, Decimal(0)) / len(given) / STEP).quantize(Decimal(1)) * STEP
            filled.values[name] = labels.points(call.words, mean)
    return filled


@reading
def agree(call: Call, need: Need) -> Response:
    buyers_only(call, need)
    case = cases.collect(call.session, need)
    filled, marks = read_marks(call, case, whole=True)
    alone = evaluating.individual(call.session, need)
    reasons = {}
    for name, key in pairs(case):
        field_name = reason_field(name)
        reason = str(call.form.get(field_name, "")).strip()[:LONGEST]
        filled.values[field_name] = reason
        if reason:
            reasons[key] = reason
        elif scoring.needs_reason(alone.get(key, ())):
            filled.errors[field_name] = call.words(APART)
    if filled.errors:
        return _consensus(call, need, filled, status=422)
    try:
        evaluating.agree(call.session, call.viewer, need, marks, reasons, call.now)
    except Conflict as refusal:
        return _consensus(call, need, filled, call.words(str(refusal)), 409)
    return call.redirect("awards:consensus", ref=need.ref)


class ReleaseForm(Form):
    person: int
    reason: str


@reading
def release(call: Call, need: Need) -> Response:
    """Somebody who is named does not get to it: the others go on."""
    buyers_only(call, need)
    filled: Filled[Any] = read(call.form, ReleaseForm, call.words)
    if filled.data is None:
        return _consensus(call, need, filled, status=422)
    given = (filled.data.person, filled.data.reason)
    try:
        evaluating.go_on_without(call.session, call.viewer, need, *given, call.now)
    except Conflict as refusal:
        return _consensus(call, need, said=call.words(str(refusal)), status=409)
    return call.redirect("awards:consensus", ref=need.ref)


routes: list[BaseRoute] = [
    Route("/me/needs/{ref}/consensus/release", endpoint(release), name="awards:release", methods=["POST"]),
    Route("/me/needs/{ref}/scores", endpoint(scores), name="awards:scores", methods=["GET"]),
    Route("/me/needs/{ref}/scores", endpoint(score), name="awards:score", methods=["POST"]),
    Route("/me/needs/{ref}/consensus", endpoint(consensus), name="awards:consensus", methods=["GET"]),
    Route("/me/needs/{ref}/consensus", endpoint(agree), name="awards:agree", methods=["POST"]),
]
