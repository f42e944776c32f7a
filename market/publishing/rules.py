"""Whose offerings somebody sees inside, and who changes them."""

from sqlalchemy import Select, select

from market.accounts.models import Organisation
from market.accounts.rules import may_edit
from market.errors import Forbidden, NotFound
from market.offerings.models import Offering
from market.viewer import Viewer
from market.web.endpoint import Call


def visible_own(organisation: Organisation) -> Select[Offering]:
    """All offerings of a firm in all states, those changed last first."""
    query = select(Offering).where(Offering.organisation_id == organisation.id)
    return query.order_by(Offering.updated_at.desc(), Offering.id.desc())


def visible_queue(viewer: Viewer) -> Select[Offering]:
    """What the operator has not looked at, the oldest first; nothing for anybody else."""
    waits = Offering.queued_at.is_not(None) & Offering.status.in_(("submitted", "published"))
    query = select(Offering).join(Offering.organisation).where(waits)
    query = query if viewer.is_operator else query.where(Offering.id == 0)
    return query.order_by(Offering.queued_at, Offering.id)


def own_offering(call: Call, organisation: Organisation, ref: str, *, edits: bool = False) -> Offering:
    """One of the firm's. Raises NotFound, and Forbidden where a reader would change it."""
    query = select(Offering).where(Offering.ref == ref, Offering.organisation_id == organisation.id)
    if call.request.method == "POST":
        query = query.with_for_update(of=Offering)
    offering = call.session.scalar(query)
    if offering is None:
        raise NotFound(f"no offering {ref} of yours")
    if edits:
        refuse_readers(call, organisation)
    return offering


def refuse_readers(call: Call, organisation: Organisation) -> None:
    """Raises Forbidden for roles that only read."""
    if not may_edit(call.viewer, organisation):
        raise Forbidden("this role does not edit offerings")
