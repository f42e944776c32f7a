"""Views: who counts, that they add up in either database, and who sees the figures."""

import asyncio
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from market.app import create_app
from market.config import Settings
from market.db import Sessions
from market.desk import counting
from market.desk.counting import Views, add
from market.desk.figures import last_months, last_weeks, sums_of
from market.desk.models import DailyViews
from market.offerings.models import Offering
from market.values import local_day, utc_now
from tests import factories as make

BROWSER = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
ROBOTS = ("Googlebot/2.1", "Mozilla/5.0 (compatible; bingbot/2.0)", "curl/8.5", "python-httpx/0.28", "")
Enter = Callable[..., TestClient]


@pytest.fixture
def offering(sessions: Sessions) -> Offering:
    now = utc_now()
    with sessions.begin() as session:
        firm = make.organisation(session, now, name="Probe GmbH")
        found = make.offering(session, now, firm, title="Rohrbau")
        assert found.organisation.ref
        return found


def counted(sessions: Sessions) -> dict[tuple[str, str], int]:
    with sessions() as session:
        return {(one.kind, one.ref): one.count for one in session.scalars(select(DailyViews))}


def test_people_count_but_neither_robots_nor_the_firms_own(
    settings: Settings, sessions: Sessions, offering: Offering, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "EVERY", 3600.0)
    page = f"/offerings/{offering.ref}/{offering.slug}"
    own = enter("ada@probe.example", "reader").cookies["session"]
    other = enter("eva@andere.example", "buyer", firm="Andere GmbH").cookies["session"]
    with TestClient(create_app(settings), follow_redirects=False) as window:
        for agent in ROBOTS:
            assert window.get(page, headers={"user-agent": agent}).status_code == 200
        assert window.get(page, headers=BROWSER | {"sec-purpose": "prefetch"}).status_code == 200
        assert window.get(f"/offerings/{offering.ref}", headers=BROWSER).status_code == 308
        assert window.get("/offerings/unknown/x", headers=BROWSER).status_code == 404
        for token, status in ((None, 200), (own, 200), (other, 200)):
            cookies = {"cookie": f"session={token}"} if token else {}
            assert window.get(page, headers=BROWSER | cookies).status_code == status
        firm = f"/pl/providers/{offering.organisation.ref}/{offering.organisation.slug}"
        assert window.get(firm, headers=BROWSER).status_code == 200
        assert not counted(sessions), "nothing is written while somebody waits"
    assert counted(sessions) == {("offering", offering.ref): 2, ("provider", offering.organisation.ref): 1}


def test_counts_of_two_processes_add_up(sessions: Sessions, offering: Offering) -> None:
    today = local_day(utc_now())
    processes = [Views(sessions, lambda: today) for _ in range(2)]
    for views in processes:
        for _ in range(3):
            views.saw("offering", offering.ref, 0)
            views.saw("offering", "gone", 0)
        views.saw("offering", offering.ref, offering.organisation_id)

    async def both() -> None:
        await asyncio.gather(*(views.flush() for views in processes))

    asyncio.run(both())
    assert counted(sessions) == {("offering", offering.ref): 6}


def test_the_firm_sees_its_figures_and_nobody_else_does(sessions: Sessions, offering: Offering, enter: Enter) -> None:
    today = local_day(utc_now())
    with sessions.begin() as session:
        add(
            session,
            {
                ("offering", offering.ref, today): 4711,
                ("offering", offering.ref, today - timedelta(days=29)): 1,
                ("offering", offering.ref, today - timedelta(days=30)): 9,
                ("provider", offering.organisation.ref, today): 815,
            },
        )
        assert sums_of(session, [offering.ref, "other"], today) == {offering.ref: 4712, "other": 0}
    firm = enter("ada@probe.example", "reader")
    page = firm.get("/me/figures").text
    assert "4.712" in page
    assert ">815</text>" in page
    assert "4712 Aufrufe in 30 Tagen" in firm.get("/me/offerings").text.replace("4.712", "4712")
    stranger = enter("eva@andere.example", "admin", firm="Andere GmbH").get("/me/figures")
    assert stranger.status_code == 200
    assert not {"4.712", "815", "Rohrbau"} & set(stranger.text.replace("<", ">").split(">"))


def test_weeks_begin_on_monday_and_months_cross_the_year() -> None:
    assert last_weeks(date(2026, 1, 4))[-2:] == [date(2025, 12, 22), date(2025, 12, 29)]
    assert last_months(date(2026, 2, 28))[0] == date(2025, 9, 1)
