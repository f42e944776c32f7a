"""`/me/needs/REF/TASK`: one task of the list, in a draft; after publication the same page makes an amendment."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.errors import Conflict, NotFound
from market.needs import amendments, labels, letters, questions, views
from market.needs.desk import AMENDABLE, drafter, lines, of_own, page
from market.needs.forms import AnswerForm, ReasonForm
from market.needs.models import Need
from market.needs.procedures import PROCEDURES, TASKS
from market.needs.tasks import tables, terms, texts
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled, read


def _nothing(call: Call, need: Need, filled: Filled[Any]) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Task:
    present: Callable[[Call, Need], Filled[Any]]
    save: Callable[[Call, Need], Filled[Any]]
    """Faults leave nothing changed."""
    context: Callable[[Call, Need, Filled[Any]], dict[str, Any]] = _nothing


ALL = {
    "basics": Task(texts.basics, texts.save_basics),
    "codes": Task(texts.codes, texts.save_codes, texts.codes_context),
    "place": Task(texts.place, texts.save_place),
    "items": Task(tables.items, tables.save_items),
    "requirements": Task(tables.requirements, tables.save_requirements, tables.requirements_context),
    "criteria": Task(tables.criteria, tables.save_criteria, tables.criteria_context),
    "papers": Task(terms.papers, terms.save_papers, terms.papers_context),
    "periods": Task(terms.periods, terms.save_periods, terms.periods_context),
    "people": Task(terms.people, terms.save_people, terms.people_context),
    "audience": Task(terms.audience, terms.save_audience),
}


def _task(call: Call, ref: str, name: str) -> tuple[Need, Task]:
    need = of_own(call, ref)
    drafter(call, need.organisation)
    if name not in PROCEDURES[need.procedure].tasks:
        raise NotFound(f"{need.procedure} has no task {name}")
    if need.stage != "draft" and not (need.stage == "published" and name in AMENDABLE):
        raise Conflict("this can only be changed in a draft")
    return need, ALL[name]


def show(call: Call, ref: str, task: str) -> Response:
    need, one = _task(call, ref, task)
    return _page(call, need, task, one, one.present(call, need))


def _page(call: Call, need: Need, name: str, task: Task, filled: Filled[Any], status: int = 200) -> Response:
    return call.render(
        f"needs/tasks/{name}.html",
        status=status,
        need=need,
        name=name,
        title=call.words(TASKS[name]),
        filled=filled,
        labels=labels,
        lines=lines(call, need),
        amends=need.stage == "published",
        left_days=amendments.LEFT.days,
        **task.context(call, need, filled),
    )


def save(call: Call, ref: str, task: str) -> Response:
    need, one = _task(call, ref, task)
    filled = _amended(call, need, one) if need.stage == "published" else one.save(call, need)
    if filled.errors:
        return _page(call, need, task, one, filled, 422)
    if call.form.get("do") == "more":
        return call.redirect("needs:task", ref=ref, task=task)
    if need.stage == "published":
        return call.redirect("needs:manage", ref=ref)
    order = PROCEDURES[need.procedure].tasks
    after = order.index(task) + 1
    if after < len(order):
        return call.redirect("needs:task", ref=ref, task=order[after])
    return call.redirect("needs:manage", ref=ref)


def _amended(call: Call, need: Need, task: Task) -> Filled[Any]:
    """The task's change as a new version with its reason, and letters to the firms that follow the need."""
    given: Filled[Any] = read(call.form, ReasonForm, call.words)
    said: list[Filled[Any]] = []
    made = None
    try:
        with call.session.begin_nested() as kept:

            def apply() -> None:
                said.append(task.save(call, need))

            made = amendments.amend(call.session, call.viewer, need, str(given.values["reason"]), call.now, apply)
            if said[0].errors or given.errors:
                kept.rollback()
    except Conflict as refusal:
        said[0].errors.setdefault("reason", call.words(str(refusal)))
    filled = said[0]
    filled.values["reason"] = given.values["reason"]
    if given.errors or filled.errors:
        filled.errors |= given.errors
        call.session.expire_all()
    elif made is not None:
        firms = questions.followers(call.session, need)
        letters.to_firms(call.session, need, "amended", firms, call.now, call.pages.base_url, made.reason)
    return filled


def preview(call: Call, ref: str) -> Response:
    """As bidders will see it."""
    return views.render(call, of_own(call, ref), preview=True)


def answer(call: Call, ref: str, question: str) -> Response:
    """To all firms at once, with a letter to those that follow the need."""
    need = of_own(call, ref)
    drafter(call, need.organisation)
    asked = next((one for one in questions.of_need(call.session, need) if one.ref == question), None)
    if asked is None:
        raise NotFound("no such question")
    filled: Filled[Any] = read(call.form, AnswerForm, call.words)
    if filled.data is None:
        return _desk(call, need, question, filled, 422)
    try:
        questions.answer(call.session, call.viewer, asked, filled.data.answer, call.now)
    except Conflict as refusal:
        return page(call, need, said=call.words(str(refusal)), status=409)
    firms = questions.followers(call.session, need)
    letters.to_firms(call.session, need, "answered", firms, call.now, call.pages.base_url, asked.text)
    return call.redirect("needs:questions", ref=ref)


def desk(call: Call, ref: str) -> Response:
    """Questions without an answer first."""
    return _desk(call, of_own(call, ref))


def _desk(call: Call, need: Need, which: str = "", filled: Filled[Any] | None = None, status: int = 200) -> Response:
    asked = questions.of_need(call.session, need)
    return call.render(
        "needs/questions.html",
        status=status,
        need=need,
        waiting=[one for one in asked if one.answered_at is None],
        answered=[one for one in asked if one.answered_at is not None],
        which=which,
        filled=filled or Filled(),
        empty=Filled[Any](),
    )


routes: list[BaseRoute] = [
    Route("/me/needs/{ref}/preview", endpoint(preview), name="needs:preview", methods=["GET"]),
    Route("/me/needs/{ref}/questions", endpoint(desk), name="needs:questions", methods=["GET"]),
    Route("/me/needs/{ref}/questions/{question}", endpoint(answer), name="needs:answer", methods=["POST"]),
    Route("/me/needs/{ref}/{task}", endpoint(show), name="needs:task", methods=["GET"]),
    Route("/me/needs/{ref}/{task}", endpoint(save), name="needs:save", methods=["POST"]),
]
