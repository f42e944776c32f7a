"""Who may see, change and decide on certificates."""

from sqlalchemy import Select, select

from market.accounts import rules as accounts
from market.certificates.models import OPEN, Certificate
from market.viewer import Viewer


def may_edit(viewer: Viewer, certificate: Certificate) -> bool:
    """Its firm's admins and editors; the operator on its behalf."""
    return accounts.may_edit(viewer, certificate.organisation)


def may_decide(viewer: Viewer) -> bool:
    """Verify and decline."""
    return viewer.is_operator


def visible_certificates(viewer: Viewer) -> Select[Certificate]:
    """What is in the wallet of one's own organisation; all wallets for the operator."""
    query = select(Certificate).where(Certificate.state.in_(OPEN))
    return query if viewer.is_operator else query.where(Certificate.organisation_id == (viewer.organisation_id or 0))


def visible_waiting(viewer: Viewer) -> Select[Certificate]:
    """What waits for the operator, the oldest first; nothing for anybody else."""
    query = visible_certificates(viewer).where(Certificate.state == "uploaded")
    query = query if may_decide(viewer) else query.where(Certificate.id == 0)
    return query.order_by(Certificate.submitted_at, Certificate.id)
