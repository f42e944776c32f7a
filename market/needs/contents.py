"""Lots, items, requirements and criteria of a need: read, and written as whole lists."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from market import journal
from market.db import assign
from market.needs.models import Need, Role
from market.needs.parts import Criterion, Item, Lot, Paper, Requirement
from market.viewer import Viewer

P = TypeVar("P", Lot, Item, Requirement, Criterion)


def rows_of(session: Session, model: type[P], need: Need) -> list[P]:
    session.flush()
    return list(session.scalars(select(model).where(model.need_id == need.id).order_by(model.place, model.id)))


def lots_of(session: Session, need: Need) -> list[Lot]:
    return rows_of(session, Lot, need)


def items_of(session: Session, need: Need) -> list[Item]:
    return rows_of(session, Item, need)


def requirements_of(session: Session, need: Need) -> list[Requirement]:
    return rows_of(session, Requirement, need)


def criteria_of(session: Session, need: Need) -> list[Criterion]:
    return rows_of(session, Criterion, need)


def papers_of(session: Session, need: Need) -> list[Paper]:
    session.flush()
    return list(session.scalars(select(Paper).where(Paper.need_id == need.id).order_by(Paper.place, Paper.id)))


def roles_of(session: Session, need: Need) -> dict[str, list[Role]]:
    """The people of a need by their part."""
    session.flush()
    found: dict[str, list[Role]] = {"contact": [], "approver": [], "opener": [], "evaluator": []}
    for role in session.scalars(select(Role).where(Role.need_id == need.id).order_by(Role.id)):
        found[role.role].append(role)
    return found


def write(
    session: Session, viewer: Viewer, need: Need, model: type[P], rows: Sequence[Mapping[str, Any]], now: datetime
) -> list[P]:
    """The whole list in its new order. A row with the `ref` of a known one changes it, so that what refers to it
    stays; what is not named any more goes."""
    known = {one.ref: one for one in rows_of(session, model, need)}
    kept: list[P] = []
    changed: set[str] = set()
    for place, row in enumerate(rows, start=1):
        fields = {name: value for name, value in row.items() if name != "ref"} | {"place": place}
        one = known.pop(row.get("ref") or "", None)
        if one is None:
            one = model(need=need, **fields)
            session.add(one)
            changed.add("new")
        else:
            changed |= assign(one, fields)
        kept.append(one)
    for gone in known.values():
        session.delete(gone)
    if changed or known:
        need.updated_at = now
        data: dict[str, object] = {"what": model.__tablename__, "rows": len(kept)}
        journal.record(session, viewer, "needs.contents_written", need, now, data=data)
    session.flush()
    return kept


def set_roles(session: Session, viewer: Viewer, need: Need, people: Mapping[str, Sequence[int]], now: datetime) -> None:
    """Who does what, by the ids of persons; a role that is not named stays."""
    before = {(role.role, role.person_id): role for roles in roles_of(session, need).values() for role in roles}
    wanted = {(role, person) for role, ids in people.items() for person in ids}
    for key, role in before.items():
        if key[0] in people and key not in wanted:
            session.delete(role)
    for name, person in sorted(wanted - set(before)):
        session.add(Role(need=need, person_id=person, role=name))
    if "contact" in people:
        need.contact_id = next(iter(people["contact"]), None)
    journal.record(session, viewer, "needs.people_set", need, now, tell=())
    session.flush()
