"""What happens to certificates. What is public of an organisation changes with them, so its documents are told."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market import journal
from market.accounts.models import Organisation
from market.certificates.models import Certificate
from market.db import assign
from market.viewer import Viewer


def add(session: Session, viewer: Viewer, organisation: Organisation, now: datetime, **fields: object) -> Certificate:
    certificate = Certificate(organisation=organisation, created_at=now, updated_at=now, **fields)
    session.add(certificate)
    journal.record(session, viewer, "certificates.added", certificate, now)
    return certificate


def change(session: Session, viewer: Viewer, certificate: Certificate, now: datetime, **fields: object) -> bool:
    """Set the fields that differ; False (and nothing recorded) where none does."""
    changed = assign(certificate, fields)
    if not changed:
        return False
    certificate.updated_at = now
    journal.record(session, viewer, "certificates.changed", certificate, now, data={"fields": sorted(changed)})
    return True


def of_organisations(session: Session, ids: list[int]) -> dict[int, list[Certificate]]:
    """All certificates by organisation id, those that hold longest first."""
    found: dict[int, list[Certificate]] = {id_: [] for id_ in ids}
    query = select(Certificate).where(Certificate.organisation_id.in_(ids)).order_by(Certificate.id)
    for certificate in session.scalars(query):
        found[certificate.organisation_id].append(certificate)
    for certificates in found.values():
        certificates.sort(key=lambda c: -c.until_number)
    return found


def changing_between(session: Session, after: date, until: date) -> set[int]:
    """Organisations of which a certificate begins or has ended on a day in (after, until]: the clock's question."""
    begins = (Certificate.valid_from > after) & (Certificate.valid_from <= until)
    ended = (Certificate.valid_until >= after) & (Certificate.valid_until < until)
    return set(session.scalars(select(Certificate.organisation_id).where(begins | ended)))
