"""Empty runs offered to others: what a railway brings back or sends out without a load.

A run is a slot that goes somewhere (`offerings.slots`), so requests, holds, waiting list, letters and locks are those
of any slot. It has one place: a run goes to one firm, whole.
"""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market import journal
from market.errors import Conflict
from market.movements import service
from market.movements.models import Movement
from market.offerings.models import Offering
from market.offerings.rules import visible
from market.offerings.slots import RailSlot, span, to_be_had
from market.viewer import Viewer


def offer(
    session: Session,
    viewer: Viewer,
    offering: Offering,
    now: datetime,
    *,
    day: date,
    window: str,
    origin: str,
    destination: str,
    wagons: int,
    length_m: float | None = None,
    gross_mass_t: float | None = None,
    asked_until: date | None = None,
    of: Movement | None = None,
) -> RailSlot:
    """Put a run on the board; the same one again changes its figures. Raises Conflict where somebody has it already.

    `of` is the movement it comes from.
    """
    session.execute(select(Offering.id).where(Offering.id == offering.id).with_for_update())  # one after the other
    key = {"day": day, "window": window, "origin": origin, "destination": destination}
    found = session.scalar(select(RailSlot).filter_by(offering_id=offering.id, **key).with_for_update())
    if found is not None and found.held:
        raise Conflict(f"run {found.ref} is taken", reason="taken")
    run = found
    if run is None:
        starts_at, ends_at = span(day, window)
        run = RailSlot(offering=offering, starts_at=starts_at, ends_at=ends_at, capacity=1, unit="train", **key)
        run.held = run.taken = 0
        session.add(run)
    facts = {"wagons": wagons, "length_m": length_m, "gross_mass_t": gross_mass_t, "asked_until": asked_until}
    changed = run.state != "open" or any(getattr(run, name) != value for name, value in facts.items())
    for name, value in facts.items():
        setattr(run, name, value)
    run.state = "open"
    if of is not None:
        session.flush()
        of.run_id = run.id
    if changed:
        journal.record(session, viewer, "movements.run_offered", run, now, tell=(), data={"wagons": wagons})
    return run


def withdraw(session: Session, viewer: Viewer, run: RailSlot, now: datetime) -> list[service.News]:
    """Take it back; undecided requests are declined. Raises Conflict once it is promised to a firm."""
    (run,) = service.locked(session, [run.id])
    if promised_to(session, run) is not None:
        raise Conflict(f"run {run.ref} is promised", reason="promised")
    return service.close(session, viewer, run, now) if run.state == "open" else []


def promised_to(session: Session, run: RailSlot) -> Movement | None:
    """What is confirmed on it."""
    query = select(Movement).where(Movement.slot_id == run.id, Movement.state.in_(("confirmed", "done")))
    return session.scalar(query.execution_options(populate_existing=True))


def free(
    session: Session, now: datetime, *, beside: int | None = None, offering_id: int | None = None
) -> list[RailSlot]:
    """Runs that can be had, the next first: of all firms but one, or of one offering."""
    query = select(RailSlot).where(to_be_had(now), RailSlot.offering_id.in_(visible().with_only_columns(Offering.id)))
    if offering_id is not None:
        query = query.where(RailSlot.offering_id == offering_id)
    if beside is not None:
        query = query.join(RailSlot.offering).where(Offering.organisation_id != beside)
    return list(session.scalars(query.order_by(RailSlot.starts_at, RailSlot.id)))
