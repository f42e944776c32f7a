"""A need with two lots of two items, and windows of firms that may look for a partner."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from market.accounts.models import Organisation
from market.db import Sessions
from market.needs import contents
from market.needs.parts import Item, Lot
from market.values import local_day, utc_now
from tests import factories as make
from tests.factories import TESTER


@pytest.fixture
def need(enter: Callable[..., TestClient], sessions: Sessions) -> dict[str, str]:
    """Out, with two lots: items Gerüst and Plane in one, Farbe and Sand in the other. By title, their references."""
    enter("bea@werk.example", "buyer", firm="Werk SE", is_partner=True)
    now = utc_now()
    with sessions.begin() as session:
        werk = session.scalars(select(Organisation).where(Organisation.name == "Werk SE")).one()
        made = make.need(session, now, werk, title="Halle streichen", procedure="tender")
        session.flush()
        lots = contents.write(session, TESTER, made, Lot, [{"title": "Nord"}, {"title": "Süd"}], now)
        rows = [("Gerüst", lots[0]), ("Plane", lots[0]), ("Farbe", lots[1]), ("Sand", lots[1])]
        given = [{"title": name, "quantity": 1.0, "unit": "LS", "lot": lot} for name, lot in rows]
        items = contents.write(session, TESTER, made, Item, given, now)
        return {item.title: item.ref for item in items} | {"ref": made.ref, "at": f"/needs/{made.ref}/partners"}


@pytest.fixture
def firm(enter: Callable[..., TestClient]) -> Callable[[str], TestClient]:
    def of(name: str, *roles: str) -> TestClient:
        checked = local_day(utc_now())
        return enter(f"{name.lower()}@firma.example", *(roles or ("bidder",)), firm=f"{name} GmbH", verified_on=checked)

    return of
