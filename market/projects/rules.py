"""Who may see and keep projects: the partner's own people, nobody else and no other partner."""

from sqlalchemy import Select, select

from market.accounts.models import Organisation
from market.needs.rules import may_draft
from market.projects.models import Project
from market.viewer import Viewer


def visible_projects(viewer: Viewer) -> Select[Project]:
    """Those of one's own partner; the operator sees them only on its behalf."""
    return select(Project).where(Project.organisation_id == (viewer.organisation_id or 0))


def may_keep(viewer: Viewer, organisation: Organisation) -> bool:
    """Begins, changes and closes them: who drafts the needs."""
    return may_draft(viewer, organisation)
