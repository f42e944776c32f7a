"""Open needs by deadline, and the page of one: German time, what is left, and nothing that is not public."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from market.db import Sessions
from market.i18n import words
from market.needs import labels
from market.needs.models import Need
from market.values import ZONE
from tests import factories
from tests.catalogue.conftest import PREFIXES

SLUG = "/needs/{0.ref}/{0.slug}"


def make(sessions: Sessions, now: datetime, **fields: Any) -> Need:
    with sessions.begin() as session:
        return factories.need(session, now, **fields)


def titles(html: str) -> list[str]:
    return re.findall(r"<h2><a href=\"/needs/[^\"]+\">([^<]+)</a></h2>", html)


def test_the_nearest_deadline_first_and_without_one_last(pages: TestClient, sessions: Sessions, now: datetime) -> None:
    make(sessions, now, title="Ohne Frist", bids_until=None)
    make(sessions, now, title="In drei Wochen", bids_until=now + timedelta(days=21))
    make(sessions, now, title="In zwei Tagen", bids_until=now + timedelta(days=2))
    make(sessions, now, title="Vorbei", bids_until=now - timedelta(seconds=1))
    make(sessions, now, title="Entwurf", stage="draft")
    assert titles(pages.get("/tenders").text) == ["In zwei Tagen", "In drei Wochen", "Ohne Frist"]


def test_deadlines_are_told_in_german_time_with_the_offset_of_the_day(
    pages: TestClient, sessions: Sessions, now: datetime
) -> None:
    summer, winter = datetime(2097, 7, 10, 10, tzinfo=UTC), datetime(2097, 12, 10, 11, tzinfo=UTC)
    needs = [make(sessions, now, bids_until=moment) for moment in (summer, winter)]
    for address in ("/tenders", "/pl/tenders", *(prefix + SLUG.format(needs[0]) for prefix in PREFIXES.values())):
        html = pages.get(address).text
        assert f'datetime="{summer.astimezone(ZONE).isoformat(timespec="seconds")}"' in html
    assert summer.astimezone(ZONE).hour == winter.astimezone(ZONE).hour == 12
    german = pages.get("/tenders").text
    assert german.count("12:00 Uhr (deutsche Zeit)") == 2
    assert "+01:00" in german
    assert "10. Juli 2097" in german


@pytest.mark.parametrize(
    ("left", "told"),
    [
        (timedelta(days=3), "noch 3 Tage"),
        (timedelta(days=1), "noch 1 Tag"),
        (timedelta(hours=2), "noch 2 Stunden"),
        (timedelta(minutes=59, seconds=59), "noch 59 Minuten"),
        (timedelta(seconds=1), "noch 1 Minute"),
        (timedelta(0), "vorbei"),
    ],
)
def test_remaining_time_as_people_count(left: timedelta, told: str) -> None:
    now = datetime(2026, 10, 24, 9, tzinfo=UTC)
    assert labels.remaining(words("de"), now + left, now) == told


def test_days_are_those_of_the_calendar_when_the_clocks_change() -> None:
    """The night of 25 October 2026 has 25 hours; a deadline at noon on both sides is still one day away."""
    before = datetime(2026, 10, 24, 12, tzinfo=ZONE).astimezone(UTC)
    after = datetime(2026, 10, 25, 12, tzinfo=ZONE).astimezone(UTC)
    assert after - before == timedelta(hours=25)
    assert labels.remaining(words("en"), after, before) == "1 day left"


def test_filters_mean_nothing_or_what_they_say(pages: TestClient, sessions: Sessions, now: datetime) -> None:
    make(sessions, now, title="Gleisbau", kind="rail", trades=(), cpv=())
    buyer = make(sessions, now, title="Wartung").organisation
    assert titles(pages.get("/tenders?kind=rail").text) == ["Gleisbau"]
    assert titles(pages.get(f"/tenders?organisation={buyer.ref}").text) == ["Wartung"]
    assert len(titles(pages.get("/tenders?kind=nonsense&organisation=nobody&page=99").text)) == 2


def test_a_need_has_its_page_in_every_language(pages: TestClient, sessions: Sessions, now: datetime) -> None:
    need = make(sessions, now, title="Revision im Walzwerk", lang="de")
    for language, prefix in PREFIXES.items():
        page = pages.get(prefix + SLUG.format(need))
        assert page.status_code == 200
        assert f'<html lang="{language}"' in page.text
        if language != "de":
            assert re.search(r'<h1[^>]* lang="de"[^>]*>', page.text), "a text in another language says so"
        label = {"de": "", "en": "in German", "pl": "po niemiecku"}[language]
        listed = pages.get(f"{prefix}/tenders").text
        assert (f"<span>{label}</span>" in listed) == bool(label)
        assert (' lang="de">Revision im Walzwerk</a>' in listed) == bool(label)
        assert f"<title>Revision im Walzwerk{f' ({label})' if label else ''}, " in page.text
        assert re.search(rf'<meta name="description" content="[^"]*\({label}\)"', page.text) or not label
    draft = make(sessions, now, stage="draft")
    assert pages.get(SLUG.format(draft)).status_code == 404
