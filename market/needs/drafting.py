"""`/me/needs/REF/TASK`: one task of the list, in a draft; after publication the same page makes an amendment."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.errors import Conflict, NotFound
from market.needs import amendments, contents, labels, letters, questions, views
from market.needs.desk import AMENDABLE, drafter, lines, of_own
from market.needs.forms import AnswerForm, ReasonForm
from market.needs.models import Need
from market.needs.procedures import PROCEDURES, TASKS
from market.needs.tasks import tables, terms, texts
from market.needs.tasks.saved import saved
from market.web import stale
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
    numbers_lots: bool = False


ALL = {
    "basics": Task(texts.basics, texts.save_basics),
    "codes": Task(texts.codes, texts.save_codes, texts.codes_context),
    "place": Task(texts.place, texts.save_place),
    "items": Task(tables.items, tables.save_items),
    "requirements": Task(tables.requirements, tables.save_requirements, tables.requirements_context, numbers_lots=True),
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
    return need, ALL[name]


def _takes(need: Need, name: str) -> bool:
    """In a draft everything changes; afterwards what an amendment may."""
    return need.stage == "draft" or (need.stage == "published" and name in AMENDABLE)


def show(call: Call, ref: str, task: str) -> Response:
    need, one = _task(call, ref, task)
    if not _takes(need, task):
        raise Conflict("this can only be changed in a draft")
    return _page(call, need, task, one, one.present(call, need))


def _page(call: Call, need: Need, name: str, task: Task, filled: Filled[Any], status: int = 200) -> Response:
    shut = not _takes(need, name)
    asked = status == 409 and not shut
    return call.render(
        f"needs/tasks/{name}.html",
        status=status,
        need=need,
        name=name,
        title=call.words(TASKS[name]),
        filled=filled,
        labels=labels,
        lines=lines(call, need),
        amends=need.stage == "published" and not shut,
        shut=shut,
        asked=asked,
        saved=saved(call, need, name) if asked else [],
        seen=stale.seen(call, _mark(call, need, task), asked=asked),
        left_days=amendments.LEFT.days,
        **task.context(call, need, filled),
    )


def _shown(call: Call, need: Need, task: Task, *, refs: bool = True) -> dict[str, Any]:
    """What the task shows. Without `refs`: rows that say the same are the same."""
    values = task.present(call, need).values
    return values if refs else {name: value for name, value in values.items() if "-ref-" not in name}


def _mark(call: Call, need: Need, task: Task) -> str:
    """Requirements name lots by their number, so the lots count there, too."""
    lots = [lot.ref for lot in contents.lots_of(call.session, need)] if task.numbers_lots else []
    return stale.mark([_shown(call, need, task), lots])


def _typed(call: Call, need: Need, task: Task) -> tuple[Filled[Any], bool]:
    """What came, and whether that is what stands there already. Tried as in a draft, so that nobody hears of it, and
    taken back."""
    before = _shown(call, need, task, refs=False)
    with call.session.begin_nested() as trial:
        need.stage = "draft"
        filled = task.save(call, need)
        same = not filled.errors and _shown(call, need, task, refs=False) == before
        trial.rollback()
    call.session.expire_all()
    filled.values["reason"] = str(call.form.get("reason", ""))
    return filled, same


def save(call: Call, ref: str, task: str) -> Response:
    need, one = _task(call, ref, task)
    shut = not _takes(need, task)
    if shut and task == "papers":
        raise Conflict("this can only be changed in a draft")
    if shut or stale.is_stale(call, _mark(call, need, one)):
        filled, same = _typed(call, need, one)
        if not same:
            filled.errors = {} if shut else filled.errors
            return _page(call, need, task, one, filled, 422 if filled.errors else 409)
    elif (filled := _kept(call, need, one)).errors:
        return _page(call, need, task, one, filled, 422)
    return _onward(call, need, task)


def _kept(call: Call, need: Need, task: Task) -> Filled[Any]:
    return _amended(call, need, task) if need.stage == "published" else task.save(call, need)


def _onward(call: Call, need: Need, task: str) -> Response:
    """To the next task of a draft."""
    if call.form.get("do") == "more":
        return call.redirect("needs:task", ref=need.ref, task=task)
    order = PROCEDURES[need.procedure].tasks
    after = order.index(task) + 1
    if need.stage == "draft" and after < len(order):
        return call.redirect("needs:task", ref=need.ref, task=order[after])
    return call.redirect("needs:manage", ref=need.ref)


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
        return _desk(call, need, question, filled, 409, call.words(str(refusal)))
    firms = questions.followers(call.session, need)
    letters.to_firms(call.session, need, "answered", firms, call.now, call.pages.base_url, asked.text)
    return call.redirect("needs:questions", ref=ref)


def desk(call: Call, ref: str) -> Response:
    """Questions without an answer first."""
    return _desk(call, of_own(call, ref))


def _desk(
    call: Call,
    need: Need,
    which: str = "",
    filled: Filled[Any] | None = None,
    status: int = 200,
    said: str = "",
) -> Response:
    """`said`: why what was typed cannot be sent any more; it is shown, so that nobody has to write it again."""
    asked = questions.of_need(call.session, need)
    return call.render(
        "needs/questions.html",
        status=status,
        need=need,
        waiting=[one for one in asked if one.answered_at is None],
        answered=[one for one in asked if one.answered_at is not None],
        which=which,
        said=said,
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
