"""What happens to permits. One that deliveries count on never becomes smaller than they are."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market import journal
from market.accounts.models import Organisation
from market.db import assign
from market.deliveries import service
from market.deliveries.models import Delivery, Permit
from market.deliveries.refusals import Refusal
from market.deliveries.tonnes import tonnes, years
from market.errors import Conflict
from market.offerings.kinds import residual
from market.viewer import Viewer


def submit(session: Session, viewer: Viewer, organisation: Organisation, now: datetime, **facts: object) -> Permit:
    """A new permit of the firm; it counts once the operator has looked at it. `facts` are the model's fields."""
    permit = Permit(organisation=organisation, submitted_at=now, created_at=now, updated_at=now, **facts)
    session.add(permit)
    journal.record(session, viewer, "permits.submitted", permit, now, tell=())
    return permit


def correct(session: Session, viewer: Viewer, permit: Permit, now: datetime, **facts: object) -> bool:
    """What the firm changes is looked at anew; False where nothing differs.

    Raises Refusal where agreed deliveries would no longer fit, with what is in their way.
    """
    _hold(session, permit)
    with session.no_autoflush:
        changed = assign(permit, facts)
        if not changed:
            return False
        _still_bears(session, permit)
    permit.state, permit.submitted_at, permit.updated_at = "uploaded", now, now
    permit.decided_at, permit.reason = None, ""
    data: dict[str, object] = {"fields": sorted(changed)}
    journal.record(session, viewer, "permits.corrected", permit, now, tell=(), data=data)
    return True


def _still_bears(session: Session, permit: Permit) -> None:
    """Raises Refusal."""
    for delivery in _agreed_on(session, permit):
        if delivery.code not in permit.codes:
            raise Refusal("permit_code", code=delivery.code)
        starts, ends = delivery.starts_on, delivery.ends_on
        if (permit.valid_until and ends > permit.valid_until) or (permit.valid_from and starts < permit.valid_from):
            raise Refusal("permit_days", start=starts, end=ends)
    for year, kg in sorted(years(service.counted_on(session, permit)).items()):
        if kg > permit.kg_here:
            raise Refusal("permit_tonnage", year=year, needed=kg, limit=permit.kg_here)


def _agreed_on(session: Session, permit: Permit) -> Sequence[Delivery]:
    query = select(Delivery).where(Delivery.permit_id == permit.id, Delivery.state == "agreed")
    return session.scalars(query.order_by(Delivery.starts_on, Delivery.id)).all()


def withdraw(session: Session, viewer: Viewer, permit: Permit, now: datetime) -> None:
    """Out of the list; deliveries that came keep speaking of it. Raises Refusal while some are agreed on it."""
    _hold(session, permit)
    if permit.state == "withdrawn":
        raise Conflict("the permit is withdrawn", reason="state")
    if _agreed_on(session, permit):
        raise Refusal("permit_used")
    permit.state, permit.updated_at = "withdrawn", now
    journal.record(session, viewer, "permits.withdrawn", permit, now, tell=())


def verify(session: Session, viewer: Viewer, permit: Permit, now: datetime) -> None:
    """The operator has found in the decision what the firm says. Raises Conflict unless it waits."""
    _decide(session, viewer, permit, "verified", now)


def decline(session: Session, viewer: Viewer, permit: Permit, reason: str, now: datetime) -> None:
    """It does not count, and why. Raises Conflict unless it waits."""
    permit.reason = reason
    _decide(session, viewer, permit, "declined", now)


def _decide(session: Session, viewer: Viewer, permit: Permit, state: str, now: datetime) -> None:
    _hold(session, permit)
    if permit.state != "uploaded":
        raise Conflict("the permit does not wait for a decision", reason="state")
    permit.state, permit.decided_at, permit.updated_at = state, now, now
    journal.record(session, viewer, f"permits.{state}", permit, now, tell=())


def _hold(session: Session, permit: Permit) -> None:
    """Against deliveries agreed and decisions made at the same moment."""
    session.flush()
    session.execute(select(Permit.id).where(Permit.id == permit.id).with_for_update())


def for_matching(session: Session, organisation_id: int, today: date) -> list[residual.Permit]:
    """What an organisation's checked permits leave this year, as matching reads it; empty where it has none."""
    return [
        residual.Permit(
            codes=list(permit.codes),
            tonnes_per_year=tonnes(permit.kg_per_year),
            tonnes_used=tonnes(permit.kg_per_year - service.left(session, permit, today.year)),
            authority=permit.authority,
        )
        for permit in service.permits_of(session, organisation_id)
        if permit.standing(today) == "valid"
    ]


def has_rows(session: Session, organisation_id: int, codes: Sequence[str]) -> bool:
    """Whether the organisation keeps permits for any of these codes here; what listings state is void then."""
    return any(not set(codes).isdisjoint(permit.codes) for permit in service.permits_of(session, organisation_id))
