"""A partner with its people, and a draft that lacks nothing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from market.accounts import people
from market.accounts.models import Organisation, Person
from market.config import Settings
from market.db import Sessions
from market.needs import contents
from market.needs import readiness as _readiness  # noqa: F401
from market.needs import views as _views  # noqa: F401 - fills FAULTS with what stands beside it
from market.needs.models import Need
from market.needs.parts import Criterion, Item
from market.values import local_day, utc_now
from market.viewer import OPERATOR, Viewer
from tests import factories as make
from tests.support.keyroom import give_keys, key_process


@dataclass
class Buyer:
    firm: Organisation
    people: dict[str, Person] = field(default_factory=dict)
    viewers: dict[str, Viewer] = field(default_factory=dict)


@pytest.fixture
def buyer(session: Session, now: datetime, tmp_path: Path) -> Iterator[Buyer]:
    """Everybody who opens has a key, and a key process answers."""
    with key_process(tmp_path, lambda: now) as keys:
        session.info["keys"] = keys
        yield staffed(session, now)


def staffed(session: Session, now: datetime) -> Buyer:
    made = Buyer(make.organisation(session, now, is_partner=True, name="Werk SE"))
    session.flush()
    roles = {"bea": "buyer", "ada": "approver", "olga": "opener", "otto": "opener", "adam": "admin"}
    for name, role in roles.items():
        person = people.create(session, OPERATOR, now, f"{name}@werk.example", name=name.title())
        people.join(session, OPERATOR, person, made.firm, (role,), now)
        session.flush()
        made.people[name] = person
        given = {"organisation_id": made.firm.id, "roles": frozenset({role}), "is_partner": True}
        made.viewers[name] = Viewer(f"person:{person.ref}", "person", person.id, **given)
    give_keys(session, now)
    return made


@pytest.fixture
def keyed(settings: Settings, sessions: Sessions) -> Iterator[Callable[[], None]]:
    """For windows: a key process that answers, and keys for whoever has come in as an opener."""

    def give() -> None:
        with sessions.begin() as session:
            give_keys(session, utc_now())

    with key_process(settings.var, utc_now):
        yield give


@pytest.fixture
def draft(session: Session, now: datetime, buyer: Buyer) -> Callable[..., Need]:
    """Makes one; `tender` unless said otherwise."""

    def build(**more: Any) -> Need:
        given = {
            "stage": "draft",
            "procedure": "tender",
            "description": "Ein Gerüst an der Rohrbrücke.",
            "decision_by": local_day(now) + timedelta(days=40),
            "execution_from": local_day(now) + timedelta(days=60),
            "contact_id": buyer.people["bea"].id,
        }
        need = make.need(session, now, buyer.firm, **(given | more))
        session.flush()
        viewer = buyer.viewers["bea"]
        contents.write(session, viewer, need, Item, [{"title": "Gerüst", "quantity": 120.0, "unit": "MTK"}], now)
        rows = [{"title": "Preis", "weight": 60, "is_price": True}, {"title": "Konzept", "weight": 40}]
        contents.write(session, viewer, need, Criterion, rows, now)
        ids = {name: person.id for name, person in buyer.people.items()}
        roles = {"contact": [ids["bea"]], "approver": [ids["ada"]], "opener": [ids["olga"], ids["otto"], ids["adam"]]}
        contents.set_roles(session, viewer, need, roles, now)
        return need

    return build
