"""Any search as a feed and as a calendar: valid, in three languages, kept by readers, and public facts only."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import icalendar
import pytest
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from market.db import Sessions
from market.offerings.sessions import CourseSession
from market.values import local_day, utc_now
from tests import factories as make

ATOM = "{http://www.w3.org/2005/Atom}"
SECRET = "Geheim GmbH"


@pytest.fixture
def found(client: TestClient, sessions: Sessions, deliver: Callable[[], int]) -> TestClient:
    """Two needs, a draft, a course with dates and a listing without a name."""

    def fill(session: Session) -> None:
        now = utc_now()
        firm = make.organisation(session, now, name="Musterrohr & Söhne")
        make.need(session, now, firm, title="Rohre <verlegen> & prüfen", texts={"pl": {"title": "Układanie rur"}})
        make.need(session, now, firm, title="Rohre im Entwurf", stage="draft")
        make.need(session, now, firm, title="Rohre ohne Frist", bids_until=None)
        course = make.offering(session, now, firm, kind="training", title="Schweißkurs")
        for days in (-30, 30):
            day = local_day(now) + timedelta(days=days)
            row = {
                "starts_on": day,
                "ends_on": day + timedelta(days=2),
                "seats_min": 2,
                "seats_max": 8,
                "created_at": now,
            }
            session.add(CourseSession(offering=course, number=days + 31, place="Guben", **row))
        secret = make.organisation(session, now, name=SECRET)
        details = make.DETAILS["residual"] | {"anonymous": True}
        make.offering(session, now, secret, kind="residual", title="Schlacke", details=details)

    with sessions.begin() as session:
        fill(session)
    deliver()
    return client


def entries(text: str) -> list[Any]:
    return ElementTree.fromstring(text).findall(f"{ATOM}entry")


@pytest.mark.parametrize("prefix", ["", "/en", "/pl"])
def test_a_feed_holds_what_the_standard_asks_for_in_every_language(found: TestClient, prefix: str) -> None:
    answer = found.get(f"{prefix}/search.atom?tab=needs&q=Rohre")
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    root = ElementTree.fromstring(answer.text)
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == (prefix.strip("/") or "de")
    for one in [root, *root.findall(f"{ATOM}entry")]:
        for name in ("id", "title", "updated", "author"):
            assert len(one.findall(f"{ATOM}{name}")) == 1, name
        assert [link.get("href") for link in one.findall(f"{ATOM}link[@rel='alternate']")]
    ids = [one.findtext(f"{ATOM}id") for one in root.findall(f"{ATOM}entry")]
    titles = {one.findtext(f"{ATOM}title") for one in root.findall(f"{ATOM}entry")}
    assert len(set(ids)) == 2
    assert titles == {"Układanie rur" if prefix == "/pl" else "Rohre <verlegen> & prüfen", "Rohre ohne Frist"}


def test_a_reader_that_asks_again_gets_nothing_twice(found: TestClient) -> None:
    first = found.get("/search.atom?tab=needs")
    assert first.headers["cache-control"] == "public, max-age=300"
    again = found.get("/search.atom?tab=needs", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.text) == (304, "")
    dates = found.get("/search.ics?tab=needs")
    assert found.get("/search.ics?tab=needs", headers={"if-none-match": dates.headers["etag"]}).status_code == 304


def test_a_feed_names_nobody_who_is_not_named_in_public(found: TestClient) -> None:
    text = found.get("/search.atom?kind=residual").text
    assert "Schlacke" in text
    assert SECRET not in text
    assert "geheim" not in text.lower()


def test_a_calendar_holds_the_deadlines_of_open_needs(found: TestClient) -> None:
    answer = found.get("/pl/search.ics?tab=needs")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    (event,) = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert event["summary"] == "Oferty do: Układanie rur"
    assert event.decoded("dtstart") > utc_now()
    assert str(event["url"]).startswith("http://testserver/pl/needs/")


def test_a_calendar_of_offerings_holds_the_course_dates_to_come(found: TestClient) -> None:
    (event,) = icalendar.Calendar.from_ical(found.get("/search.ics?kind=training").content).walk("VEVENT")
    assert event["summary"] == "Schweißkurs"
    assert event.decoded("dtstart") == local_day(utc_now()) + timedelta(days=30)
    assert icalendar.Calendar.from_ical(found.get("/search.ics?tab=providers").content).walk("VEVENT") == []


def test_the_search_page_says_where_its_feed_is(found: TestClient) -> None:
    page = found.get("/search?tab=needs&q=Rohre&page=1").text
    assert '<link rel="alternate" type="application/atom+xml"' in page
    assert "/search.atom?q=Rohre&amp;tab=needs" in page
    assert "/search/save?q=Rohre&amp;tab=needs" in page
