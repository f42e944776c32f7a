"""Shunting boards by week: the public one of all sites with free places only, and a firm's own, which says who."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts.models import Organisation
from market.i18n import N_
from market.movements import labels
from market.movements.lifecycle import OPEN
from market.movements.models import Movement
from market.movements.tracks import facility_of
from market.offerings import labels as offering_labels
from market.offerings.board import monday, name
from market.offerings.kinds.rail import Facility
from market.offerings.models import Offering
from market.offerings.rules import visible
from market.offerings.slots import RailSlot, to_be_had
from market.values import distance_km
from market.web.endpoint import Call, endpoint

WEEKS: Final = 53
"""How far ahead a board goes."""
AROUND_KM: Final = 14
SITES: Final = (
    ("eisenhuettenstadt", N_("Eisenhüttenstadt and Ziltendorf"), 52.172, 14.636),
    ("guben", N_("Guben"), 51.953, 14.717),
)
"""Key, name and point; a facility within `AROUND_KM` belongs to the site, others stand under their own town."""


@dataclass
class Lane:
    """One offering on a board: its windows down, its slots by day, window and (of an empty run) way."""

    offering: Offering
    slots: dict[tuple[date, str, str], RailSlot] = field(default_factory=dict)

    @property
    def rows(self) -> list[tuple[str, str]]:
        """Window and way of each row: slots first, then empty runs."""
        return sorted({(window, way) for _, window, way in self.slots}, key=lambda row: (bool(row[1]), row))

    @property
    def facility(self) -> Facility | None:
        return facility_of(self.offering)


@dataclass
class Group:
    """The lanes of one site."""

    key: str
    name: str
    lanes: dict[int, Lane] = field(default_factory=dict)


@dataclass(frozen=True)
class Week:
    """The week shown; `before` and `after` are the neighbouring ones a reader can go to, as `2026-W49`."""

    first: date
    before: str | None
    after: str | None
    today: date | None = None
    """Where it is given, days before it are left out: nothing can be had on them."""

    @property
    def number(self) -> int:
        return self.first.isocalendar().week

    @property
    def name(self) -> str:
        return name(self.first)

    @property
    def days(self) -> list[date]:
        week = [self.first + timedelta(days=n) for n in range(7)]
        return [day for day in week if self.today is None or day >= self.today]


def week_of(wanted: str | None, today: date, earliest: date, latest: date, preferred: date) -> Week:
    """The week of an address like `2026-W49`, kept between the first and the last; else the preferred one."""
    lowest, highest = monday(earliest), max(monday(latest), monday(earliest))
    first = min(max(_parsed(wanted) or monday(preferred), lowest), highest)
    return Week(
        first,
        name(first - timedelta(days=7)) if first > lowest else None,
        name(first + timedelta(days=7)) if first < highest else None,
    )


def _parsed(wanted: str | None) -> date | None:
    year, _, number = (wanted or "").partition("-W")
    try:
        return date.fromisocalendar(int(year), int(number), 1)
    except ValueError:
        return None


def lanes(slots: Iterable[RailSlot]) -> dict[int, Lane]:
    found: dict[int, Lane] = {}
    for slot in slots:
        lane = found.setdefault(slot.offering_id, Lane(slot.offering))
        lane.slots[slot.day, slot.window, labels.way(slot)] = slot
    return found


def public(call: Call) -> Response:
    """Free places of all sites, and empty runs nobody has taken. Never who has the others."""
    free = select(RailSlot).where(
        RailSlot.offering_id.in_(visible().with_only_columns(Offering.id)),
        RailSlot.state == "open",
        or_(RailSlot.origin == "", to_be_had(call.now)),
        RailSlot.day >= call.today,
        RailSlot.day < call.today + timedelta(weeks=WEEKS),
    )
    days = sorted(set(call.session.scalars(free.with_only_columns(RailSlot.day))))
    first, last = (days[0], days[-1]) if days else (call.today, call.today)
    week = week_of(call.request.query_params.get("week"), call.today, call.today, last, first)
    shown = call.session.scalars(
        free.where(RailSlot.day >= week.first, RailSlot.day < week.first + timedelta(days=7)).order_by(RailSlot.id)
    )
    return call.render(
        "movements/rail.html",
        week=replace(week, today=call.today),
        groups=grouped(call, lanes(shown)),
        labels=offering_labels,
        train=labels,
    )


def grouped(call: Call, found: dict[int, Lane]) -> list[Group]:
    """By site: the named ones first, then by town."""
    groups: dict[str, Group] = {}
    for id_, lane in sorted(found.items(), key=lambda pair: (pair[1].offering.organisation.name, pair[0])):
        key, title = _site(call, lane.offering)
        groups.setdefault(key, Group(key, title)).lanes[id_] = lane
    named = [key for key, *_ in SITES]
    return sorted(groups.values(), key=lambda g: (named.index(g.key) if g.key in named else len(named), g.name))


def _site(call: Call, offering: Offering) -> tuple[str, str]:
    if offering.lat is not None and offering.lon is not None:
        reach = [(distance_km(offering.lat, offering.lon, lat, lon), key, text) for key, text, lat, lon in SITES]
        km, key, text = min(reach)
        if km <= AROUND_KM:
            return key, call.words(text)
    return f"in-{offering.town}", offering.town


def own_week(call: Call, organisation: Organisation) -> dict[str, object]:
    """The board of a firm's own offerings, with who has asked and who has been promised a place."""
    query = select(RailSlot).join(RailSlot.offering).where(Offering.organisation_id == organisation.id)
    kept = query.where(or_(RailSlot.origin == "", RailSlot.state == "open", RailSlot.held > 0))
    days = sorted(set(call.session.scalars(kept.with_only_columns(RailSlot.day))))
    ahead = [day for day in days if day >= call.today]
    first = min(days[0] if days else call.today, call.today)
    preferred = ahead[0] if ahead else call.today
    week = week_of(call.request.query_params.get("week"), call.today, first, max([call.today, *days[-1:]]), preferred)
    span = (RailSlot.day >= week.first, RailSlot.day < week.first + timedelta(days=7))
    slots = list(call.session.scalars(kept.where(*span).order_by(RailSlot.id)))
    return {"week": week, "lanes": list(lanes(slots).values()), "booked": booked(call.session, slots)}


def booked(session: Session, slots: Sequence[RailSlot]) -> dict[int, list[Movement]]:
    """By slot, what is agreed, asked for or waits, in the order it was asked for."""
    found: dict[int, list[Movement]] = {slot.id: [] for slot in slots}
    query = select(Movement).where(Movement.slot_id.in_(found), Movement.state.in_({*OPEN, "done"}))
    for movement in session.scalars(query.order_by(Movement.id)):
        found[movement.slot_id].append(movement)
    return found


routes: list[BaseRoute] = [
    Route("/rail", endpoint(public), name="rail", methods=["GET"]),
]
