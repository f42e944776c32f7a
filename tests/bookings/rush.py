"""Many bookings at the same moment over real HTTP: what the test does a few times and `make bench` fifty times."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import httpx2
from sqlalchemy import select

from market.accounts import people
from market.accounts import sessions as door
from market.app import create_app
from market.bookings.models import Booking
from market.config import Settings
from market.db import Sessions
from market.offerings.sessions import CourseSession, of_offerings
from market.values import local_day, new_ref, utc_now
from market.viewer import OPERATOR
from tests import factories as make
from tests.flows.serving import free_port, on_a_port

THREADS = 24
FIRMS = 20


@dataclass
class Rush:
    """The answers of one round and what the database holds afterwards."""

    statuses: list[int]
    seconds: float
    reserved: int
    waiting: int
    in_order: bool
    """The waiting list by id is the order in which the bookings were made, and it began when the seats were gone."""
    booked: int
    """What the row of the session says."""


@contextmanager
def served(settings: Settings, sessions: Sessions) -> Iterator[tuple[str, list[str]]]:
    """The running application and the cookies of firms that may book."""
    with sessions.begin() as session:
        now, tokens = utc_now(), []
        for number in range(FIRMS):
            firm = make.organisation(session, now, name=f"Andrang {number} GmbH")
            person = people.create(session, OPERATOR, now, f"andrang{number}@firma.example", name="Probe")
            people.join(session, OPERATOR, person, firm, ("bidder",), now)
            tokens.append(door.start(session, person, "link", now)[0])
    with on_a_port(create_app(settings), free_port()) as base:
        yield base, tokens


def rush(base: str, tokens: list[str], sessions: Sessions, bookings: int = 200, seats: int = 20) -> Rush:
    """One round: so many bookings of one seat each for so few seats, as parallel as this machine can."""
    ref = _session(sessions, seats)
    headers = {"sec-fetch-site": "same-origin"}
    limits = httpx2.Limits(max_connections=THREADS)
    with httpx2.Client(base_url=base, headers=headers, timeout=60, limits=limits) as client:

        def ask(number: int) -> int:
            cookie = {"cookie": f"session={tokens[number % len(tokens)]}"}
            form = {"seats": "1", "once": new_ref(), "names": f"Person {number}"}
            return client.post(f"/sessions/{ref}/book", data=form, headers=cookie).status_code

        began = time.perf_counter()
        with ThreadPoolExecutor(THREADS) as pool:
            statuses = list(pool.map(ask, range(bookings)))
        seconds = time.perf_counter() - began
    with sessions() as session:
        row = session.scalars(select(CourseSession).where(CourseSession.ref == ref)).one()
        made = list(session.scalars(select(Booking).where(Booking.session_id == row.id).order_by(Booking.id)))
        states = [booking.state for booking in made]
        return Rush(
            statuses,
            seconds,
            states.count("reserved"),
            states.count("waiting"),
            states == ["reserved"] * states.count("reserved") + ["waiting"] * states.count("waiting"),
            row.seats_booked,
        )


def _session(sessions: Sessions, seats: int) -> str:
    with sessions.begin() as session:
        begins = local_day(utc_now()) + timedelta(days=30)
        dates = {"starts_on": begins.isoformat(), "ends_on": begins.isoformat(), "seats_max": seats}
        details = {"qualification": "Schweißer", "sessions": [dates]}
        offering = make.offering(session, utc_now(), kind="training", details=details)
        return of_offerings(session, [offering.id])[offering.id][0].ref
