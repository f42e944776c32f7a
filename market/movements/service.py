"""What happens to movements. Places are counted on the slot's row under its lock, so that none is given twice.

SQLite locks the whole database for a transaction that writes (`BEGIN IMMEDIATE`); PostgreSQL locks the rows of the
slots, always in the order of their ids and before any movement. Every verb returns the news letters are written from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from market import journal
from market.accounts.models import Organisation
from market.errors import Conflict
from market.movements import lifecycle
from market.movements.models import Movement
from market.offerings.slots import RailSlot
from market.values import local_day, new_ref
from market.viewer import SYSTEM, Viewer

HOLD: Final = timedelta(hours=48)
"""How long a request keeps its places without an answer; never beyond the begin of its slot."""


@dataclass(frozen=True)
class News:
    """What both sides are told: `event` is a state, or `admitted` where a place became free."""

    movement: Movement
    event: str


def shut(slot: RailSlot, now: datetime) -> str:
    """Why nobody can ask for a slot any more, as a code of `labels.OBSTACLES`; empty where somebody can."""
    if slot.state != "open" or not slot.offering.is_public:
        return "closed"
    if slot.starts_at <= now:
        return "past"
    return "late" if slot.asked_until is not None and slot.asked_until < local_day(now) else ""


def obstacle(slot: RailSlot, organisation: Organisation, wagons: int, now: datetime) -> str:
    """Why a slot cannot be asked for, as a code of `labels.OBSTACLES`; empty where it can."""
    if why := shut(slot, now):
        return why
    if slot.offering.organisation_id == organisation.id:
        return "own"
    if slot.places(wagons) > slot.most:
        return "too_many"
    return ""


def request(
    session: Session,
    viewer: Viewer,
    organisation: Organisation,
    slots: Sequence[int],
    now: datetime,
    **facts: object,
) -> list[News]:
    """Ask for slots by id, each on its own: places where there are some, else the end of the waiting list.

    `facts` are fields of Movement. What was asked for already and is still open is not asked for again.
    Raises Conflict naming the first slot that cannot be asked for.
    """
    news: list[News] = []
    series = new_ref() if len(slots) > 1 else ""
    for slot in locked(session, slots):
        wagons = int(str(facts["wagons"]))
        if why := obstacle(slot, organisation, wagons, now):
            raise Conflict(f"slot {slot.ref} cannot be asked for: {why}", reason=why)
        if _same(session, slot, organisation, facts):
            continue
        behind = any(one.places <= slot.most for one in queue(session, slot.id))
        movement = Movement(slot=slot, organisation=organisation, series=series, created_at=now, **facts)
        movement.places, movement.updated_at, movement.state = slot.places(wagons), now, "waiting"
        session.add(movement)
        if slot.free >= movement.places and not behind:
            _hold(movement, now)
        data: dict[str, object] = {"state": movement.state, "places": movement.places}
        journal.record(session, viewer, "movements.requested", movement, now, tell=(), data=data)
        news.append(News(movement, movement.state))
    return news


def move(
    session: Session, viewer: Viewer, movement: Movement, name: str, now: datetime, reason: str = "", note: str = ""
) -> list[News]:
    """Make a move of the table; places that become free go to those who wait. Raises Conflict where it is forbidden.

    A movement that is cancelled leaves no empty run: one nobody has taken is not offered any longer.
    """
    run_id = movement.run_id if name == "cancel" else None
    slots = {one.id: one for one in locked(session, [movement.slot_id, *([run_id] if run_id else [])])}
    session.refresh(movement)
    slot = slots[movement.slot_id]
    to = lifecycle.after(movement.state, name)
    if name == "finish" and now < slot.starts_at:
        raise Conflict("a movement cannot be done before its slot begins", reason="early")
    news = [_moved(session, viewer, slot, movement, name, to, now, reason, note)]
    run = slots.get(run_id or 0)
    if run is not None and run.state == "open" and not run.held:
        news += close(session, viewer, run, now)
    return news + _admit(session, slot, now)


def close(session: Session, viewer: Viewer, run: RailSlot, now: datetime) -> list[News]:
    """Offer an empty run no longer: who has asked or waits is declined. The row is locked already."""
    run.state = "withdrawn"
    journal.record(session, viewer, "movements.run_withdrawn", run, now, tell=())
    query = select(Movement).where(Movement.slot_id == run.id, Movement.state.in_(("requested", "waiting")))
    undecided = session.scalars(query.order_by(Movement.id).execution_options(populate_existing=True)).all()
    return [_moved(session, viewer, run, one, "decline", "declined", now, "withdrawn") for one in undecided]


def due(session: Session, now: datetime) -> list[News]:
    """What the clock moves: unanswered requests lapse, slots that begin take nobody any more, free places go on."""
    lapsing = select(Movement.slot_id).where(Movement.state == "requested", Movement.held_until <= now)
    waiting = select(Movement.slot_id).where(Movement.state == "waiting")
    ids = sorted({*session.scalars(lapsing), *session.scalars(waiting), *session.scalars(_astray(now))})
    news: list[News] = []
    for slot in locked(session, ids) if ids else ():
        slot.held = session.scalar(_holding().where(Movement.slot_id == slot.id)) or 0
        query = select(Movement).where(Movement.slot_id == slot.id, Movement.state.in_(("requested", "waiting")))
        for movement in list(session.scalars(query.order_by(Movement.id).execution_options(populate_existing=True))):
            unanswered = movement.held_until is not None and movement.held_until <= now
            if unanswered or (movement.state == "waiting" and slot.starts_at <= now):
                news.append(_moved(session, SYSTEM, slot, movement, "lapse", "expired", now))
        news += _admit(session, slot, now)
    return news


def _holding() -> Select[int | None]:
    return select(func.sum(Movement.places)).where(Movement.state.in_(lifecycle.HOLDING))


def _astray(now: datetime) -> Select[int]:
    """Slots to come whose count is not the sum of their movements: a firm was deleted, and its movements with it."""
    held = func.coalesce(_holding().where(Movement.slot_id == RailSlot.id).scalar_subquery(), 0)
    return select(RailSlot.id).where(RailSlot.starts_at > now, RailSlot.held != held)


def locked(session: Session, ids: Sequence[int]) -> list[RailSlot]:
    """The slots as they stand now, held until the end of the transaction, in the order of their ids."""
    query = select(RailSlot).where(RailSlot.id.in_(ids)).order_by(RailSlot.id)
    return list(session.scalars(query.with_for_update(of=RailSlot).execution_options(populate_existing=True)))


def queue(session: Session, slot_id: int) -> list[Movement]:
    """Who waits for a slot, in order."""
    query = select(Movement).where(Movement.slot_id == slot_id, Movement.state == "waiting")
    return list(session.scalars(query.order_by(Movement.id).execution_options(populate_existing=True)))


def _same(session: Session, slot: RailSlot, organisation: Organisation, facts: dict[str, object]) -> bool:
    """Whether the firm has asked for the very same already: a form sent twice."""
    query = select(Movement).where(
        Movement.slot_id == slot.id, Movement.organisation_id == organisation.id, Movement.state.in_(lifecycle.OPEN)
    )
    return any(all(getattr(one, key) == value for key, value in facts.items()) for one in session.scalars(query))


def _hold(movement: Movement, now: datetime) -> None:
    movement.state = "requested"
    movement.held_until = min(now + HOLD, movement.slot.starts_at)
    movement.slot.held += movement.places


def _moved(
    session: Session,
    viewer: Viewer,
    slot: RailSlot,
    movement: Movement,
    name: str,
    to: str,
    now: datetime,
    reason: str = "",
    note: str = "",
) -> News:
    before, movement.state = movement.state, to
    if before in lifecycle.HOLDING and to not in lifecycle.HOLDING:
        slot.held -= movement.places
    movement.held_until = None
    movement.reason, movement.reason_note, movement.updated_at = reason, note, now
    data: dict[str, object] = {"from": before, "reason": reason} if reason else {"from": before}
    journal.record(session, viewer, f"movements.{lifecycle.VERBS[name]}", movement, now, tell=(), data=data)
    return News(movement, to)


def _admit(session: Session, slot: RailSlot, now: datetime) -> list[News]:
    """Free places go to those who wait, strictly in order; who asks for more than there can ever be is passed over."""
    news: list[News] = []
    session.flush()
    if slot.starts_at <= now or slot.state != "open":
        return news
    for movement in queue(session, slot.id):
        if movement.places > slot.most:
            continue
        if movement.places > slot.free:
            break
        _hold(movement, now)
        movement.updated_at = now
        journal.record(session, SYSTEM, "movements.admitted", movement, now, tell=())
        news.append(News(movement, "admitted"))
    return news
