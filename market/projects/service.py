"""What happens to projects and their work packages. Every verb ends in the journal."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from market import journal
from market.accounts.models import Organisation
from market.db import assign
from market.errors import Conflict
from market.i18n import N_
from market.needs import service as needs
from market.needs.models import Need
from market.needs.procedures import PROCEDURES
from market.projects import lifecycle
from market.projects.models import Project, WorkPackage
from market.taxonomy.places import same_place
from market.viewer import Viewer


def begin(session: Session, viewer: Viewer, organisation: Organisation, now: datetime, **fields: object) -> Project:
    project = Project(organisation=organisation, created_at=now, updated_at=now, **fields)
    session.add(project)
    journal.record(session, viewer, "projects.begun", project, now, tell=())
    return project


def change(session: Session, viewer: Viewer, project: Project, now: datetime, **fields: object) -> None:
    """Raises Conflict for a closed one."""
    _open(project)
    if changed := assign(project, fields):
        project.updated_at = now
        journal.record(session, viewer, "projects.changed", project, now, tell=(), data={"fields": sorted(changed)})


def move(session: Session, viewer: Viewer, project: Project, name: str, now: datetime) -> None:
    """Raises Conflict where the table forbids it, or while a need of it is under way."""
    state = lifecycle.after(project.state, name)
    under_way = [one.need for one in packages_of(session, project) if one.need]
    if name == "close" and any(need.stage in lifecycle.UNDER_WAY for need in under_way):
        raise Conflict(N_("A need of this project is still under way. Decide or cancel it first."), reason="needs")
    project.state, project.updated_at = state, now
    journal.record(session, viewer, f"projects.{lifecycle.VERBS[name]}", project, now, tell=())


def packages_of(session: Session, project: Project) -> Sequence[WorkPackage]:
    """In their order, with their needs."""
    session.flush()
    query = select(WorkPackage).where(WorkPackage.project_id == project.id).options(joinedload(WorkPackage.need))
    return session.scalars(query.order_by(WorkPackage.place, WorkPackage.id)).all()


def add(session: Session, viewer: Viewer, project: Project, now: datetime, **fields: object) -> WorkPackage:
    """At the end of the order."""
    _open(project)
    last = session.scalar(select(func.max(WorkPackage.place)).where(WorkPackage.project_id == project.id))
    package = WorkPackage(project=project, place=(last or 0) + 1, **fields)
    session.add(package)
    project.updated_at = now
    _tell(session, viewer, "projects.package_added", package, now)
    return package


def change_package(session: Session, viewer: Viewer, package: WorkPackage, now: datetime, **fields: object) -> None:
    _open(package.project)
    if assign(package, fields):
        package.project.updated_at = now
        _tell(session, viewer, "projects.package_changed", package, now)


def shift(session: Session, viewer: Viewer, package: WorkPackage, steps: int, now: datetime) -> None:
    """Up (-1) or down (1) by one place; at the end of the list nothing happens."""
    _open(package.project)
    rows = list(packages_of(session, package.project))
    here = rows.index(package)
    there = min(max(0, here + steps), len(rows) - 1)
    if there != here:
        rows.insert(there, rows.pop(here))
        _number(rows)
        package.project.updated_at = now
        _tell(session, viewer, "projects.package_moved", package, now)


def remove(session: Session, viewer: Viewer, package: WorkPackage, now: datetime) -> None:
    """Its need stays, on its own."""
    project = package.project
    _open(project)
    _tell(session, viewer, "projects.package_removed", package, now)
    session.delete(package)
    _number(packages_of(session, project))
    project.updated_at = now


def draft(session: Session, viewer: Viewer, package: WorkPackage, procedure: str, lang: str, now: datetime) -> Need:
    """A draft need with title, text, site and dates of the package, or of its project where it names none.

    Raises Conflict where the package has a need.
    """
    project = package.project
    _open(project)
    if package.need is not None:
        raise Conflict(N_("This work package has a need already."), reason="need")
    need = needs.create(
        session,
        viewer,
        project.organisation,
        now,
        title=package.title,
        description=package.description,
        lang=lang,
        procedure=procedure,
        visibility=PROCEDURES[procedure].visibility,
        contact_id=project.contact_id or viewer.person_id,
        site=package.site or project.site,
        execution_from=package.starts_on or project.starts_on,
        execution_until=package.ends_on or project.ends_on,
        **same_place(project),
    )
    session.flush()
    package.need = need
    project.updated_at = now
    _tell(session, viewer, "projects.need_drafted", package, now)
    return need


def free_needs(session: Session, project: Project, but: WorkPackage | None) -> Sequence[Need]:
    """Needs of the partner no other work package points to, the newest first."""
    taken = select(WorkPackage.need_id).where(
        WorkPackage.need_id.is_not(None), WorkPackage.id != (but.id if but else 0)
    )
    own = select(Need).where(Need.organisation_id == project.organisation_id, Need.is_template.is_(False))
    return session.scalars(own.where(Need.id.not_in(taken)).order_by(Need.id.desc())).all()


def _number(rows: Sequence[WorkPackage]) -> None:
    for place, row in enumerate(rows, start=1):
        row.place = place


def _open(project: Project) -> None:
    if project.state != "open":
        raise Conflict(N_("This project is closed. Open it again before you change it."), reason="closed")


def _tell(session: Session, viewer: Viewer, verb: str, package: WorkPackage, now: datetime) -> None:
    data: dict[str, object] = {"project": package.project.ref}
    journal.record(session, viewer, verb, package, now, tell=(), data=data)
