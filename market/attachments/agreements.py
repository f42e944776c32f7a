"""The confidentiality agreement of a firm: its versions, who has accepted it, who may no longer."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market import journal
from market.accounts.models import Organisation
from market.attachments.models import Acceptance, Agreement
from market.errors import Conflict
from market.viewer import Viewer


def current(session: Session, organisation_id: int) -> Agreement | None:
    """The newest version, which counts."""
    query = select(Agreement).where(Agreement.organisation_id == organisation_id)
    return session.scalar(query.order_by(Agreement.version.desc()).limit(1))


def write(session: Session, viewer: Viewer, organisation: Organisation, text: str, now: datetime) -> Agreement:
    """The text from now on; the same text again changes nothing, another one has to be accepted anew."""
    session.execute(select(Organisation.id).where(Organisation.id == organisation.id).with_for_update())
    old = current(session, organisation.id)
    if old is not None and old.text == text:
        return old
    version = old.version + 1 if old is not None else 1
    new = Agreement(organisation_id=organisation.id, version=version, text=text, created_at=now, created_by=viewer.name)
    session.add(new)
    journal.record(session, viewer, "agreements.written", new, now, tell=(), data={"version": version})
    return new


def accept(session: Session, viewer: Viewer, agreement: Agreement, now: datetime) -> Acceptance:
    """For the viewer's organisation. Raises Conflict where the firm has taken one back, or the text is old."""
    assert viewer.organisation_id is not None
    newest = current(session, agreement.organisation_id)
    if newest is None or newest.id != agreement.id:
        raise Conflict("there is a newer text")
    if is_shut_out(session, viewer.organisation_id, agreement.organisation_id):
        raise Conflict("the firm has taken the access back")
    old = session.scalar(
        select(Acceptance).where(
            Acceptance.agreement_id == agreement.id, Acceptance.organisation_id == viewer.organisation_id
        )
    )
    if old is not None:
        return old
    made = Acceptance(
        agreement=agreement, organisation_id=viewer.organisation_id, person_id=viewer.person_id, accepted_at=now
    )
    session.add(made)
    journal.record(session, viewer, "agreements.accepted", made, now, tell=(), data={"version": agreement.version})
    return made


def has_accepted(session: Session, viewer: Viewer, firm_id: int) -> bool:
    """Whether the viewer's organisation has accepted the text that counts, and may still see what follows from it."""
    if viewer.organisation_id is None:
        return False
    agreement = current(session, firm_id)
    if agreement is None or is_shut_out(session, viewer.organisation_id, firm_id):
        return False
    query = select(Acceptance.id).where(
        Acceptance.agreement_id == agreement.id, Acceptance.organisation_id == viewer.organisation_id
    )
    return session.scalar(query) is not None


def is_shut_out(session: Session, organisation_id: int, firm_id: int) -> bool:
    query = select(Acceptance.id).join(Acceptance.agreement)
    query = query.where(Agreement.organisation_id == firm_id, Acceptance.organisation_id == organisation_id)
    return session.scalar(query.where(Acceptance.revoked_at.is_not(None)).limit(1)) is not None


def of_firm(session: Session, firm_id: int) -> list[Acceptance]:
    """Who has accepted, the newest first."""
    query = select(Acceptance).join(Acceptance.agreement).where(Agreement.organisation_id == firm_id)
    return list(session.scalars(query.order_by(Acceptance.accepted_at.desc(), Acceptance.id.desc())))


def revoke(session: Session, viewer: Viewer, acceptance: Acceptance, now: datetime) -> None:
    """The organisation sees nothing more of this firm's, and cannot accept again."""
    if acceptance.revoked_at is None:
        acceptance.revoked_at = now
        journal.record(session, viewer, "agreements.revoked", acceptance, now, tell=())


def readmit(session: Session, viewer: Viewer, acceptance: Acceptance, now: datetime) -> None:
    """Takes the revocation back."""
    if acceptance.revoked_at is not None:
        acceptance.revoked_at = None
        journal.record(session, viewer, "agreements.readmitted", acceptance, now, tell=())
