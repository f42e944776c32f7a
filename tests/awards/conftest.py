"""A need of a partner with opened bids, its people, and firms that wait for an answer."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from market.accounts import people
from market.accounts.models import Organisation, Person
from market.awards import cases, evaluating
from market.awards import views as _views  # noqa: F401 - hears of the moves of a need
from market.bids import contents as said
from market.bids.models import Bid
from market.needs import contents
from market.needs.models import Need
from market.needs.parts import Criterion, Item, Lot, Requirement
from market.values import local_day
from market.viewer import OPERATOR, Viewer
from tests import factories as make

ROLES = {"bea": "buyer", "eva": "reader", "egon": "reader", "ada": "approver", "adam": "admin"}
PRICES: Sequence[tuple[str | None, ...]] = (("10.00", "20.00"), ("8.00", "25.00"), ("9.00", None))
"""By bidder, of the two items: 100 m and 10 pieces. The third has a gap."""


@dataclass
class Scene:
    """What a test of awards plays with; `session` is one transaction."""

    session: Session
    now: datetime
    buyer: Organisation
    need: Need
    people: dict[str, Person] = field(default_factory=dict)
    firms: list[Organisation] = field(default_factory=list)

    @property
    def bids(self) -> list[Bid]:
        return list(self.session.scalars(select(Bid).where(Bid.need_id == self.need.id).order_by(Bid.id)))

    def viewer(self, name: str) -> Viewer:
        person = self.people[name]
        given = {"organisation_id": self.buyer.id, "roles": frozenset({ROLES[name]}), "is_partner": True}
        return Viewer(f"person:{person.ref}", "person", person.id, **given)

    def bidder(self, place: int) -> Viewer:
        person = self.people[f"bidder{place}"]
        roles = frozenset({"admin"})
        return Viewer(f"person:{person.ref}", "person", person.id, organisation_id=self.firms[place].id, roles=roles)

    def declare(self, *names: str) -> None:
        for name in names:
            evaluating.declare(self.session, self.viewer(name), self.need, False, "", self.now)
        self.session.flush()

    def marks(self, *points: float) -> dict[tuple[int, int], Decimal]:
        """One score a bid for the one criterion that is judged."""
        case = cases.collect(self.session, self.need)
        keys = [(bid.id, criterion.id) for bid in case.to_score for criterion in case.judged]
        return {key: Decimal(str(one)) for key, one in zip(keys, points, strict=True)}

    def scored(self, *points: float) -> None:
        """Both evaluators think the same, and that is agreed."""
        self.declare("bea", "eva", "egon", "ada")
        evaluating.begin(self.session, self.viewer("bea"), self.need, self.now)
        for name in ("eva", "egon"):
            evaluating.hand_in(self.session, self.viewer(name), self.need, self.marks(*points), self.now)
        evaluating.agree(self.session, self.viewer("bea"), self.need, self.marks(*points), {}, self.now)

    def standing(self, place: int, lot: str | None = None) -> Any:
        case = cases.collect(self.session, self.need)
        return next(one for one in case.standings(lot) if one.bid == self.bids[place].ref)


def build(
    session: Session,
    now: datetime,
    prices: Sequence[Sequence[str | None]] = PRICES,
    *,
    lots: int = 0,
    criteria: bool = True,
    requirement: dict[str, Any] | None = None,
    answers: Sequence[object] = (),
    stage: str = "opened",
    **fields: Any,
) -> Scene:
    """With `lots` the items are spread over them. A bidder without a price in a lot has not bid for it."""
    buyer = make.organisation(session, now, is_partner=True, name="Werk Probe SE")
    given = {"procedure": "tender" if stage == "opened" else "quotation", "stage": "closed", "estimate_cents": 1000_00}
    more = {"decision_by": local_day(now) + timedelta(days=5), "bids_until": now - timedelta(days=1)}
    need = make.need(session, now, buyer, **(given | more | fields))
    need.opened_at, need.stage = now, stage
    session.flush()
    scene = Scene(session, now, buyer, need)
    for name, role in ROLES.items():
        scene.people[name] = join(session, buyer, name, role, now)
    need.contact_id = scene.people["bea"].id
    ids = {name: person.id for name, person in scene.people.items()}
    parts = {"contact": [ids["bea"]], "approver": [ids["ada"]], "opener": []}
    parts["evaluator"] = [ids["eva"], ids["egon"]] if criteria else []
    contents.set_roles(session, OPERATOR, need, parts, now)
    made = contents.write(session, OPERATOR, need, Lot, [{"title": f"Teil {n + 1}"} for n in range(lots)], now)
    items = [
        {"title": title, "quantity": quantity, "unit": unit, "lot_id": made[n % lots].id if lots else None}
        for n, (title, quantity, unit) in enumerate((("Leitung", 100.0, "MTR"), ("Klappe", 10.0, "H87")))
    ]
    rows = contents.write(session, OPERATOR, need, Item, items, now)
    weights = [{"title": "Preis", "weight": 60, "is_price": True}, {"title": "Konzept", "weight": 40}]
    contents.write(session, OPERATOR, need, Criterion, weights if criteria else [], now)
    asked = contents.write(session, OPERATOR, need, Requirement, [requirement] if requirement else [], now)
    for place, own in enumerate(prices):
        firm = make.organisation(session, now, name=f"Bieter {place + 1} GmbH")
        session.flush()
        scene.firms.append(firm)
        scene.people[f"bidder{place}"] = join(session, firm, f"bidder{place}", "admin", now)
        lines = {row.ref: {"price": price} for row, price in zip(rows, own, strict=True) if price is not None}
        kept: dict[str, Any] = {"lines": lines}
        if lots:
            kept["lots"] = [made[n % lots].ref for n, price in enumerate(own) if price is not None]
        if asked and place < len(answers):
            kept["requirements"] = {asked[0].ref: {"value": answers[place]}}
        session.add(
            Bid(
                need=need,
                organisation=firm,
                person_id=scene.people[f"bidder{place}"].id,
                state="opened" if stage != "closed" else "needs_confirmation",
                need_version=1,
                received_at=now - timedelta(days=2) + timedelta(minutes=place),
                size=1,
                sha256="0" * 64,
                commitment="0" * 64,
                content=said.written(said.of(kept)),
                changed_at=now,
            )
        )
    session.flush()
    return scene


def join(session: Session, firm: Organisation, name: str, role: str, now: datetime) -> Person:
    person = people.create(session, OPERATOR, now, f"{name}@{firm.ref}.example", name=name.title())
    people.join(session, OPERATOR, person, firm, (role,), now)
    session.flush()
    return person


@pytest.fixture
def scene(session: Session, now: datetime) -> Scene:
    session.info["base_url"] = "http://testserver"
    return build(session, now)
