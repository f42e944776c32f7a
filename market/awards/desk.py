"""The way into the bids of a need: who may, the declaration before the first look, the beginning of the evaluation."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from pydantic import field_validator
from sqlalchemy import select
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts.me import TODOS, WAITED_FOR, Todo
from market.accounts.models import Organisation
from market.awards import cases, evaluating, proposing, rules
from market.awards.models import Proposal
from market.bids import admissions, extensions
from market.errors import Conflict, Forbidden, NotFound
from market.i18n import N_
from market.needs import desk
from market.needs.labels import STAGES
from market.needs.models import HELD, Need
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled, Form, one_of, read

BEFORE = {True: "opened", False: "closed"}
"""Stage from which a need goes to the evaluation: sealed ones are opened by two first."""


class DeclarationForm(Form):
    conflict: str
    note: str = ""

    @field_validator("conflict")
    @classmethod
    def is_known(cls, value: str) -> str:
        return one_of(value, ("no", "yes"))


def of_need(call: Call, ref: str) -> Need:
    """A need whose bids the viewer may come to read, locked for a write. Raises NotFound."""
    desk.partner(call)
    query = rules.visible_evaluations(call.viewer).where(Need.ref == ref)
    if call.request.method == "POST":
        query = query.with_for_update(**HELD)
    need = call.session.scalar(query)
    if need is None:
        raise NotFound(f"no bids of {ref} for you")
    return need


def reading(view: Callable[..., Response]) -> Callable[..., Response]:
    """For pages with anything of a bid: `view(call, need, **parts)`, after the declaration only."""

    @wraps(view)
    def load(call: Call, ref: str, **parts: str) -> Response:
        need = of_need(call, ref)
        if not rules.may_read(call.session, call.viewer, need):
            return call.redirect("awards:declaration", ref=ref)
        return view(call, need, **parts)

    return load


def buyers_only(call: Call, need: Need) -> None:
    if not rules.may_propose(call.viewer, need):
        raise Forbidden("buyers do that")


def declaration(call: Call, ref: str) -> Response:
    return _declaration(call, of_need(call, ref))


def _declaration(
    call: Call, need: Need, filled: Filled[Any] | None = None, said: str = "", status: int = 200
) -> Response:
    own = rules.declaration_of(call.session, call.viewer, need)
    out = own is not None and own.conflict
    return call.render(
        "awards/declaration.html",
        status=status,
        need=need,
        filled=filled or Filled(),
        said=said,
        own=own,
        bidders=[] if out else [bid.bidder for bid in cases.answered(call.session, need)],
        all=evaluating.declarations(call.session, need),
    )


def declare(call: Call, ref: str) -> Response:
    need = of_need(call, ref)
    filled: Filled[Any] = read(call.form, DeclarationForm, call.words)
    if filled.data is None:
        return _declaration(call, need, filled, status=422)
    conflict = filled.data.conflict == "yes"
    try:
        evaluating.declare(call.session, call.viewer, need, conflict, filled.data.note, call.now)
    except Conflict as refusal:
        return _declaration(call, need, filled, call.words(str(refusal)), 409)
    return call.redirect("awards:declaration" if conflict else "awards:bids", ref=ref)


def begin(call: Call, ref: str) -> Response:
    """The button on the page of the need."""
    need = of_need(call, ref)
    buyers_only(call, need)
    if extensions.is_undecided(call.session, need, call.now):
        return call.redirect("extensions:show", ref=ref)
    if admissions.running(call.session, need, call.now) is not None:
        return call.redirect("late:show", ref=ref)
    evaluating.begin(call.session, call.viewer, need, call.now)
    return call.redirect("awards:bids", ref=ref)


def way(call: Call, need: Need) -> list[desk.Way]:
    """On the need's own page: the button that begins, then the way to the bids and the award."""
    if not rules.may_declare(call.session, call.viewer, need):
        return []
    w, found = call.words, []
    if need.stage in rules.OPEN:
        count = len(cases.answered(call.session, need))
        said = w.ngettext("%(num)s bid", "%(num)s bids", count) % {"num": count}
        found.append(desk.Way(w(N_("Compare the bids")), call.link("awards:bids", ref=need.ref), said))
        if need.stage not in ("opened", "cancelled"):
            latest = proposing.latest(call.session, need)
            state = w(STAGES[need.stage])
            waits = latest is not None and latest.state == "proposed"
            state = w(N_("waits for approval")) if waits else state
            found.append(desk.Way(w(N_("Award")), call.link("awards:award", ref=need.ref), state, warn=waits))
    if need.stage == BEFORE[need.sealed] and rules.may_propose(call.viewer, need):
        found.append(desk.Way(w(N_("Begin the evaluation")), call.link("awards:begin", ref=need.ref), button=True))
    return found


def todos(call: Call, organisation: Organisation) -> list[Todo]:
    """Scores this person still has to give, and awards that wait for this person."""
    if not organisation.is_partner:
        return []
    running = call.session.scalars(rules.visible_evaluations(call.viewer).where(Need.stage == "evaluation"))
    to_score, to_approve = [], []
    for need in running:
        for one in evaluating.evaluators(call.session, need):
            if one.person_id == call.viewer.person_id and not one.is_done:
                to_score.append(need)
        waiting = select(Proposal).where(Proposal.need_id == need.id, Proposal.state == "proposed")
        for proposal in call.session.scalars(waiting):
            if rules.may_approve(call.session, call.viewer, proposal):
                to_approve.append(need)
    w = call.words
    score = w.ngettext("%(num)s need waits for your scores", "%(num)s needs wait for your scores", len(to_score))
    approve = w.ngettext(
        "%(num)s award waits for your approval", "%(num)s awards wait for your approval", len(to_approve)
    )
    found = []
    for needs, text, page in ((to_score, score, "awards:scores"), (to_approve, approve, "awards:award")):
        if needs:
            href = call.link(page, ref=needs[0].ref)
            found.append(Todo(len(needs), text % {"num": len(needs)}, needs[0].title, href, WAITED_FOR))
    return found


TODOS.append(todos)
desk.WAYS.append(way)

routes: list[BaseRoute] = [
    Route("/me/needs/{ref}/declaration", endpoint(declaration), name="awards:declaration", methods=["GET"]),
    Route("/me/needs/{ref}/declaration", endpoint(declare), name="awards:declare", methods=["POST"]),
    Route("/me/needs/{ref}/evaluation", endpoint(begin), name="awards:begin", methods=["POST"]),
]
