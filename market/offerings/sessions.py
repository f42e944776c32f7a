"""Dated sessions of a training, a row each: seats taken elsewhere stand in the details, those booked here are counted.

The details stay the text that import, export and wizard write; rows follow them, known again by their days.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from market.db import Base, Moment, assign
from market.errors import Conflict
from market.i18n import N_, Words
from market.offerings.kinds.common import Details
from market.offerings.kinds.training import Session as Written
from market.offerings.kinds.training import Training
from market.offerings.models import Offering
from market.values import local_day, new_ref

BOOKED = N_(
    "The date %(first)s to %(last)s has %(seats)s seats booked or waited for here; it cannot be dropped or moved. "
    "Cancel it on your page of sessions first: then those who booked get a letter."
)
TOO_FEW = N_(
    "The date %(first)s to %(last)s has %(booked)s seats booked here and %(taken)s taken elsewhere, "
    "together more than its %(most)s seats."
)
Key = tuple[date, date, int]
COPIED = ("seats_min", "seats_max", "seats_taken", "cancel_by", "language", "place", "price_cents")


class Refusal(Conflict):
    """Names the figure and the limit; `in_words` says it in the reader's language, `str` in English."""

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(sentence % values, **values)
        self.sentence = sentence

    def in_words(self, w: Words) -> str:
        forms = {"month": "month"}
        values = {n: w.day(v, forms.get(n, "long")) if isinstance(v, date) else v for n, v in self.details.items()}
        if "state" in values:
            values["state"] = w(str(values["state"]))
        return w(self.sentence) % values


class CourseSession(Base):
    """One date of a training. The database itself refuses more seats than there are."""

    __tablename__ = "course_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    offering_id: Mapped[int] = mapped_column(ForeignKey("offerings.id", ondelete="CASCADE"), index=True)
    starts_on: Mapped[date] = mapped_column(index=True)
    ends_on: Mapped[date]
    number: Mapped[int] = mapped_column(default=1)
    """Tells sessions on the same days apart, in the order of the details."""
    seats_min: Mapped[int]
    seats_max: Mapped[int]
    seats_taken: Mapped[int] = mapped_column(default=0)
    """Given away elsewhere, as the provider says."""
    seats_booked: Mapped[int] = mapped_column(default=0)
    """Reserved and confirmed here."""
    seats_waiting: Mapped[int] = mapped_column(default=0)
    seats_pledged: Mapped[int] = mapped_column(default=0)
    pledgers: Mapped[int] = mapped_column(default=0)
    """Firms that have pledged; shown as a number only."""
    cancel_by: Mapped[date | None]
    language: Mapped[str] = mapped_column(default="de")
    place: Mapped[str] = mapped_column(default="")
    price_cents: Mapped[int | None]
    state: Mapped[str] = mapped_column(default="open")
    """`open`, `sure` (takes place, whatever happens) or `cancelled`."""
    created_at: Mapped[datetime] = mapped_column(Moment)

    offering: Mapped[Offering] = relationship()

    __table_args__ = (
        UniqueConstraint("offering_id", "starts_on", "ends_on", "number"),
        CheckConstraint("seats_taken >= 0 AND seats_booked >= 0", name="counted"),
        CheckConstraint("seats_taken + seats_booked <= seats_max", name="never_overbooked"),
    )

    @property
    def taken(self) -> int:
        return self.seats_taken + self.seats_booked

    @property
    def seats_free(self) -> int:
        """Seats somebody who comes now can have: those who wait come first."""
        return 0 if self.seats_waiting else self.seats_max - self.taken

    @property
    def is_sure(self) -> bool:
        return self.state == "sure" or (self.state == "open" and self.taken >= self.seats_min)

    @property
    def pools(self) -> bool:
        """Whether several firms have to come together before it takes place; else the first booking is enough."""
        return not self.is_sure and self.seats_min > 1

    @property
    def missing(self) -> int:
        """Seats still to be pledged or booked before it takes place."""
        return 0 if self.is_sure else max(0, self.seats_min - self.taken - self.seats_pledged)

    @property
    def last_cancel(self) -> date:
        """The last day on which a firm may cancel; without one the day before it begins."""
        return self.cancel_by or self.starts_on - timedelta(days=1)

    @property
    def price(self) -> int | None:
        """Cents a seat; None where it is on request."""
        if self.price_cents is not None:
            return self.price_cents
        return None if self.offering.price_mode == "on_request" else self.offering.price_cents

    @property
    def venue(self) -> str:
        details = self.offering.details
        given = details.venue if isinstance(details, Training) else ""
        return self.place or given or " ".join(filter(None, (self.offering.postcode, self.offering.town)))

    @property
    def key(self) -> Key:
        return self.starts_on, self.ends_on, self.number


def of_offerings(session: Session, ids: Iterable[int]) -> dict[int, list[CourseSession]]:
    """Sessions that are not cancelled by offering id, the first to begin first."""
    found: dict[int, list[CourseSession]] = {id_: [] for id_ in ids}
    query = select(CourseSession).where(CourseSession.offering_id.in_(found), CourseSession.state != "cancelled")
    for row in session.scalars(query.order_by(CourseSession.starts_on, CourseSession.number, CourseSession.id)):
        found[row.offering_id].append(row)
    return found


def counted(details: Details, rows: Iterable[CourseSession]) -> Details:
    """The details with the sessions as they stand: cancelled ones gone, seats taken here and elsewhere together."""
    if not isinstance(details, Training):
        return details
    true = [
        Written.model_construct(
            **{name: getattr(row, name) for name in ("starts_on", "ends_on", *COPIED)}
            | {"seats_taken": row.seats_max - row.seats_free, "is_sure": row.is_sure}
        )
        for row in rows
    ]
    return details.model_copy(update={"sessions": true})


def follow(session: Session, offering: Offering, now: datetime) -> None:
    """Bring the rows in step with the details. Raises Refusal where somebody's booking would be lost.

    A session nobody has anything to do with goes without a trace; a cancelled one stays cancelled while it is listed.
    """
    session.flush()
    query = select(CourseSession).where(CourseSession.offering_id == offering.id).order_by(CourseSession.id)
    rows = {row.key: row for row in session.scalars(query.with_for_update().execution_options(populate_existing=True))}
    written = _written(offering)
    for key in rows.keys() - written.keys():
        _drop(session, rows[key], local_day(now))
    for key, one in written.items():
        row = rows.get(key)
        if row is None:
            starts_on, ends_on, number = key
            row = CourseSession(offering=offering, starts_on=starts_on, ends_on=ends_on, number=number, created_at=now)
            row.seats_booked = row.seats_waiting = row.seats_pledged = row.pledgers = 0
            session.add(row)
        if row.seats_booked + one.seats_taken > one.seats_max:
            days = {"first": row.starts_on, "last": row.ends_on}
            raise Refusal(TOO_FEW, **days, booked=row.seats_booked, taken=one.seats_taken, most=one.seats_max)
        assign(row, {name: getattr(one, name) for name in COPIED})
    session.flush()


def _written(offering: Offering) -> dict[Key, Written]:
    """The sessions of the details; those on the same days are numbered."""
    details = offering.details
    found: dict[Key, Written] = {}
    for one in details.sessions if isinstance(details, Training) else ():
        number = 1
        while (one.starts_on, one.ends_on, number) in found:
            number += 1
        found[one.starts_on, one.ends_on, number] = one
    return found


def _drop(session: Session, row: CourseSession, today: date) -> None:
    """A date that is cancelled or over stays as what was: lists name only what is to come."""
    if row.state == "cancelled" or (row.ends_on < today and row.seats_booked):
        return
    concerned = row.seats_booked + row.seats_waiting + row.seats_pledged
    if concerned:
        raise Refusal(BOOKED, first=row.starts_on, last=row.ends_on, seats=concerned)
    session.delete(row)
