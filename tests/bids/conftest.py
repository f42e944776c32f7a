"""A tender with a key process of its own, whose clock the test sets, and three people who open it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from market.accounts import people
from market.accounts.models import Organisation, Person
from market.bids import admitting, opening_keys, sealing, service, tenders
from market.bids.drafts import Attachment
from market.bids.keys import Keys
from market.bids.late_models import Admission
from market.bids.models import Receipt, Seal
from market.bids.sealing import Cost
from market.db import Sessions
from market.files.stores import Folder
from market.needs import service as needs
from market.needs.models import Need, Role
from market.teams.models import Pair
from market.viewer import OPERATOR, Viewer
from tests import factories as make
from tests.conftest import NOW
from tests.support.keyroom import key_process

LASTS = timedelta(days=10)
DEADLINE = NOW + LASTS
OPENERS = ("ada", "ben", "cyd")


class Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class Scene:
    """What a test of bids plays with; `session` is one transaction."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self.session, self.clock, self.start = session, clock, clock.now
        self.buyer = make.organisation(session, self.start, name="Werk Probe SE", is_partner=True)
        self.firm = make.organisation(session, self.start, name="Rohrbau Probe GmbH")
        self.people = {name: self.person(name, self.buyer, "opener") for name in OPENERS}
        for name, person in self.people.items():
            opening_keys.make(session, OPERATOR, person, f"{name} opens bids", self.start)
        self.bidder = self.person("bid", self.firm, "admin")
        self.need = self.tender()

    def person(self, name: str, organisation: Organisation, *roles: str) -> Person:
        person = people.create(
            self.session, OPERATOR, self.start, f"{name}@{organisation.ref}.example", name=name.title()
        )
        people.join(self.session, OPERATOR, person, organisation, roles, self.start)
        self.session.flush()
        return person

    def tender(self, deadline: datetime | None = None, openers: tuple[str, ...] = OPENERS) -> Need:
        deadline = deadline or self.start + LASTS
        fields: dict[str, Any] = {"procedure": "tender", "bids_until": deadline, "stage": "draft"}
        need = make.need(self.session, self.start, self.buyer, **fields)
        self.session.flush()
        for name in openers:
            self.session.add(Role(need=need, person=self.people[name], role="opener"))
        self.session.flush()
        needs.move(self.session, OPERATOR, need, "publish", self.start)
        return need

    @property
    def seal(self) -> Seal:
        seal = tenders.seal_of(self.session, self.need)
        assert seal is not None
        return seal

    def viewer(self, person: Person, organisation: Organisation, *roles: str) -> Viewer:
        return Viewer(
            f"person:{person.ref}",
            "person",
            person.id,
            organisation_id=organisation.id,
            roles=frozenset(roles or ("admin",)),
        )

    def opener(self, name: str) -> Viewer:
        return self.viewer(self.people[name], self.buyer, "opener")

    def let_in(self, at: datetime, hours: int = 24) -> tuple[Admission, str]:
        """A verified firm that is late, and its link."""
        self.clock.now, self.need.late_policy = at, "link"
        firm = make.organisation(self.session, self.start, name="Spät Probe GmbH", verified_on=self.start.date())
        bea, adam = (self.person(name, self.buyer, role) for name, role in (("bea", "buyer"), ("adam", "approver")))
        self.person("sia", firm, "admin")
        more = (firm, "Stau auf der Brücke", hours, at, "http://testserver")
        one = admitting.propose(self.session, self.viewer(bea, self.buyer, "buyer"), self.need, *more)
        second = self.viewer(adam, self.buyer, "approver")
        return one, admitting.confirm(self.session, second, one, at, "http://testserver")

    def hand_in(
        self,
        text: str = "12.345,67",
        at: datetime | None = None,
        *,
        firm: Organisation | None = None,
        files: tuple[bytes, ...] = (),
        need: Need | None = None,
        more: dict[str, Any] | None = None,
        pair: Pair | None = None,
    ) -> Receipt | service.Late:
        at = at or self.clock.now
        self.clock.now = max(self.clock.now, at)
        firm = firm or self.firm
        facts = [
            (Attachment(f"r{n}", f"{text}-{n}.pdf", "application/pdf", len(raw), sealing.digest(raw)), raw)
            for n, raw in enumerate(files)
        ]
        viewer = self.viewer(self.bidder, firm)
        said = {"remark": text} | (more or {})
        return service.hand_in(self.session, viewer, need or self.need, firm, said, facts, at, self.clock.now, pair)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def keys(tmp_path: Path, clock: Clock) -> Iterator[Keys]:
    with key_process(tmp_path, clock) as keys:
        yield keys


@pytest.fixture
def lent(keys: Keys, tmp_path: Path) -> dict[str, Any]:
    """What the edge lends to a session."""
    return {"keys": keys, "store": Folder(tmp_path / "files"), "base_url": "http://testserver", "secret": "s" * 40}


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trying a passphrase costs next to nothing here; what it costs outside is a test of its own."""
    monkeypatch.setattr(Cost, "__init__", Cost.__init__)
    monkeypatch.setattr(sealing.Cost.__init__, "__defaults__", (1, 8192))


@pytest.fixture
def scene(session: Session, lent: dict[str, Any], clock: Clock, cheap: None) -> Scene:
    session.info.update(lent)
    return Scene(session, clock)


@pytest.fixture
def kept(sessions: Sessions, lent: dict[str, Any], clock: Clock, cheap: None) -> Iterator[Scene]:
    """A scene whose beginning is committed, as the whole application has it."""
    sessions.configure(info=lent)
    with sessions() as session:
        scene = Scene(session, clock)
        session.commit()
        yield scene
