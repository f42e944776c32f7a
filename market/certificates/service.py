"""What happens to certificates. What is public of an organisation changes with them, so its documents are told."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market import journal
from market.accounts.models import Organisation
from market.certificates.models import OPEN, Certificate
from market.db import assign
from market.errors import Conflict
from market.files import service as files
from market.files.models import File
from market.files.stores import Store
from market.i18n import N_
from market.viewer import Viewer

CHANGED = N_("The firm has changed this certificate meanwhile. Please look at it again.")


def add(session: Session, viewer: Viewer, organisation: Organisation, now: datetime, **fields: object) -> Certificate:
    """A certificate from the model's fields, as seeds and imports hold it."""
    certificate = Certificate(organisation=organisation, created_at=now, updated_at=now, **fields)
    session.add(certificate)
    journal.record(session, viewer, "certificates.added", certificate, now)
    return certificate


def change(session: Session, viewer: Viewer, certificate: Certificate, now: datetime, **fields: object) -> bool:
    """Set the fields that differ; False (and nothing recorded) where none does."""
    before = certificate.valid_until
    changed = assign(certificate, fields)
    if not changed:
        return False
    if certificate.valid_until != before:
        certificate.warned_days = None
    certificate.updated_at = now
    journal.record(session, viewer, "certificates.changed", certificate, now, data={"fields": sorted(changed)})
    return True


def upload(
    session: Session, viewer: Viewer, organisation: Organisation, file: File, now: datetime, **facts: object
) -> Certificate:
    """A new certificate of the firm; it counts once the operator has verified it."""
    certificate = Certificate(
        organisation=organisation,
        file=file,
        state="uploaded",
        submitted_at=now,
        created_at=now,
        updated_at=now,
        **facts,
    )
    session.add(certificate)
    data: dict[str, object] = {"type": certificate.type, "sha256": file.sha256}
    journal.record(session, viewer, "certificates.uploaded", certificate, now, data=data)
    return certificate


def correct(session: Session, viewer: Viewer, certificate: Certificate, now: datetime, **facts: object) -> bool:
    """What the firm itself changes is looked at anew and counts again after that. False where nothing differs.

    `facts` may hold `file`.
    """
    if not change(session, viewer, certificate, now, **facts):
        return False
    if certificate.state != "uploaded":
        certificate.state, certificate.submitted_at = "uploaded", now
    certificate.decided_at, certificate.decided_by = None, ""
    certificate.source, certificate.reason, certificate.note = "", "", {}
    return True


def replace(
    session: Session, viewer: Viewer, certificate: Certificate, file: File, now: datetime, **facts: object
) -> Certificate:
    """Hand in the next one; the old one counts until the new one is verified. Raises Conflict where one waits."""
    if certificate.state != "verified":
        raise Conflict("only a verified certificate can be replaced", reason="state")
    if waiting_for(session, certificate) is not None:
        raise Conflict(N_("A new one is being checked already."), reason="waiting")
    return upload(session, viewer, certificate.organisation, file, now, replaces=certificate, **facts)


def waiting_for(session: Session, certificate: Certificate) -> Certificate | None:
    """The one handed in to take its place."""
    return session.scalar(
        select(Certificate).where(Certificate.replaces_id == certificate.id, Certificate.state == "uploaded")
    )


def withdraw(session: Session, viewer: Viewer, store: Store, certificate: Certificate, now: datetime) -> None:
    """Take it out of the wallet for good: file and person are forgotten, that it was there is not."""
    if certificate.state not in OPEN:
        raise Conflict("the certificate is not in the wallet", reason="state")
    file, certificate.file = certificate.file, None
    certificate.state, certificate.holder, certificate.updated_at = "withdrawn", "", now
    journal.record(session, viewer, "certificates.withdrawn", certificate, now, data={"type": certificate.type})
    if file is not None:
        forget_file(session, viewer, store, file, now)


def forget_file(session: Session, viewer: Viewer, store: Store, file: File, now: datetime) -> None:
    """Remove a file no certificate names any more."""
    session.flush()
    files.remove(session, viewer, store, file, now)


def verify(session: Session, viewer: Viewer, certificate: Certificate, now: datetime) -> None:
    """The operator has looked at the file and found what the firm says. Raises Conflict unless it waits."""
    _decide(viewer, certificate, "verified", now)
    journal.record(session, viewer, "certificates.verified", certificate, now, data={"type": certificate.type})
    old = certificate.replaces
    if old is not None and old.state in OPEN:
        old.state, old.updated_at = "replaced", now
        data: dict[str, object] = {"by": certificate.ref}
        journal.record(session, viewer, "certificates.replaced", old, now, data=data)


def decline(
    session: Session, viewer: Viewer, certificate: Certificate, reason: str, note: dict[str, str], now: datetime
) -> None:
    """It does not count, and why. Raises Conflict unless it waits."""
    _decide(viewer, certificate, "declined", now)
    certificate.reason, certificate.note = reason, note
    data: dict[str, object] = {"type": certificate.type, "reason": reason}
    journal.record(session, viewer, "certificates.declined", certificate, now, data=data)


def _decide(viewer: Viewer, certificate: Certificate, state: str, now: datetime) -> None:
    if certificate.state != "uploaded":
        raise Conflict("the certificate does not wait for a decision", reason="state")
    certificate.state = state
    certificate.decided_at = certificate.updated_at = now
    certificate.decided_by, certificate.source = viewer.name, ""


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
