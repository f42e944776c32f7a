"""Who may have a file. A slice that lets others have its files adds its purpose here."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from market.accounts.rules import may_see_inside
from market.files.models import File
from market.viewer import Viewer

Rule = Callable[[Session, Viewer, File], bool]


def _everybody(session: Session, viewer: Viewer, file: File) -> bool:
    return file.organisation.is_public or may_see_inside(viewer, file.organisation)


RULES: dict[str, Rule] = {"logo": _everybody}


def may_read(session: Session, viewer: Viewer, file: File) -> bool:
    """Its own organisation and the operator always; others as its purpose says."""
    if may_see_inside(viewer, file.organisation):
        return True
    rule = RULES.get(file.purpose)
    return rule is not None and rule(session, viewer, file)
