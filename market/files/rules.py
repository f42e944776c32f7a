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
ONLY: dict[str, Rule] = {}
"""Purposes whose rule alone decides: neither membership nor running the marketplace is enough."""


def may_read(session: Session, viewer: Viewer, file: File) -> bool:
    """Its own organisation and the operator, unless its purpose is one of ONLY; others as its purpose says."""
    if file.purpose in ONLY:
        return ONLY[file.purpose](session, viewer, file)
    if may_see_inside(viewer, file.organisation):
        return True
    rule = RULES.get(file.purpose)
    return rule is not None and rule(session, viewer, file)
