"""The way of a request through the pages, with the letters both sides get, and what nobody else sees."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

import icalendar
import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from market.db import Sessions
from market.mail.models import Letter
from market.movements.models import Movement
from market.values import ZONE
from tests import factories as make
from tests.movements.support import ask, far, railway, slot_on, slots_of

TRAIN = {"wagons": "10", "length_m": "171,4", "gross_mass_t": "600", "gauge_mm": "1435", "traction": "diesel"}
TRIP = {"origin": "Übergabe Ziltendorf", "destination": "Ladegleis Guben"}
Enter = Callable[..., TestClient]


@pytest.fixture
def slots(sessions: Sessions) -> list[str]:
    """References of the slots of Werkbahn GmbH: three weeks on the same weekday, places for 24 wagons each."""
    days = [far(7), far(14), far(21)]
    with sessions.begin() as session:
        offering = railway(session, datetime.now(UTC), *(slot_on(day) for day in days))
        return [slot.ref for slot in slots_of(session, offering)]


def letters(sessions: Sessions) -> list[tuple[str, str, str]]:
    with sessions() as session:
        return [(one.to, one.subject, one.text) for one in session.scalars(select(Letter).order_by(Letter.id))]


def test_anybody_checks_a_train_and_reads_the_figure_that_fails(
    window: Callable[[], TestClient], slots: list[str]
) -> None:
    page = window().get(f"/rail/slots/{slots[0]}", params=TRAIN | {"length_m": "420", "wagons": "24"}).text
    assert "Zug 420 m, nutzbare Länge 380 m: 40 m zu lang" in page
    assert "Mit 21 Wagen" in page
    fits = window().get(f"/pl/rail/slots/{slots[0]}", params=TRAIN).text
    assert "Pociąg 171,4 m, długość użyteczna 380 m: pasuje" in fits


def test_a_train_that_does_not_fit_is_not_asked_for(enter: Enter, slots: list[str], sessions: Sessions) -> None:
    buyer = enter("ada@werk.example", "admin", firm="Werk SE")
    answer = buyer.post(f"/rail/slots/{slots[0]}", data=TRAIN | TRIP | {"gross_mass_t": "1.840"})
    assert answer.status_code == 422
    assert "Zug 1.840 t, bewegt werden höchstens 1.600 t: 240 t zu schwer" in answer.text
    answer = buyer.post(f"/rail/slots/{slots[0]}", data=TRAIN | TRIP | {"rid_class": "8"})
    assert "Geben Sie die UN-Nummer" in answer.text
    assert letters(sessions) == []


def test_from_the_request_to_done_with_letters_to_both_sides(
    enter: Enter, slots: list[str], sessions: Sessions
) -> None:
    railway_ = enter("knut@bahn.example", "editor", firm="Werkbahn GmbH")
    buyer = enter("ada@werk.example", "admin", firm="Werk SE")
    with sessions.begin() as session:
        session.execute(Letter.__table__.delete())
    asked = buyer.post(f"/rail/slots/{slots[0]}", data=TRAIN | TRIP)
    assert asked.status_code == 303
    place = asked.headers["location"]
    to_buyer, to_railway = letters(sessions)
    assert to_buyer[:2] == ("ada@werk.example", "Ihre Anfrage ist angekommen: Rangierdienst Guben")
    assert to_railway[:2] == ("knut@bahn.example", "Anfrage von Werk SE: Rangierdienst Guben")
    assert "10 Wagen, 171,4\u00a0m, 600\u00a0t" in to_railway[2]
    assert "Übergabe Ziltendorf" in to_railway[2]
    assert "1 Anfrage zu Ihren Bahn-Zeitfenstern" in railway_.get("/me").text
    assert "wartet auf Ihre Antwort" in railway_.get("/me/movements").text
    assert "Werk SE" in railway_.get("/me/movements/board").text
    assert railway_.post(f"{place}/confirm").status_code == 303
    assert letters(sessions)[2][:2] == ("ada@werk.example", "Bestätigt: Rangierdienst Guben")
    assert "von der Bahn bestätigt" in buyer.get(place).text
    assert railway_.post(f"{place}/finish").status_code == 409
    answer = railway_.post(f"{place}/cancel", data={"note": "Die Lok ist ausgefallen."})
    assert answer.status_code == 303
    assert "Die Lok ist ausgefallen." in letters(sessions)[-1][2] + letters(sessions)[-2][2]


def test_declining_needs_a_reason_that_the_other_side_reads(enter: Enter, slots: list[str], sessions: Sessions) -> None:
    railway_ = enter("knut@bahn.example", "editor", firm="Werkbahn GmbH")
    buyer = enter("ada@werk.example", "admin", firm="Werk SE")
    place = buyer.post(f"/rail/slots/{slots[0]}", data=TRAIN | TRIP).headers["location"]
    assert railway_.post(f"{place}/decline").status_code == 422
    assert buyer.post(f"{place}/confirm").status_code == 403
    assert railway_.post(f"{place}/decline", data={"reason": "track_closed"}).status_code == 303
    assert "Das Gleis ist gesperrt" in buyer.get(place).text
    assert "Grund: Das Gleis ist gesperrt" in letters(sessions)[-1][2]


def test_a_weekly_request_is_one_booking_a_day_and_one_letter(
    enter: Enter, slots: list[str], sessions: Sessions
) -> None:
    railway_ = enter("knut@bahn.example", "editor", firm="Werkbahn GmbH")
    buyer = enter("ada@werk.example", "admin", firm="Werk SE")
    last = (far(28)).isoformat()
    weekly = TRAIN | TRIP | {"until": last}
    refused = buyer.post(f"/rail/slots/{slots[0]}", data=weekly)
    assert refused.status_code == 422
    assert "1 Tag ist nicht zu haben" in refused.text
    before = len(letters(sessions))
    place = buyer.post(f"/rail/slots/{slots[0]}", data=weekly | {"rest": "yes"}).headers["location"]
    assert len(letters(sessions)) == before + 2
    with sessions() as session:
        assert [one.state for one in session.scalars(select(Movement))] == ["requested"] * 3
    assert railway_.post(f"{place}/confirm", data={"series": "yes"}).status_code == 303
    with sessions() as session:
        assert [one.state for one in session.scalars(select(Movement))] == ["confirmed"] * 3
    assert len(letters(sessions)) == before + 4, "one letter a side for the whole series"


def test_the_public_boards_never_say_who(
    enter: Enter, window: Callable[[], TestClient], slots: list[str], sessions: Sessions
) -> None:
    buyer = enter("ada@werk.example", "admin", firm="Werk SE")
    place = buyer.post(f"/rail/slots/{slots[0]}", data=TRAIN | TRIP).headers["location"]
    stranger = enter("max@fremd.example", "admin", firm="Fremde AG")
    week = (far(7)).strftime("%G-W%V")
    with sessions() as session:
        offering = session.scalars(select(Movement)).one().slot.offering
        pages = [f"/rail?week={week}", f"/rail/slots/{slots[0]}", f"/offerings/{offering.ref}/{offering.slug}"]
    for page in [*pages, "/me/movements", "/me/movements/board"]:
        answer = stranger.get(page)
        assert answer.status_code == 200, page
        for secret in ("Werk SE", "Übergabe Ziltendorf", place):
            assert secret not in answer.text, (page, secret)
    assert "14 von 24 frei" in stranger.get(pages[0]).text
    assert stranger.get(place).status_code == 404
    assert window().get(place).status_code == 303


def test_the_board_keeps_to_weeks_that_exist(window: Callable[[], TestClient], slots: list[str]) -> None:
    guest = window()
    for week in ("2026-W99", "nonsense", "1900-W01", "9999-W01", ""):
        assert guest.get("/rail", params={"week": week}).status_code == 200
    assert "24 von 24 frei" in guest.get("/rail").text


def test_a_full_slot_offers_the_waiting_list(enter: Enter, slots: list[str], sessions: Sessions) -> None:
    now = datetime.now(UTC)
    with sessions.begin() as session:
        slot = slots_of(session, session.scalars(select(make.Offering)).one())[0]
        ask(session, slot, make.organisation(session, now), now, 24)
    buyer = enter("ada@werk.example", "admin", firm="Werk SE")
    assert "Auf die Warteliste" in buyer.get(f"/rail/slots/{slots[0]}").text
    place = buyer.post(f"/rail/slots/{slots[0]}", data=TRAIN | TRIP).headers["location"]
    assert "Platz 1 auf der Warteliste" in buyer.get(place).text


def test_confirmed_movements_come_as_a_calendar(enter: Enter, slots: list[str]) -> None:
    railway_ = enter("knut@bahn.example", "editor", firm="Werkbahn GmbH")
    buyer = enter("ada@werk.example", "admin", firm="Werk SE")
    place = buyer.post(f"/rail/slots/{slots[0]}", data=TRAIN | TRIP).headers["location"]
    assert not icalendar.Calendar.from_ical(buyer.get("/me/movements.ics").content).events
    railway_.post(f"{place}/confirm")
    (event,) = icalendar.Calendar.from_ical(railway_.get("/me/movements.ics").content).events
    assert datetime.combine(far(7), time(10), ZONE).astimezone(UTC) == event.DTSTART
    assert timedelta(hours=4) == event.DTEND - event.DTSTART
    assert event["summary"] == "Werk SE: 10 Wagen"
    assert event["url"].endswith(place)
    assert event["uid"].endswith("@testserver")
    (same,) = icalendar.Calendar.from_ical(buyer.get("/pl/me/movements.ics").content).events
    assert same["summary"] == "Werkbahn GmbH: 10 wagonów"
    stranger = enter("max@fremd.example", "admin", firm="Fremde AG")
    assert not icalendar.Calendar.from_ical(stranger.get("/me/movements.ics").content).events


def test_an_offering_that_cannot_be_read_breaks_no_board(
    window: Callable[[], TestClient], slots: list[str], sessions: Sessions
) -> None:
    with sessions.begin() as session:
        other = railway(session, datetime.now(UTC), slot_on(far(7)), firm=make.organisation(session, datetime.now(UTC)))
        other.details_json = {"services": "none", "facility": {"useful_length_m": "long"}}
    page = window().get("/rail")
    assert page.status_code == 200
    assert len(re.findall(r"\b380\b", page.text)) == 1, "the figures of the track that can be read"
    assert page.text.count(other.title) >= 2
