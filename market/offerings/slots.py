"""Dated slots of rail offerings as rows, so that two requests for the last place meet at one lock.

The offering's details remain what import, wizard and export speak; `align` keeps the rows in step with them. A slot on
which something is agreed is never dropped: it is withdrawn, takes nothing new, and keeps what was agreed.

An empty run is a slot that goes somewhere: one train, given to one firm, asked for like any slot. It stands in no
details, since it comes and goes with a movement; `align` leaves it alone.
"""

import logging
from datetime import UTC, date, datetime, timedelta

from pydantic import ValidationError
from sqlalchemy import ColumnElement, ForeignKey, UniqueConstraint, and_, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from market.db import Base, Moment
from market.offerings.kinds.rail import Rail, Slot
from market.offerings.models import Offering
from market.values import ZONE, local_day, new_ref

log = logging.getLogger(__name__)


def rail_of(offering: Offering) -> Rail | None:
    """Details of a rail offering; none where they cannot be read: the fault of one firm takes no page of another."""
    try:
        details = offering.details
    except ValidationError:
        log.warning("details of offering %s cannot be read", offering.ref)
        return None
    return details if isinstance(details, Rail) else None


class RailSlot(Base):
    """A window of one day with its places. `held` are those asked for or agreed here, `taken` those elsewhere."""

    __tablename__ = "rail_slots"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    offering_id: Mapped[int] = mapped_column(ForeignKey("offerings.id", ondelete="CASCADE"), index=True)
    day: Mapped[date] = mapped_column(index=True)
    window: Mapped[str]
    """`06:00-14:00`, local time; one that ends before it begins ends on the next day."""
    starts_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime] = mapped_column(Moment)
    capacity: Mapped[int]
    unit: Mapped[str] = mapped_column(default="wagon")
    """`wagon` or `train`: what one place is."""
    taken: Mapped[int] = mapped_column(default=0)
    held: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(default="open")
    """`open` or `withdrawn`."""
    origin: Mapped[str] = mapped_column(default="")
    """Where an empty run begins; empty for a slot on the track itself."""
    destination: Mapped[str] = mapped_column(default="")
    wagons: Mapped[int | None]
    """Empty wagons of a run; its further limits, where they are lower than those of the track, follow."""
    length_m: Mapped[float | None]
    gross_mass_t: Mapped[float | None]
    asked_until: Mapped[date | None]
    """Last day on which a run can be asked for; None where only its begin ends that."""

    offering: Mapped[Offering] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (UniqueConstraint("offering_id", "day", "window", "origin", "destination"),)

    @property
    def is_run(self) -> bool:
        return bool(self.origin)

    @property
    def free(self) -> int:
        return max(0, self.capacity - self.taken - self.held)

    @property
    def most(self) -> int:
        """Places that could ever be had here."""
        return max(0, self.capacity - self.taken)

    @property
    def beyond(self) -> int:
        """Places agreed beyond the capacity, after the firm has lowered it."""
        return max(0, self.taken + self.held - self.capacity)

    def places(self, wagons: int) -> int:
        """Places that so many wagons need."""
        return wagons if self.unit == "wagon" else 1


def align(session: Session, offering: Offering, now: datetime) -> None:
    """Bring the rows in step with the offering's details."""
    session.flush()
    details = offering.details
    wanted = merged(details.slots) if isinstance(details, Rail) else {}
    own = (RailSlot.offering_id == offering.id) & (RailSlot.origin == "")
    query = select(RailSlot).where(own).order_by(RailSlot.id).with_for_update()
    rows = {(row.day, row.window): row for row in session.scalars(query.execution_options(populate_existing=True))}
    for key, slot in wanted.items():
        row = rows.get(key)
        if row is None:
            starts_at, ends_at = span(slot.day, slot.window)
            row = RailSlot(offering=offering, day=slot.day, window=slot.window, starts_at=starts_at, ends_at=ends_at)
            session.add(row)
        row.capacity, row.taken, row.unit, row.state = slot.capacity, slot.taken, slot.unit, "open"
    for key, row in rows.items():
        if key not in wanted and row.ends_at > now:
            row.state = "withdrawn"
    session.flush()


def merged(slots: list[Slot]) -> dict[tuple[date, str], Slot]:
    """By day and window; what is listed twice counts together."""
    found: dict[tuple[date, str], Slot] = {}
    for slot in slots:
        key = (slot.day, slot.window)
        if same := found.get(key):
            more = {"capacity": same.capacity + slot.capacity, "taken": same.taken + slot.taken}
            slot = slot.model_copy(update=more)
        found[key] = slot
    return found


def span(day: date, window: str) -> tuple[datetime, datetime]:
    """Begin and end of a window as moments: wall time of the region, over midnight and on days the clock is moved."""
    begins, _, ends = window.partition("-")
    over = 1 if ends <= begins else 0
    return _moment(day, begins), _moment(day + timedelta(days=over), ends)


def _moment(day: date, clock: str) -> datetime:
    hour, minute = (int(part) for part in clock.split(":"))
    if hour == 24:
        day, hour = day + timedelta(days=1), 0
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE).astimezone(UTC)


def coming(session: Session, offering_id: int, today: date) -> list[RailSlot]:
    """Open slots of an offering from today on, in their order."""
    query = select(RailSlot).where(RailSlot.offering_id == offering_id, RailSlot.day >= today, RailSlot.state == "open")
    slots = query.where(RailSlot.origin == "")
    return list(session.scalars(slots.order_by(RailSlot.starts_at, RailSlot.id)))


def to_be_had(now: datetime) -> ColumnElement[bool]:
    """An empty run others can take: open, not taken, not begun, and its last day for requests not past."""
    in_time = or_(RailSlot.asked_until.is_(None), RailSlot.asked_until >= local_day(now))
    free = RailSlot.capacity > RailSlot.taken + RailSlot.held
    return and_(RailSlot.origin != "", RailSlot.state == "open", free, RailSlot.starts_at > now, in_time)
