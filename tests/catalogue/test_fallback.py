"""Without the search server a choice narrows to the same: each filter on the demo data, asked of both side by side."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime

import pytest
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from market.app import create_app
from market.catalogue import fallback
from market.values import local_day
from search.documents import IndexName
from search.query import Criteria
from tests import factories as make
from tests.conftest import settings_for

FURTHER = {
    "offerings": [
        *("near=Guben&radius_km=30", "cpv=45", "cpv=5051", "valid_on=2026-12-24&certificate=iso-9001"),
        *("ewc=100201", "ewc=100202", "available_by=2027-01-15", "verified=1", "kind=training&language=pl"),
    ],
    "providers": ["near=15890&radius_km=25", "cpv=45", "kind=lab_test", "verified=1", "trade=welding"],
    "needs": ["near=Guben&radius_km=30", "cpv=45", "ewc=100201", "ewc=100202", "verified=1", "certificate=iso-9001"],
}
"""Questions no count of a group leads to."""


@pytest.fixture(scope="module")
def both(
    seeded: TestClient, seeded_url: str, seeded_meili: tuple[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[TestClient]]:
    """The demo data with the search server and without it, asked by this machine itself, which may ask often."""
    with ExitStack() as stack:
        apps = [create_app(settings_for(seeded_url, one, tmp_path_factory.mktemp("x"))) for one in (seeded_meili, None)]
        yield [stack.enter_context(TestClient(app, client=("127.0.0.1", 50000))) for app in apps]


@pytest.mark.parametrize("tab", ["offerings", "providers", "needs"])
def test_every_choice_narrows_to_as_many(both: list[TestClient], tab: IndexName) -> None:
    address = f"/api/v1/search/{tab}"
    groups = both[0].get(address).json()["facets"]
    asked = [f"{group}={value}" for group, counts in groups.items() for value in counts] + FURTHER[tab]
    found, kept = {}, {}
    for question in asked:
        whole, limited = (client.get(f"{address}?limit=1&{question}").json() for client in both)
        assert whole.get("limited") is False, (question, whole)
        assert limited["limited"]
        found[question], kept[question] = whole["total"], limited["total"]
    assert kept == found
    assert len(groups) > 3
    assert len(set(found.values())) > 5


def test_nothing_of_a_firm_leads_to_its_anonymous_listing_nor_that_to_the_firm(session: Session, now: datetime) -> None:
    firm = make.organisation(session, now, name="Verschwiegen GmbH")
    details = {"direction": "available", "material": "Flugasche", "legal_status": "by_product", "anonymous": True}
    make.offering(session, now, firm, kind="residual", title="Flugasche trocken", details=details)
    make.offering(session, now, firm, kind="service", title="Silo räumen")
    session.flush()

    def titles(tab: IndexName, **chosen: object) -> list[str]:
        hits = fallback.find(session, tab, Criteria(**chosen), local_day(now)).hits  # type: ignore[arg-type]
        return [hit.document.get("title") or hit.document["name"] for hit in hits]

    assert titles("offerings", q="Flugasche") == ["Flugasche trocken"]
    assert titles("offerings", q="Verschwiegen") == ["Silo räumen"]
    assert titles("providers", q="Silo") == ["Verschwiegen GmbH"]
    assert titles("providers", q="Flugasche") == []
    assert titles("providers", kinds=("residual",)) == []
