"""Words searched for before a firm was found: counted without anybody, shown from a number on, never a name."""

import asyncio
from collections import Counter
from datetime import date

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from market.app import create_app
from market.config import Settings
from market.db import Sessions
from market.desk import words
from market.desk.counting import Views
from market.desk.models import SearchedWord
from market.offerings.models import Offering
from market.values import local_day, utc_now
from tests import factories as make
from tests.desk.test_views import BROWSER, Enter

HOST = "testserver"


@pytest.fixture
def offering(sessions: Sessions) -> Offering:
    now = utc_now()
    with sessions.begin() as session:
        firm = make.organisation(session, now, name="Flunderstolz Rohrbau Guben GmbH", town="Guben")
        made = make.offering(session, now, firm, title="Rohrbau")
        assert made.organisation.ref
        return made


def kept(sessions: Sessions) -> dict[str, int]:
    with sessions() as session:
        return {one.word: one.count for one in session.scalars(select(SearchedWord))}


@pytest.mark.parametrize(
    ("came", "found"),
    [
        (f"http://{HOST}/search?q=Kranpr%C3%BCfung+in+Guben&tab=offerings", {"kranprüfung", "guben"}),
        (f"http://{HOST}/pl/search?q=spawanie+141", {"spawanie", "141"}),
        (f"http://{HOST}/search?q=jana@werk.example", set()),
        (f"http://{HOST}/search?q=ruf+03366+4711+12", set()),
        (f"http://{HOST}/search?tab=offerings", set()),
        (f"http://{HOST}/shortlists?q=Kran", set()),
        ("http://elsewhere.example/search?q=Kran", set()),
        ("http://[", set()),
        ("", set()),
    ],
)
def test_only_words_of_our_own_search_page_are_taken(came: str, found: set[str]) -> None:
    assert words.before(came, HOST) == found


def test_a_word_counts_once_for_a_visitor_and_never_for_the_firms_own(
    settings: Settings, sessions: Sessions, offering: Offering, enter: Enter
) -> None:
    firm = offering.organisation
    pages = [f"/offerings/{offering.ref}/{offering.slug}", f"/providers/{firm.ref}/{firm.slug}"]
    came = BROWSER | {"referer": f"http://{HOST}/search?q=Rohrbau+Nachtschicht"}
    own = enter("ada@probe.example", "reader", firm=firm.name).cookies["session"]
    with TestClient(create_app(settings), follow_redirects=False) as window:
        for page in (*pages, *pages):
            assert window.get(page, headers=came).status_code == 200
        assert window.get(pages[0], headers=came | {"user-agent": f"{BROWSER['user-agent']} b"}).status_code == 200
        assert window.get(pages[0], headers=came | {"cookie": f"session={own}", "user-agent": "Mozilla/5.0 c"})
    assert kept(sessions) == {"rohrbau": 2, "nachtschicht": 2}


def test_names_of_firms_and_people_are_not_kept_but_trades_and_towns_are(
    sessions: Sessions, offering: Offering, enter: Enter
) -> None:
    other = enter("zora@andere.example", "buyer", firm="Quastenwerk AG")
    assert other.post("/me/account", data={"name": "Zora Zaunkönigin", "language": "de"}).status_code == 303
    views = Views(sessions, lambda: date(2026, 3, 1))
    searched = words.telling("Flunderstolz Rohrbau Guben Quastenwerk Zaunkönigin Wochenende")
    views.came("offering", offering.ref, 0, "somebody", searched)
    asyncio.run(views.flush())
    assert set(kept(sessions)) == {"rohrbau", "guben", "wochenende"}


def test_the_firm_alone_sees_words_that_came_often_enough(sessions: Sessions, offering: Offering, enter: Enter) -> None:
    today = local_day(utc_now())
    counts = Counter({"hallenkran": words.ENOUGH, "seltenes": words.ENOUGH - 1})
    with sessions.begin() as session:
        old = words.first_month(today).replace(year=today.year - 1)
        words.add(session, Counter({(offering.organisation_id, "vorjahr"): 99}), old)
        words.add(session, Counter({(offering.organisation_id, word): n for word, n in counts.items()}), today)
    assert "vorjahr" not in kept(sessions)
    page = enter("ada@probe.example", "reader", firm=offering.organisation.name).get("/me/figures").text
    assert "hallenkran" in page
    assert "seltenes" not in page
    assert "hallenkran" not in enter("eva@andere.example", "admin", firm="Andere GmbH").get("/me/figures").text


def test_the_months_counted_cross_the_year() -> None:
    assert words.first_month(date(2026, 2, 28)) == date(2025, 9, 1)
    assert words.first_month(date(2026, 12, 1)) == date(2026, 7, 1)
