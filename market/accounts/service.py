"""What happens to organisations. Every change ends in the journal and tells the search."""

from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy.orm import Session

from market import journal
from market.accounts.models import Organisation
from market.db import assign
from market.errors import Conflict
from market.values import fold
from market.viewer import Viewer

ON_SUSPEND: list[Callable[[Session, Organisation, datetime], None]] = []
"""Higher slices hear that a firm is out of public sight."""


def create(session: Session, viewer: Viewer, now: datetime, **fields: object) -> Organisation:
    """A new organisation from the model's fields."""
    organisation = Organisation(created_at=now, updated_at=now, **fields)
    session.add(organisation)
    _index_words(organisation)
    journal.record(session, viewer, "accounts.created", organisation, now)
    return organisation


def change(session: Session, viewer: Viewer, organisation: Organisation, now: datetime, **fields: object) -> bool:
    """Set the fields that differ; False (and nothing recorded) where none does."""
    changed = assign(organisation, fields)
    if not changed:
        return False
    organisation.updated_at = now
    _index_words(organisation)
    journal.record(session, viewer, "accounts.changed", organisation, now, data={"fields": sorted(changed)})
    return True


def verify(session: Session, viewer: Viewer, organisation: Organisation, on: date, source: str, now: datetime) -> None:
    """The operator has checked the firm against a source, e.g. the commercial register."""
    organisation.verified_on, organisation.verified_by, organisation.verified_source = on, viewer.name, source
    organisation.updated_at = now
    journal.record(session, viewer, "accounts.verified", organisation, now, data={"source": source})


def suspend(session: Session, viewer: Viewer, organisation: Organisation, reason: str, now: datetime) -> None:
    """Take the firm and all it publishes out of public sight."""
    if organisation.suspended_at is not None:
        raise Conflict("The organisation is suspended already.")
    organisation.suspended_at = organisation.updated_at = now
    for told in ON_SUSPEND:
        told(session, organisation, now)
    journal.record(session, viewer, "accounts.suspended", organisation, now, data={"reason": reason})


def reinstate(session: Session, viewer: Viewer, organisation: Organisation, now: datetime, reason: str = "") -> None:
    if organisation.suspended_at is None:
        raise Conflict("The organisation is not suspended.")
    organisation.suspended_at, organisation.updated_at = None, now
    data: dict[str, object] | None = {"reason": reason} if reason else None
    journal.record(session, viewer, "accounts.reinstated", organisation, now, data=data)


def _index_words(organisation: Organisation) -> None:
    parts = (
        organisation.name,
        organisation.postcode,
        organisation.town,
        *(organisation.about or {}).values(),
    )
    organisation.search_text = fold(" ".join(part for part in parts if part))
