"""`/me/projects/REF/packages`: one work package, new or kept; its order, its removal and the draft made of it."""

from typing import Any

from sqlalchemy import select
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.errors import Conflict, NotFound
from market.i18n import N_
from market.needs import labels as need_labels
from market.needs.models import Need
from market.needs.procedures import PROCEDURES
from market.projects import labels, service
from market.projects.forms import DraftForm, PackageForm
from market.projects.models import Project, WorkPackage
from market.projects.views import keeper, of_own, page
from market.web import stale
from market.web.endpoint import Call, endpoint
from market.web.forms import BACKWARDS, Filled, read

STEPS = {"up": -1, "down": 1}


def _one(call: Call, ref: str, number: str) -> tuple[Project, WorkPackage]:
    project = of_own(call, ref)
    keeper(call, project.organisation)
    query = select(WorkPackage).where(WorkPackage.project_id == project.id, WorkPackage.ref == number)
    package = call.session.scalar(query)
    if package is None:
        raise NotFound(f"no work package {number} in {ref}")
    return project, package


def new(call: Call, ref: str) -> Response:
    project = of_own(call, ref)
    keeper(call, project.organisation)
    if call.request.method != "POST":
        return _form(call, project, None, Filled())
    filled, fields = _read(call, project, None)
    if filled.data is None:
        return _form(call, project, None, filled, 422)
    try:
        service.add(call.session, call.viewer, project, call.now, **fields)
    except Conflict as refusal:
        return page(call, project, said=call.words(str(refusal)), status=409)
    return call.redirect("projects:show", ref=ref)


def edit(call: Call, ref: str, package: str) -> Response:
    project, kept = _one(call, ref, package)
    if call.request.method != "POST":
        return _form(call, project, kept, Filled(_values(kept)))
    filled, fields = _read(call, project, kept)
    if filled.data is None:
        return _form(call, project, kept, filled, 422)
    if stale.is_stale(call, stale.mark(_values(kept))):
        return _form(call, project, kept, filled, 409)
    try:
        service.change_package(call.session, call.viewer, kept, call.now, **fields)
    except Conflict as refusal:
        return page(call, project, said=call.words(str(refusal)), status=409)
    return call.redirect("projects:show", ref=ref)


def _read(call: Call, project: Project, package: WorkPackage | None) -> tuple[Filled[Any], dict[str, object]]:
    filled: Filled[Any] = read(call.form, PackageForm, call.words)
    form = filled.data
    if form is None:
        return filled, {}
    if form.is_backwards():
        filled.refuse("ends_on", call.words(BACKWARDS))
    free = {need.ref: need for need in service.free_needs(call.session, project, package)}
    if form.need and form.need not in free:
        filled.refuse("need", call.words(N_("Please choose one of the options.")))
    return filled, form.model_dump(exclude={"need"}) | {"need": free.get(form.need)}


def _values(package: WorkPackage) -> dict[str, Any]:
    given = {name: getattr(package, name) or "" for name in ("title", "site", "starts_on", "ends_on", "description")}
    return given | {"need": package.need.ref if package.need else ""}


def _form(
    call: Call, project: Project, package: WorkPackage | None, filled: Filled[Any], status: int = 200
) -> Response:
    asked = status == 409
    kept = _values(package) if package else {}
    free = service.free_needs(call.session, project, package)
    return call.render(
        "projects/package.html",
        status=status,
        project=project,
        package=package,
        filled=filled,
        needs=[("", call.words(N_("none yet"))), *((need.ref, _title(call, need)) for need in free)],
        asked=asked,
        saved=_saved(call, package) if asked and package else [],
        seen=stale.seen(call, stale.mark(kept), asked=asked),
        procedures=[(code, need_labels.procedure(call.words, code)) for code in PROCEDURES],
        labels=labels,
    )


def _title(call: Call, need: Need) -> str:
    return f"{need.title or call.words(N_('Without a title'))} ({call.words(need_labels.STAGES[need.stage])})"


def _saved(call: Call, package: WorkPackage) -> list[tuple[str, object]]:
    w, none = call.words, call.words(N_("not stated"))
    days = [w.day(day, "long") if day else "" for day in (package.starts_on, package.ends_on)]
    lines = (
        (N_("Title"), package.title),
        (N_("Site"), package.site),
        (N_("First day"), days[0]),
        (N_("Last day"), days[1]),
        (N_("Description"), package.description),
        (N_("Need"), package.need.title if package.need else ""),
    )
    return [(w(name), text or none) for name, text in lines]


def act(call: Call, ref: str, package: str) -> Response:
    """Up or down in the order, out of the project, or into a draft need."""
    project, kept = _one(call, ref, package)
    what = str(call.form.get("do", ""))
    try:
        if what == "draft":
            return _draft(call, project, kept)
        if what == "remove":
            service.remove(call.session, call.viewer, kept, call.now)
        elif what in STEPS:
            service.shift(call.session, call.viewer, kept, STEPS[what], call.now)
        else:
            raise NotFound(f"nothing is called {what} here")
    except Conflict as refusal:
        return page(call, project, said=call.words(str(refusal)), status=409)
    return call.redirect("projects:show", ref=ref)


def _draft(call: Call, project: Project, package: WorkPackage) -> Response:
    filled: Filled[Any] = read(call.form, DraftForm, call.words)
    if filled.data is None:
        shown: Filled[Any] = Filled(_values(package) | filled.values, filled.errors)
        return _form(call, project, package, shown, 422)
    need = service.draft(call.session, call.viewer, package, filled.data.procedure, call.language, call.now)
    return call.redirect("needs:manage", ref=need.ref)


routes: list[BaseRoute] = [
    Route("/me/projects/{ref}/packages/new", endpoint(new), name="projects:package_new", methods=["GET", "POST"]),
    Route("/me/projects/{ref}/packages/{package}", endpoint(edit), name="projects:package", methods=["GET", "POST"]),
    Route("/me/projects/{ref}/packages/{package}/act", endpoint(act), name="projects:package_act", methods=["POST"]),
]
