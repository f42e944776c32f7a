"""The half-yearly confirmation: the welding supervisor writes on a qualification that the person has gone on welding.

Without it a qualification by EN ISO 9606 does not hold, however long it runs. It is kept by the firm as its word; the
operator looks at the certificate itself.
"""

from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market import journal
from market.certificates.letters import write_to_editors
from market.certificates.models import Certificate
from market.errors import Conflict
from market.i18n import N_
from market.values import first_of_month
from market.viewer import Viewer

TYPES: Final = ("iso-9606-1", "iso-9606-2")
MONTHS: Final = 6
AHEAD: Final = timedelta(days=14)
"""So long before the day the firm has a letter, once."""
NEAR: Final = (timedelta(days=187), timedelta(days=164))
"""Before today: among the days since when it holds, those whose half year can end within `AHEAD`."""
OUTSIDE: Final = N_("Enter a day that is neither before the last confirmation nor after today.")


def due_on(certificate: Certificate) -> date | None:
    """The day by which it has to be confirmed next; None where nothing is, or nobody knows since when it holds."""
    since = certificate.confirmed_on or certificate.valid_from
    if certificate.type not in TYPES or certificate.state != "verified" or since is None:
        return None
    due = _later(since)
    return due if certificate.valid_until is None or due < certificate.valid_until else None


def _later(day: date) -> date:
    """Six months on, on the last day of a month that is too short."""
    month = first_of_month(day, MONTHS)
    return month.replace(day=min(day.day, monthrange(month.year, month.month)[1]))


def confirm(session: Session, viewer: Viewer, certificate: Certificate, day: date, today: date, now: datetime) -> None:
    """Raises Conflict where there is nothing to confirm, or not on that day."""
    since = certificate.confirmed_on or certificate.valid_from
    if due_on(certificate) is None or since is None or not since <= day <= today:
        raise Conflict(OUTSIDE, reason="day")
    certificate.confirmed_on, certificate.updated_at = day, now
    data: dict[str, object] = {"type": certificate.type}
    journal.record(session, viewer, "certificates.confirmed", certificate, now, tell=(), data=data)


def remind(session: Session, today: date, now: datetime, base_url: str) -> int:
    """Letters about confirmations that are due within two weeks, once each; for how many certificates."""
    since = func.coalesce(Certificate.confirmed_on, Certificate.valid_from)
    query = select(Certificate).where(Certificate.state == "verified", Certificate.type.in_(TYPES))
    query = query.where(since.between(today - NEAR[0], today - NEAR[1]))
    reminded = 0
    for certificate in session.scalars(query.order_by(Certificate.id)):
        due = due_on(certificate)
        holds = certificate.valid_until is None or certificate.valid_until >= today
        if due is None or not holds or not today <= due <= today + AHEAD or certificate.reminded_of == due:
            continue
        certificate.reminded_of = due
        write_to_editors(session, certificate, now, base_url, "certificates/confirm", due=due)
        reminded += 1
    return reminded
