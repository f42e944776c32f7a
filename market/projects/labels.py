"""How far a work package is, and what comes next in a project, as people read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from market.i18n import N_, Words
from market.needs.labels import STAGES, deadline, period
from market.needs.lifecycle import UNDECIDED
from market.needs.models import Need
from market.projects.models import Project, WorkPackage
from market.values import local_day

SOON: Final = timedelta(days=7)
"""Before the day of a decision from which on it is marked."""


@dataclass(frozen=True)
class Coming:
    """A day of the project: what is due then, of which need."""

    day: date
    name: str
    text: str
    need: Need
    warn: bool = False


def stage(w: Words, package: WorkPackage) -> str:
    return w(N_("Planned")) if package.need is None else w(STAGES[package.need.stage])


def place(project: Project) -> str:
    return f"{project.postcode} {project.town}".strip()


def period_of(w: Words, package: WorkPackage) -> str:
    """Its own, or its project's where it names none."""
    project = package.project
    return period(w, package.starts_on or project.starts_on, package.ends_on or project.ends_on)


def coming(w: Words, packages: Sequence[WorkPackage], today: date) -> list[Coming]:
    """Deadlines to come and decisions that are due, the nearest first; an overdue decision stays until it is made."""
    found: list[Coming] = []
    for need in (one.need for one in packages if one.need is not None):
        if need.stage == "published":
            for name, moment in ((N_("Questions until"), need.questions_until), (N_("Bids until"), need.bids_until)):
                if moment is not None and local_day(moment) >= today:
                    found.append(Coming(local_day(moment), w(name), deadline(w, moment), need))
        if need.stage in UNDECIDED and need.decision_by is not None:
            said = w.day(need.decision_by, "long")
            late = need.decision_by <= today + SOON
            found.append(Coming(need.decision_by, w(N_("Decision at the latest")), said, need, late))
    return sorted(found, key=lambda one: (one.day, one.need.id))
