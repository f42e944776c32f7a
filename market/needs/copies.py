"""A need made from another: its texts, parts and people, with the dates moved. Documents and invitations stay behind:
a file belongs to one need, and whom to ask is decided anew. Of a pooled
need the copy has the leading partner's part."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import Session

from market.needs import contents, service
from market.needs.models import Need, Role
from market.needs.moments import shifted
from market.needs.parts import Lot
from market.values import local_day
from market.viewer import Viewer

FIELDS = (
    "kind procedure lang title summary description texts trades cpv ewc site postcode town country district lat lon "
    "quantity unit certificates languages visibility late_policy contact_id contact_hidden estimate_cents"
).split()
DAYS = ("execution_from", "execution_until", "decision_by")
MOMENTS = ("questions_until", "bids_until")


def copy(session: Session, viewer: Viewer, need: Need, now: datetime, *, template: bool = False) -> Need:
    """A new draft, or a template, of the same organisation."""
    days = 0 if template else weeks_since(need, now) * 7
    fields: dict[str, Any] = {name: getattr(need, name) for name in FIELDS}
    for name in DAYS:
        day = getattr(need, name)
        fields[name] = day + timedelta(days=days) if day else None
    if need.quantity is not None:
        fields["quantity"] = need.quantity - sum(one.quantity for one in need.shares)
    for name in MOMENTS:
        moment = getattr(need, name)
        fields[name] = shifted(moment, days) if moment else None
    made = service.create(session, viewer, need.organisation, now, **fields)
    made.is_template = template
    session.flush()
    _copy_parts(session, need, made, days)
    for roles in contents.roles_of(session, need).values():
        session.add_all(Role(need=made, person_id=role.person_id, role=role.role) for role in roles)
    session.flush()
    return made


def weeks_since(need: Need, now: datetime) -> int:
    """Whole weeks since it was drafted, rounded up: weekdays stay what they are."""
    return -(-(local_day(now) - local_day(need.created_at)).days // 7)


def _copy_parts(session: Session, old: Need, new: Need, days: int) -> None:
    lots: dict[int | None, Lot | None] = {None: None}
    for lot in contents.lots_of(session, old):
        lots[lot.id] = _copied(session, lot, new)
    session.flush()
    for item in contents.items_of(session, old):
        made = _copied(session, item, new)
        made.lot = lots[item.lot_id]
        made.quantity = item.quantity - sum(one.quantities.get(item.ref, 0.0) for one in old.shares)
        made.required_on = item.required_on + timedelta(days=days) if item.required_on else None
    for requirement in contents.requirements_of(session, old):
        _copied(session, requirement, new).lot = lots[requirement.lot_id]
    for criterion in contents.criteria_of(session, old):
        _copied(session, criterion, new)


def _copied(session: Session, part: Any, need: Need) -> Any:
    kept = [c.key for c in inspect(type(part)).columns if c.key not in ("id", "ref", "need_id", "lot_id")]
    made = type(part)(need=need, **{name: getattr(part, name) for name in kept})
    session.add(made)
    return made
