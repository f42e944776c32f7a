"""`/me/projects`: a partner's projects, each with its work packages, their needs and what comes next."""

from typing import Any

from sqlalchemy import func, select
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts.models import Member, Organisation
from market.errors import Conflict, Forbidden, NotFound
from market.i18n import N_
from market.needs import desk
from market.needs.models import Need
from market.projects import labels, service
from market.projects.forms import ProjectForm
from market.projects.models import Project, WorkPackage
from market.projects.rules import may_keep, visible_projects
from market.taxonomy.places import Gazetteer, fields_of
from market.web import stale
from market.web.endpoint import Call, endpoint
from market.web.forms import BACKWARDS, Filled, read


def index(call: Call) -> Response:
    organisation = desk.partner(call)
    projects = list(call.session.scalars(visible_projects(call.viewer).order_by(Project.id.desc())))
    counted = select(WorkPackage.project_id, func.count(), func.count(WorkPackage.need_id))
    counted = counted.where(WorkPackage.project_id.in_([one.id for one in projects])).group_by(WorkPackage.project_id)
    counts = {row[0]: (row[1], row[2]) for row in call.session.execute(counted)}
    return call.render(
        "projects/list.html",
        running=[one for one in projects if one.state == "open"],
        closed=[one for one in projects if one.state == "closed"],
        counts=counts,
        keeps=may_keep(call.viewer, organisation),
        labels=labels,
    )


def of_own(call: Call, ref: str) -> Project:
    """One of one's own partner, locked for a write. Raises NotFound."""
    desk.partner(call)
    query = visible_projects(call.viewer).where(Project.ref == ref)
    project = call.session.scalar(query.with_for_update() if call.request.method == "POST" else query)
    if project is None:
        raise NotFound(f"no project {ref} of yours")
    return project


def keeper(call: Call, organisation: Organisation) -> None:
    if not may_keep(call.viewer, organisation):
        raise Forbidden("only buyers and admins keep projects")


def show(call: Call, ref: str) -> Response:
    return page(call, of_own(call, ref))


def page(call: Call, project: Project, *, said: str = "", status: int = 200) -> Response:
    packages = service.packages_of(call.session, project)
    return call.render(
        "projects/show.html",
        status=status,
        project=project,
        packages=packages,
        coming=labels.coming(call.words, packages, call.today),
        said=said,
        keeps=may_keep(call.viewer, project.organisation),
        labels=labels,
    )


def new(call: Call) -> Response:
    organisation = desk.partner(call)
    keeper(call, organisation)
    begun: dict[str, Any] = {"place": f"{organisation.postcode} {organisation.town}".strip()}
    if call.request.method != "POST":
        return _form(call, organisation, None, Filled(begun | {"contact": call.viewer.person_id}))
    filled, fields = _read(call, organisation)
    if filled.data is None:
        return _form(call, organisation, None, filled, 422)
    project = service.begin(call.session, call.viewer, organisation, call.now, **fields)
    return call.redirect("projects:show", ref=project.ref)


def edit(call: Call, ref: str) -> Response:
    project = of_own(call, ref)
    keeper(call, project.organisation)
    if call.request.method != "POST":
        return _form(call, project.organisation, project, Filled(_values(project)))
    filled, fields = _read(call, project.organisation)
    if filled.data is None:
        return _form(call, project.organisation, project, filled, 422)
    if stale.is_stale(call, stale.mark(_values(project))):
        return _form(call, project.organisation, project, filled, 409)
    try:
        service.change(call.session, call.viewer, project, call.now, **fields)
    except Conflict as refusal:
        return page(call, project, said=call.words(str(refusal)), status=409)
    return call.redirect("projects:show", ref=ref)


def _read(call: Call, organisation: Organisation) -> tuple[Filled[Any], dict[str, object]]:
    """What was typed, and the fields it makes."""
    filled: Filled[Any] = read(call.form, ProjectForm, call.words)
    form = filled.data
    if form is None:
        return filled, {}
    spot = Gazetteer.load(call.session).locate(form.place) if form.place else None
    if form.place and spot is None:
        filled.refuse("place", call.words(N_("We do not know this place. Give a postcode or a town.")))
    if form.is_backwards():
        filled.refuse("ends_on", call.words(BACKWARDS))
    if form.contact is not None and form.contact not in dict(_people(call, organisation)):
        filled.refuse("contact", call.words(N_("Please choose one of the options.")))
    kept = form.model_dump(exclude={"place", "contact"}) | {"contact_id": form.contact}
    return filled, kept | fields_of(spot)


def _values(project: Project) -> dict[str, Any]:
    names = ("name", "site", "description")
    days = {name: getattr(project, name) or "" for name in ("starts_on", "ends_on", "contact_id")}
    given = {name: getattr(project, name) for name in names} | {"place": labels.place(project)}
    return given | {"starts_on": days["starts_on"], "ends_on": days["ends_on"], "contact": days["contact_id"]}


def _people(call: Call, organisation: Organisation) -> list[tuple[int, str]]:
    query = select(Member).where(Member.organisation_id == organisation.id, Member.ended_at.is_(None))
    members = call.session.scalars(query.order_by(Member.id))
    return [(one.person_id, one.person.shown) for one in members]


def _form(
    call: Call, organisation: Organisation, project: Project | None, filled: Filled[Any], status: int = 200
) -> Response:
    asked = status == 409
    people = _people(call, organisation)
    kept = _values(project) if project else {}
    return call.render(
        "projects/edit.html",
        status=status,
        project=project,
        filled=filled,
        people=[("", call.words(N_("please choose"))), *people],
        asked=asked,
        saved=_saved(call, kept, dict(people)) if asked else [],
        seen=stale.seen(call, stale.mark(kept), asked=asked),
    )


def _saved(call: Call, kept: dict[str, Any], people: dict[int, str]) -> list[tuple[str, object]]:
    """What stands there now, line by line."""
    w, none = call.words, call.words(N_("not stated"))
    days = [w.day(kept[name], "long") if kept[name] else "" for name in ("starts_on", "ends_on")]
    lines = (
        (N_("Name"), kept["name"]),
        (N_("Postcode or town"), kept["place"]),
        (N_("Site"), kept["site"]),
        (N_("First day"), days[0]),
        (N_("Last day"), days[1]),
        (N_("Description"), kept["description"]),
        (N_("Contact"), people.get(kept["contact"] or 0, "")),
    )
    return [(w(name), text or none) for name, text in lines]


def act(call: Call, ref: str) -> Response:
    """Close it, or open it again."""
    project = of_own(call, ref)
    keeper(call, project.organisation)
    try:
        service.move(call.session, call.viewer, project, str(call.form.get("do", "")), call.now)
    except Conflict as refusal:
        return page(call, project, said=call.words(str(refusal)), status=409)
    return call.redirect("projects:show", ref=ref)


def of_need(call: Call, need: Need) -> list[desk.Way]:
    """On the page of a need among those of its partner: the project it belongs to."""
    query = select(WorkPackage).where(WorkPackage.need_id == need.id)
    package = call.session.scalar(query)
    if package is None:
        return []
    href = call.link("projects:show", ref=package.project.ref)
    return [desk.Way(call.words(N_("Project: %(name)s"), name=package.project.name), href, package.title)]


desk.ABOVE.append(of_need)

routes: list[BaseRoute] = [
    Route("/me/projects", endpoint(index), name="projects", methods=["GET"]),
    Route("/me/projects/new", endpoint(new), name="projects:new", methods=["GET", "POST"]),
    Route("/me/projects/{ref}", endpoint(show), name="projects:show", methods=["GET"]),
    Route("/me/projects/{ref}", endpoint(act), name="projects:act", methods=["POST"]),
    Route("/me/projects/{ref}/edit", endpoint(edit), name="projects:edit", methods=["GET", "POST"]),
]
