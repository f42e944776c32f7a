"""Letters about certificates, to those of the firm who can do something about them, each in the own language."""

from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from market.accounts import people
from market.certificates import labels
from market.certificates.models import Certificate
from market.certificates.reasons import REASONS
from market.i18n import language_of, words
from market.mail import letters
from market.web.languages import localised

WARNINGS: Final = (7, 30, 90)
"""Days before the end of a certificate on which its firm is told."""


def write_decision(session: Session, certificate: Certificate, now: datetime, base_url: str) -> int:
    """What the operator has decided, and why; returns how many letters that were."""
    return write_to_editors(session, certificate, now, base_url, f"certificates/{certificate.state}")


def write_warnings(session: Session, today: date, now: datetime, base_url: str) -> int:
    """Letters about certificates that end within 90, 30 or 7 days, once each; returns for how many certificates."""
    warned = 0
    for certificate in ending(session, today):
        left = (certificate.valid_until - today).days if certificate.valid_until else 0
        certificate.warned_days = next(days for days in WARNINGS if left <= days)
        write_to_editors(session, certificate, now, base_url, "certificates/ending", left=left)
        warned += 1
    return warned


def ending(session: Session, today: date) -> list[Certificate]:
    """Verified certificates whose firm has to be told now; those with a new one in the queue can wait."""
    renewed = select(Certificate.replaces_id).where(
        Certificate.state == "uploaded", Certificate.replaces_id.is_not(None)
    )
    due = or_(
        *(
            (Certificate.valid_until <= today + timedelta(days=days))
            & (Certificate.warned_days.is_(None) | (Certificate.warned_days > days))
            for days in WARNINGS
        )
    )
    query = select(Certificate).where(
        Certificate.state == "verified", Certificate.valid_until >= today, due, Certificate.id.not_in(renewed)
    )
    return list(session.scalars(query.order_by(Certificate.id)))


def write_to_editors(
    session: Session,
    certificate: Certificate,
    now: datetime,
    base_url: str,
    event: str,
    left: int = 0,
    due: date | None = None,
) -> int:
    written = 0
    for person in people.editors(session, certificate.organisation):
        language = language_of(person.language)
        w = words(language)
        letters.write(
            session,
            now,
            person.email,
            language,
            event,
            firm=certificate.organisation.name,
            title=labels.title(w, certificate),
            until=certificate.valid_until,
            reason=w(REASONS[certificate.reason]) if certificate.reason else "",
            note=w.in_language(certificate.note or {})[0],
            link=base_url + localised(f"/me/certificates/{certificate.ref}", language),
            left=left,
            due=due,
        )
        written += 1
    return written
