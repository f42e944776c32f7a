"""`/me/needs`: what a partner posts, by stage; a new one and its list of tasks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts.me import TODOS, WAITED_FOR, Todo, own
from market.accounts.models import Organisation, Person
from market.accounts.rules import may_manage
from market.errors import Forbidden, NotFound
from market.i18n import N_
from market.needs import amendments, contents, labels, pooling, questions, readiness, release, rules, service
from market.needs.forms import NewForm, ThresholdForm
from market.needs.models import HELD, Need, PoolShare
from market.needs.parts import Question
from market.needs.procedures import PROCEDURES, TASKS
from market.taxonomy.places import same_place
from market.web import stale
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled, read

GROUPS = (
    (N_("In preparation"), ("draft", "approval")),
    (N_("Out"), ("published",)),
    (N_("To be opened and evaluated"), ("closed", "opened", "evaluation")),
    (N_("Decided"), ("awarded", "unsuccessful", "completed", "cancelled")),
)
AMENDABLE = frozenset({"basics", "codes", "place", "items", "requirements", "criteria", "papers", "periods"})
"""Tasks that can be done again after publication, as an amendment."""


@dataclass(frozen=True)
class Way:
    """A way on from the page of a need: a link with what stands there, or a `button` that does something."""

    text: str
    href: str
    said: str = ""
    warn: bool = False
    button: bool = False


WAYS: list[Callable[[Call, Need], Sequence[Way]]] = []
"""Higher slices add where it goes on from a need, bids and their opening for two."""
ABOVE: list[Callable[[Call, Need], Sequence[Way]]] = []
"""Higher slices add what a need belongs to, a project for one."""


def partner(call: Call) -> Organisation:
    """The partner the viewer acts for; the pages are not there for anybody else."""
    organisation = own(call)
    if not organisation.is_partner:
        raise NotFound("needs are posted by partners")
    return organisation


def of_own(call: Call, ref: str) -> Need:
    """One of one's own partner, locked for a write. Raises NotFound."""
    organisation = partner(call)
    query = select(Need).where(Need.ref == ref, Need.organisation_id == organisation.id)
    if call.request.method == "POST":
        query = query.with_for_update(**HELD)
    need = call.session.scalar(query)
    if need is None:
        raise NotFound(f"no need {ref} of yours")
    return need


def drafter(call: Call, organisation: Organisation) -> None:
    if not rules.may_draft(call.viewer, organisation):
        raise Forbidden("only buyers and admins draft needs")


def index(call: Call) -> Response:
    return _index(call, partner(call))


def _index(call: Call, organisation: Organisation, filled: Filled[Any] | None = None) -> Response:
    query = select(Need).where(Need.organisation_id == organisation.id)
    held = list(call.session.scalars(query.order_by(Need.bids_until.is_(None), Need.bids_until, Need.id.desc())))
    cents = release.threshold(call.session, organisation.id)
    return call.render(
        "needs/index.html",
        status=422 if filled else 200,
        groups=[(name, [n for n in held if n.stage in stages and not n.is_template]) for name, stages in GROUPS],
        templates=[need for need in held if need.is_template],
        shares=list(call.session.scalars(rules.visible_shares(call.viewer).order_by(PoolShare.id.desc()))),
        labels=labels,
        now=call.now,
        filled=filled or Filled({"amount": f"{cents / 100:g}" if cents % 100 else str(cents // 100)}),
        drafts=rules.may_draft(call.viewer, organisation),
        manages=may_manage(call.viewer, organisation),
        threshold=cents,
    )


def set_threshold(call: Call) -> Response:
    organisation = partner(call)
    if not may_manage(call.viewer, organisation):
        raise Forbidden("only admins set from when a second person approves")
    filled: Filled[Any] = read(call.form, ThresholdForm, call.words)
    if filled.data is None:
        return _index(call, organisation, filled)
    release.set_threshold(call.session, call.viewer, organisation, round(filled.data.amount * 100), call.now)
    return call.redirect("needs")


def new(call: Call) -> Response:
    organisation = partner(call)
    drafter(call, organisation)
    return _new(call, Filled({"procedure": "quotation"}))


def _new(call: Call, filled: Filled[Any], status: int = 200) -> Response:
    return call.render("needs/new.html", status=status, filled=filled, procedures=PROCEDURES, labels=labels)


def create(call: Call) -> Response:
    organisation = partner(call)
    drafter(call, organisation)
    filled: Filled[Any] = read(call.form, NewForm, call.words)
    if filled.data is None:
        return _new(call, filled, 422)
    procedure = filled.data.procedure
    place = same_place(organisation)
    need = service.create(
        call.session,
        call.viewer,
        organisation,
        call.now,
        title=filled.data.title,
        lang=call.language,
        procedure=procedure,
        visibility=PROCEDURES[procedure].visibility,
        contact_id=call.viewer.person_id,
        **place,
    )
    call.session.flush()
    return call.redirect("needs:task", ref=need.ref, task="basics")


@dataclass(frozen=True)
class Line:
    """A task in the list: its state and what it lacks."""

    name: str
    title: str
    state: str
    faults: list[str]


def lines(call: Call, need: Need) -> list[Line]:
    lacks: dict[str, list[str]] = {}
    for fault in service.faults(call.session, need, call.now):
        lacks.setdefault(fault.task, []).append(call.words(fault.sentence, **fault.values))
    procedure = PROCEDURES[need.procedure]
    found = []
    for name in (*procedure.tasks, "pool"):
        state = "todo" if name in lacks else "done" if name in procedure.needed or _touched(call, need, name) else ""
        found.append(Line(name, call.words(TASKS[name]), state or "optional", lacks.get(name, [])))
    return found


def _touched(call: Call, need: Need, task: str) -> bool:
    if task == "codes":
        return bool(need.trades or need.cpv)
    if task == "audience":
        return True
    if task == "pool":
        return pooling.joined_share(need) is not None
    rows = {
        "items": contents.items_of,
        "requirements": contents.requirements_of,
        "criteria": contents.criteria_of,
        "papers": contents.papers_of,
    }
    return bool(rows[task](call.session, need)) if task in rows else True


def show(call: Call, ref: str) -> Response:
    return page(call, of_own(call, ref))


def mark(call: Call, need: Need) -> str:
    """Changes with whatever is handed in, approved and published."""
    roles = contents.roles_of(call.session, need)
    parts = {name: sorted(role.person_id for role in held) for name, held in roles.items()}
    papers = [paper.ref for paper in contents.papers_of(call.session, need)]
    return stale.mark([need.updated_at, need.stage, parts, papers])


def page(call: Call, need: Need, *, said: str = "", filled: Filled[Any] | None = None, status: int = 200) -> Response:
    """The list of tasks with what can be done next."""
    roles = contents.roles_of(call.session, need)
    return call.render(
        "needs/manage.html",
        status=status,
        need=need,
        said=said,
        seen=mark(call, need),
        filled=filled or Filled(),
        lines=lines(call, need),
        warnings=[call.words(one.sentence) for one in readiness.warnings(call.session, need, call.now)],
        labels=labels,
        now=call.now,
        drafts=rules.may_draft(call.viewer, need.organisation),
        approves=rules.may_approve(call.viewer, need),
        second=release.needs_approval(call.session, need),
        threshold=release.threshold(call.session, need.organisation_id),
        approvers=[role.person for role in roles["approver"]],
        submitter=call.session.get(Person, need.submitted_by_id or 0),
        open_questions=len(open_questions(call, need)),
        amendments=amendments.of_need(call.session, need),
        amendable=AMENDABLE,
        in_words=amendments.in_words,
        invited=readiness.invited(call.session, need),
        takes_part=any(role.person_id == call.viewer.person_id for rows in roles.values() for role in rows),
        ways=[way for ways in WAYS for way in ways(call, need)],
        above=[way for ways in ABOVE for way in ways(call, need)],
    )


def open_questions(call: Call, need: Need) -> list[Question]:
    return [one for one in questions.of_need(call.session, need) if one.answered_at is None]


def todos(call: Call, organisation: Organisation) -> list[Todo]:
    """Drafts that wait for this person's approval, and questions without an answer."""
    if not organisation.is_partner:
        return []
    w, mine = call.words, select(Need).where(Need.organisation_id == organisation.id)
    handed_in = call.session.scalars(mine.where(Need.stage == "approval"))
    waiting = [need for need in handed_in if rules.may_approve(call.viewer, need)]
    asked = mine.join(Question, Question.need_id == Need.id)
    asked = asked.where(Need.stage == "published", Question.answered_at.is_(None))
    open_ = list(call.session.scalars(asked)) if rules.may_draft(call.viewer, organisation) else []
    approve = w.ngettext("%(num)s need waits for your approval", "%(num)s needs wait for your approval", len(waiting))
    answer = w.ngettext("%(num)s question waits for an answer", "%(num)s questions wait for an answer", len(open_))
    found = []
    for rows, text, page in ((waiting, approve, "needs:manage"), (open_, answer, "needs:questions")):
        if rows:
            href = call.link(page, ref=rows[0].ref)
            found.append(Todo(len(rows), text % {"num": len(rows)}, rows[0].title, href, WAITED_FOR))
    return found


TODOS.append(todos)

routes: list[BaseRoute] = [
    Route("/me/needs", endpoint(index), name="needs", methods=["GET"]),
    Route("/me/needs", endpoint(set_threshold), name="needs:threshold", methods=["POST"]),
    Route("/me/needs/new", endpoint(new), name="needs:new", methods=["GET"]),
    Route("/me/needs/new", endpoint(create), name="needs:create", methods=["POST"]),
    Route("/me/needs/{ref}", endpoint(show), name="needs:manage", methods=["GET"]),
]
