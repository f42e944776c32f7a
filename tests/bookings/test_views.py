"""The whole way through pages: book, confirm, name, cancel, pledge; what is private stays with two firms."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import icalendar
import pytest
from sqlalchemy import select, text
from starlette.testclient import TestClient

from market.bookings import running, service
from market.bookings.models import Booking, Pledge
from market.certificates.models import Certificate
from market.db import Sessions
from market.exchange import exporting
from market.journal import Entry
from market.mail.models import Letter
from market.offerings.documents import offering_documents
from market.offerings.sessions import CourseSession
from market.values import local_day, utc_now
from market.viewer import OPERATOR
from tests.bookings.conftest import BASE

SECRET = "Zdenka Geheimrat"
"""A participant nobody but two firms may ever read of."""


@pytest.fixture
def firm(enter: Callable[..., TestClient]) -> TestClient:
    return enter("chef@rohr.example", "bidder", firm="Rohrbau Probe")


@pytest.fixture
def school(enter: Callable[..., TestClient], planted: Callable[..., str]) -> TestClient:
    return enter("kurs@kurs.example", "admin", firm="Kursstätte 1")


def test_without_a_sign_in_the_button_leads_there_and_back(
    window: Callable[[], TestClient], planted: Callable[..., str]
) -> None:
    answer = window().get(f"/pl/sessions/{planted()}/book")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/pl/sign-in?next=%2Fpl%2Fsessions%2F")


def test_a_firm_books_and_the_provider_confirms(
    firm: TestClient, enter: Callable[..., TestClient], planted: Callable[..., str], sessions: Sessions
) -> None:
    ref = planted(seats_min=1, seats_max=3)
    school = enter("kurs@kurs.example", "admin", firm="Kursstätte 1")
    form = {"seats": "2", "names": f"{SECRET}\n", "once": "abcdefghjk"}
    answer = firm.post(f"/sessions/{ref}/book", data=form)
    assert answer.status_code == 303
    page = answer.headers["location"]
    assert firm.post(f"/sessions/{ref}/book", data=form).headers["location"] == page, "sent twice, booked once"
    assert SECRET in firm.get(page).text
    assert "1 Platz frei" in school.get(f"/me/sessions/{ref}").text
    assert SECRET in school.get(f"/me/sessions/{ref}").text
    booking = page.rsplit("/", 1)[1]
    assert school.post(f"/me/sessions/{ref}/bookings/{booking}/confirm").status_code == 303
    assert school.post(f"/me/sessions/{ref}/bookings/{booking}/confirm").status_code == 409
    assert "bestätigt" in firm.get("/me/bookings").text
    assert firm.post(f"/me/bookings/{booking}/people", data={"names": "A\nB\nC"}).status_code == 422
    assert firm.post(f"/me/bookings/{booking}/cancel").status_code == 303
    with sessions() as session:
        row = session.scalars(select(CourseSession)).one()
        assert (row.seats_booked, session.scalars(select(Booking.state)).one()) == (0, "cancelled")
        events = [letter.subject for letter in session.scalars(select(Letter).order_by(Letter.id))]
    assert len(events) == 4  # reserved and asked, confirmed, cancelled


def test_too_many_seats_come_back_with_a_sentence(firm: TestClient, planted: Callable[..., str]) -> None:
    answer = firm.post(f"/sessions/{planted(seats_max=4)}/book", data={"seats": "9"})
    assert answer.status_code == 422
    assert "Dieser Termin hat 4 Plätze, Sie möchten 9." in answer.text


def test_the_public_page_the_index_and_structured_data_read_the_true_figure(
    firm: TestClient, window: Callable[[], TestClient], planted: Callable[..., str], sessions: Sessions
) -> None:
    ref = planted(seats_min=1, seats_max=6, seats_taken=2)
    firm.post(f"/sessions/{ref}/book", data={"seats": "3"})
    with sessions() as session:
        row = session.scalars(select(CourseSession).where(CourseSession.ref == ref)).one()
        document = dict(offering_documents(session, [row.offering_id], local_day(utc_now())))[row.offering_id]
        path = f"/offerings/{row.offering.ref}/{row.offering.slug}"
    assert document is not None
    assert document["facts"]["seats_free"] == [1]
    page = window().get(path).text
    assert '"remainingAttendeeCapacity":1' in page
    assert "1 Platz frei" in page
    assert f"/sessions/{ref}/book" in page


def test_pledges_show_as_counts_only(
    firm: TestClient, window: Callable[[], TestClient], planted: Callable[..., str], sessions: Sessions
) -> None:
    ref = planted(seats_min=5)
    assert firm.post(f"/sessions/{ref}/pledge", data={"seats": "2"}).status_code == 303
    with sessions() as session:
        made = session.scalars(select(Pledge)).one()
        path = f"/offerings/{made.offering.ref}/{made.offering.slug}"
    page = window().get(path).text
    assert "2 zugesagt von 1 Firma" in page
    assert "Rohrbau" not in page
    assert firm.post(f"/me/pledges/{made.ref}/withdraw").status_code == 303
    assert "zugesagt von" not in window().get(path).text


def test_calendars_are_read_again(
    firm: TestClient, window: Callable[[], TestClient], planted: Callable[..., str]
) -> None:
    ref = planted(seats_min=1)
    firm.post(f"/sessions/{ref}/book", data={"seats": "2", "names": SECRET})
    public = window().get(f"/sessions/{ref}.ics")
    mine = firm.get("/me/bookings.ics")
    for answer in (public, mine):
        assert answer.headers["content-type"].startswith("text/calendar")
        (event,) = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
        begins = local_day(utc_now()) + timedelta(days=20)
        assert (event.decoded("dtstart"), event.decoded("dtend")) == (begins, begins + timedelta(days=3))
        assert event["summary"] == "Schweißerprüfung"
        assert SECRET not in answer.text
    assert "Plätze: 2" in mine.text


def test_names_of_participants_stand_nowhere_else(
    firm: TestClient,
    enter: Callable[..., TestClient],
    window: Callable[[], TestClient],
    planted: Callable[..., str],
    sessions: Sessions,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The whole life of a booking, then every place where a name could have leaked is read."""
    ref = planted(seats_min=1, seats_max=3)
    firm.post(f"/sessions/{ref}/book", data={"seats": "2", "names": f"{SECRET}\nBo {SECRET}"})
    enter("zwei@firma.example", "admin", firm="Zweite Firma").post(f"/sessions/{ref}/book", data={"seats": "3"})
    now = utc_now()
    with sessions.begin() as session:
        booking = session.scalars(select(Booking).where(Booking.state == "reserved")).one()
        running.confirm(session, OPERATOR, booking, now, BASE)
        service.name_people(session, OPERATOR, booking, [SECRET, f"Bo {SECRET}"], now)
        later, row = now + timedelta(days=23), booking.session
        running.mark(session, OPERATOR, row, {person.ref: "attended" for person in booking.people}, later)
        refs, day = {person.ref for person in booking.people}, local_day(later)
        running.certify(session, OPERATOR, row, refs, "iso-9606-1", day, day + timedelta(days=1094), later, BASE)
        certificate = service.take(session, OPERATOR, booking.people[0], later)
        session.flush()
        assert certificate.is_private
        organisation, provider = booking.organisation, row.offering.organisation
        ids, path = [row.offering_id], f"/offerings/{row.offering.ref}/{row.offering.slug}"
        others = [f"/providers/{firm_.ref}/{firm_.slug}" for firm_ in (organisation, provider)]
        page = f"/me/bookings/{booking.ref}"
    with sessions() as session:
        assert session.scalars(select(Certificate)).one().holder == SECRET
        read: list[Any] = [document for _, document in offering_documents(session, ids, local_day(now))]
        read += [entry.data for entry in session.scalars(select(Entry))]
        read += [[letter.subject, letter.text, letter.html] for letter in session.scalars(select(Letter))]
        read += [dict(row._mapping) for row in session.execute(text("SELECT * FROM offerings"))]
    said = json.dumps(read, default=str, ensure_ascii=False)
    stranger = enter("drei@firma.example", "admin", firm="Dritte Firma")
    second = enter("vier@firma.example", "admin", firm="Zweite Firma")
    for visitor in (window(), stranger, second):
        for address in (path, *others, page, f"/me/sessions/{ref}", "/me/bookings", "/me/sessions", "/me", "/search"):
            said += visitor.get(address).text
        said += visitor.get(f"/sessions/{ref}.ics").text + visitor.get("/api/v1/search/offerings").text
    said += exported(sessions) + caplog.text
    assert "Geheimrat" not in said
    assert SECRET in firm.get(page).text


def exported(sessions: Sessions) -> str:
    """Everything the exports write."""
    with sessions() as session:
        rows = [list(export(session, BASE)) for export in (exporting.offerings, exporting.listed_providers)]
    return json.dumps(rows, default=str, ensure_ascii=False)
