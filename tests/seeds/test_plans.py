"""What the demo's partners plan: everybody sees the entries, nobody sees who pledged."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from market.accounts.models import Organisation
from market.lookaheads.models import Lookahead, Pledge
from market.projects.models import WorkPackage
from seeds import plans
from seeds.plant import GARDENER, read
from tests import factories as make

NOW = datetime(2026, 1, 15, 9, tzinfo=UTC)
RECORDS = read("plans")
ENTRIES = [record for record in RECORDS if record.get("look_ahead")]
PACKAGES = [one for record in RECORDS if record.get("project") for one in record["packages"]]


def test_planned_work_is_listed_and_who_pledged_is_not(seeded: TestClient) -> None:
    page = seeded.get("/look-ahead").text
    assert len(ENTRIES) >= 4
    for record in ENTRIES:
        assert record["title"] in page.replace("\u00ad", "")
    assert "Funkenflug" not in page


def test_plans_are_planted_once_with_pledges_and_work_packages(session: Session) -> None:
    keys = {record["organisation"] for record in RECORDS}
    keys |= {pledge["firm"] for record in ENTRIES for pledge in record.get("pledges", ())}
    for key in sorted(keys):
        make.organisation(session, NOW, external_id=key)
    partner = session.scalars(select(Organisation).where(Organisation.external_id == "rock-tech-guben")).one()
    for one in PACKAGES:
        if "need" in one:
            make.need(session, NOW, partner, external_id=one["need"])
    today = date(2026, 1, 15)
    assert plans.plant(session, GARDENER, RECORDS, today, NOW) == len(RECORDS)
    assert plans.plant(session, GARDENER, RECORDS, today, NOW) == 0
    entries = session.scalars(select(Lookahead).order_by(Lookahead.id)).all()
    assert [one.title for one in entries] == [record["title"] for record in ENTRIES]
    assert entries[0].first_on == today + timedelta(days=ENTRIES[0]["first_in_days"])
    assert all(one.people.keys() <= set(one.lookahead.trades) for one in session.scalars(select(Pledge)))
    assert [one.title for one in session.scalars(select(WorkPackage).order_by(WorkPackage.place))] == [
        one["title"] for one in PACKAGES
    ]
