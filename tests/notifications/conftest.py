"""A crier on the test's database and index, and a buyer with firms that fit."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from market.accounts import people
from market.accounts.models import Organisation, Person
from market.config import Settings
from market.crier import Crier
from market.db import Sessions
from market.needs.models import Need
from market.values import local_day, utc_now
from tests import factories as make
from tests.factories import TESTER

BASE = "http://testserver"
TITLE = "Rohrleitungen schweißen"
TEXT = "Rohrleitungsbau in der Halle, 200 Nähte an Rohrleitungen aus Stahl."


class Round:
    """Goes round with the crier until nothing is left to do."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self.engine, self.settings = engine, settings
        self.ahead = timedelta()
        self.crier = self.fresh(settings.search_url)

    def fresh(self, search_url: str | None) -> Crier:
        clock = lambda: utc_now() + self.ahead  # noqa: E731
        return Crier(self.engine, search_url, self.settings.search_key, BASE, clock, self.settings.secret)

    def __call__(self, crier: Crier | None = None, rounds: int = 20) -> int:
        return asyncio.run(self._run(crier or self.crier, rounds))

    async def _run(self, crier: Crier, rounds: int) -> int:
        done = 0
        async with crier:
            for _ in range(rounds):
                some = await crier.round()
                done += some
                if not some:
                    break
        return done


@pytest.fixture
def cry(engine: Engine, settings: Settings, relay: object) -> Round:
    return Round(engine, settings)


@pytest.fixture
def change(sessions: Sessions) -> Callable[[Callable[[Session], Any]], Any]:
    """Run one change in a transaction of its own."""

    def run(work: Callable[[Session], Any]) -> Any:
        with sessions.begin() as session:
            return work(session)

    return run


def member(session: Session, firm: Organisation, *roles: str, language: str = "de", email: str = "") -> Person:
    """Somebody of the firm who can be written to."""
    now = datetime.now(UTC)
    address = email or f"p{firm.id}-{'-'.join(roles)}@firm.example"
    person = people.create(session, TESTER, now, address, name="Probe Person", language=language)
    people.join(session, TESTER, person, session.get_one(Organisation, firm.id), roles, now)
    return person


def fitting(session: Session, name: str, **fields: Any) -> Organisation:
    """A verified firm with an offering that fits the need of `wanted`."""
    now = utc_now()
    firm = make.organisation(session, now, name=name, verified_on=local_day(now), **fields)
    make.offering(session, now, firm, title=f"Rohrleitungen schweißen, {name}", description=TEXT, radius_km=100)
    return firm


def wanted(session: Session, **fields: Any) -> Need:
    """A published need about pipes, of a partner."""
    now = utc_now()
    buyer = make.organisation(session, now, name="Probewerk Guben", is_partner=True)
    given: dict[str, Any] = {"title": TITLE, "description": TEXT, "bids_until": now + timedelta(days=20)}
    return make.need(session, now, buyer, **(given | fields))
