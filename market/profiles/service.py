"""The logo of an organisation: a file of the purpose `logo`, the newest counts."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market import journal
from market.accounts.models import Organisation
from market.files import service as files
from market.files.models import File
from market.files.service import Taken
from market.files.stores import Store
from market.viewer import Viewer


def logo_of(session: Session, organisation_id: int) -> File | None:
    query = select(File).where(File.organisation_id == organisation_id, File.purpose == "logo")
    return session.scalar(query.order_by(File.id.desc()).limit(1))


def set_logo(
    session: Session, viewer: Viewer, store: Store, organisation: Organisation, taken: Taken, now: datetime
) -> File:
    """Replace the logo."""
    old = logo_of(session, organisation.id)
    new = files.keep(session, viewer, organisation, taken, "logo", now)
    if old is not None:
        files.remove(session, viewer, store, old, now)
    journal.record(session, viewer, "accounts.logo_set", organisation, now)
    return new


def drop_logo(session: Session, viewer: Viewer, store: Store, organisation: Organisation, now: datetime) -> None:
    old = logo_of(session, organisation.id)
    if old is not None:
        files.remove(session, viewer, store, old, now)
        journal.record(session, viewer, "accounts.logo_dropped", organisation, now)
