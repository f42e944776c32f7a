"""The award: proposed, approved by a second person or given back, told to all, completed."""

from typing import Any, Final

from pydantic import field_validator
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts.step_up import confirmed
from market.awards import cases, comparing, deciding, desk, labels, lifecycle, outcome, proposing, rules, scores
from market.awards.cases import Case
from market.awards.desk import buyers_only, reading
from market.awards.models import Proposal
from market.awards.proposing import Wanted
from market.bids.models import Bid
from market.errors import Conflict, Forbidden, NotFound
from market.i18n import N_
from market.needs import contents, release
from market.needs import labels as need_labels
from market.needs import service as needs
from market.needs.forms import ReasonForm
from market.needs.models import Need
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled, Form, one_of, read

LONGEST: Final = 1000


class ProposalForm(Form):
    form: str
    reason: str

    @field_validator("form")
    @classmethod
    def is_known(cls, value: str) -> str:
        return one_of(value, lifecycle.FORMS)

    @field_validator("reason")
    @classmethod
    def is_short(cls, value: str) -> str:
        if len(value) > 2000:
            raise ValueError(N_("Please write it shorter, with at most 2000 characters."))
        return value


def forms_of(case: Case) -> list[str]:
    """How this need can be awarded."""
    forms = ["whole"] if case.bids else []
    forms += ["lots"] if case.lots and case.bids else []
    forms += ["lines"] if case.items and case.bids else []
    return [*forms, "none"]


@reading
def award(call: Call, need: Need) -> Response:
    return _award(call, need)


def _award(call: Call, need: Need, filled: Filled[Any] | None = None, said: str = "", status: int = 200) -> Response:
    case = cases.collect(call.session, need)
    latest = proposing.latest(call.session, need)
    forms = forms_of(case)
    form = str((filled.values if filled else call.request.query_params).get("form") or "")
    if form not in forms:
        form = "lots" if "lots" in forms else forms[0]
    answered = cases.answered(call.session, need)
    return call.render(
        "awards/award.html",
        status=status,
        need=need,
        case=case,
        labels=labels,
        need_labels=need_labels,
        now=call.now,
        filled=filled or Filled(_usual(case, answered)),
        said=said,
        form=form,
        forms=forms,
        answered=answered,
        bidders={bid.ref: bid.bidder for bid in case.bids},
        notes={f"note-{bid.ref}": bid.bidder for bid in answered},
        standings={lot.ref if lot else "": case.standings(lot.ref if lot else None) for lot in (None, *case.lots)},
        latest=latest,
        shares=proposing.shares_of(call.session, latest) if latest else [],
        decisions=deciding.of_need(call.session, need),
        unanswered=deciding.unanswered(call.session, need),
        proposes=rules.may_propose(call.viewer, need) and need.stage == "evaluation" and not _waits(latest),
        approves=latest is not None and _waits(latest) and rules.may_approve(call.session, call.viewer, latest),
        approvers=[role.person for role in contents.roles_of(call.session, need)["approver"]],
        completes=rules.may_propose(call.viewer, need) and need.stage in ("awarded", "unsuccessful"),
        threshold=release.threshold(call.session, need.organisation_id),
        ready=not case.judged or case.scored,
    )


def _waits(proposal: Proposal | None) -> bool:
    return proposal is not None and proposal.state == "proposed"


def _usual(case: Case, answered: list[Bid]) -> dict[str, Any]:
    return {f"why-{bid.ref}": deciding.usual_reason(case, bid) for bid in answered if bid.state == cases.READ}


def _read(call: Call, case: Case, answered: list[Bid]) -> tuple[Filled[Any], list[Wanted], dict[str, dict[str, str]]]:
    """The proposal as it was typed: form and reason, who gets what, and what each bidder is told."""
    filled: Filled[Any] = read(call.form, ProposalForm, call.words)
    form = str(call.form.get("form", ""))
    bids = {bid.ref: bid for bid in case.bids}
    names = {"whole": [("winner", "", "")], "none": []}
    names["lots"] = [(f"lot-{lot.ref}", lot.ref, "") for lot in case.lots]
    names["lines"] = [(f"item-{item.ref}", "", item.ref) for item in case.items]
    wanted = []
    for name, lot, item in names.get(form, []):
        chosen = str(call.form.get(name, ""))
        filled.values[name] = chosen
        if chosen in bids:
            wanted.append(Wanted(bids[chosen], lot, item))
    answers = {}
    for bid in answered:
        why, note = (str(call.form.get(f"{name}-{bid.ref}", "")).strip() for name in ("why", "note"))
        filled.values |= {f"why-{bid.ref}": why, f"note-{bid.ref}": note}
        answers[bid.ref] = {"reason": why if why in labels.CHOSEN else "", "note": note[:LONGEST]}
    if form in ("whole", "lots", "lines") and not wanted:
        first = next(iter(names[form]), ("form", "", ""))[0]
        filled.refuse(first, call.words(N_("Choose who gets the work, or that nobody does.")))
    return filled, wanted, answers


@reading
def propose(call: Call, need: Need) -> Response:
    buyers_only(call, need)
    confirmed(call, call.link("awards:award", ref=need.ref))
    answered = cases.answered(call.session, need)
    case = cases.collect(call.session, need)
    filled, wanted, answers = _read(call, case, answered)
    if filled.data is None:
        return _award(call, need, filled, status=422)
    for bid in proposing.unexplained(case, wanted, answers):
        filled.refuse(f"note-{bid}", call.words(proposing.EXPLAIN))
    if filled.data is None:
        return _award(call, need, filled, status=422)
    given = (filled.data.form, wanted, filled.data.reason, answers)
    try:
        with call.session.begin_nested():
            proposing.propose(call.session, call.viewer, need, *given, call.now)
    except Conflict as refusal:
        call.session.expire_all()
        return _award(call, need, filled, call.words(str(refusal)), 409)
    return call.redirect("awards:award", ref=need.ref)


@reading
def decide(call: Call, need: Need) -> Response:
    """The second person's word."""
    proposal = proposing.latest(call.session, need)
    if proposal is None:
        raise NotFound("nothing is proposed")
    if not rules.may_approve(call.session, call.viewer, proposal):
        raise Forbidden("somebody else approves")
    confirmed(call, call.link("awards:award", ref=need.ref))
    filled: Filled[Any] = Filled()
    if call.form.get("do") == "return":
        filled = read(call.form, ReasonForm, call.words)
        if filled.data is None:
            return _award(call, need, filled, status=422)
    try:
        with call.session.begin_nested():
            if filled.data is not None:
                proposing.give_back(call.session, call.viewer, proposal, filled.data.reason, call.now)
            else:
                proposing.approve(call.session, call.viewer, proposal, call.now)
    except Conflict as refusal:
        call.session.expire_all()
        return _award(call, need, said=call.words(str(refusal)), status=409)
    return call.redirect("awards:award", ref=need.ref)


@reading
def complete(call: Call, need: Need) -> Response:
    buyers_only(call, need)
    try:
        with call.session.begin_nested():
            needs.move(call.session, call.viewer, need, "complete", call.now)
    except Conflict as refusal:
        call.session.expire_all()
        return _award(call, need, said=call.words(str(refusal)), status=409)
    return call.redirect("awards:award", ref=need.ref)


routes: list[BaseRoute] = [
    *desk.routes,
    *comparing.routes,
    *scores.routes,
    *outcome.routes,
    Route("/me/needs/{ref}/award", endpoint(award), name="awards:award", methods=["GET"]),
    Route("/me/needs/{ref}/award", endpoint(propose), name="awards:propose", methods=["POST"]),
    Route("/me/needs/{ref}/award/decision", endpoint(decide), name="awards:decide", methods=["POST"]),
    Route("/me/needs/{ref}/completion", endpoint(complete), name="awards:complete", methods=["POST"]),
]
