"""Seats, holds, waiting lists and pledges: figures hold whatever happens in whatever order."""

from contextlib import suppress
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from market.accounts.models import Organisation
from market.bookings import clock, running, service
from market.bookings.models import HOLDING, Booking, Pledge
from market.bookings.seats import place_of
from market.mail.models import Letter
from market.offerings import courses
from market.offerings import service as offerings
from market.offerings.sessions import CourseSession, Refusal, of_offerings
from market.values import local_day
from market.viewer import SYSTEM, Viewer
from tests import factories as make
from tests.bookings.conftest import BASE, course, rows_of, written

TODAY = date(2026, 11, 24)
WHO = Viewer("person:x", "person")


@pytest.fixture
def row(session: Session) -> CourseSession:
    return rows_of(session, course(session, TODAY, written(TODAY)))[0]


def test_a_session_has_a_row_that_follows_the_details(session: Session, now: datetime) -> None:
    offering = course(session, TODAY, written(TODAY), written(TODAY, seats_min=1, seats_max=3))
    first, second = rows_of(session, offering)
    assert (first.seats_max, second.seats_max, second.number) == (6, 3, 2)
    later = written(TODAY, starts_on=date(2027, 3, 1), ends_on=date(2027, 3, 5), seats_taken=4, place="Halle 3")
    details = {"qualification": "Schweißer", "sessions": [written(TODAY, seats_max=8), later]}
    offerings.change(session, SYSTEM, offering, now, details=details)
    kept, new = rows_of(session, offering)
    assert (kept.ref, kept.seats_max) == (first.ref, 8)
    assert (new.starts_on, new.taken, new.seats_free, new.venue) == (date(2027, 3, 1), 4, 2, "Halle 3")


def test_a_session_with_bookings_is_never_dropped_silently(session: Session, now: datetime, row: CourseSession) -> None:
    firm = make.organisation(session, now)
    service.book(session, WHO, row, firm, 2, now, BASE)
    empty = {"qualification": "Schweißer", "sessions": []}
    with pytest.raises(Refusal, match="2 seats booked"):
        offerings.change(session, SYSTEM, row.offering, now, details=empty)
    session.expire(row.offering)


def test_seats_of_a_firm_that_was_deleted_go_to_those_who_wait(
    session: Session, now: datetime, row: CourseSession
) -> None:
    gone = make.organisation(session, now)
    service.book(session, WHO, row, gone, 5, now, BASE)
    waiting = service.book(session, WHO, row, make.organisation(session, now), 3, now, BASE)
    session.execute(delete(Organisation).where(Organisation.id == gone.id))
    clock.tick(session, now, BASE)
    assert (row.seats_booked, row.seats_waiting, waiting.state) == (3, 0, "reserved")


def test_fewer_seats_than_are_booked_are_refused_with_both_figures(
    session: Session, now: datetime, row: CourseSession
) -> None:
    service.book(session, WHO, row, make.organisation(session, now), 3, now, BASE)
    details = {"qualification": "Schweißer", "sessions": [written(TODAY, seats_max=4, seats_taken=2)]}
    with pytest.raises(Refusal, match="3 seats booked here and 2 taken elsewhere, together more than its 4 seats"):
        offerings.change(session, SYSTEM, row.offering, now, details=details)
    session.expire(row.offering)


def test_the_waiting_list_moves_up_in_order_and_nobody_overtakes(
    session: Session, now: datetime, row: CourseSession
) -> None:
    firms = [make.organisation(session, now) for _ in range(4)]
    first = service.book(session, WHO, row, firms[0], 5, now, BASE)
    large = service.book(session, WHO, row, firms[1], 3, now, BASE)
    small = service.book(session, WHO, row, firms[2], 1, now, BASE)
    assert [b.state for b in (first, large, small)] == ["reserved", "waiting", "waiting"]
    assert [place_of(session, b) for b in (large, small)] == [1, 2]
    assert (row.seats_booked, row.seats_waiting, row.seats_free) == (5, 4, 0)
    service.cancel(session, WHO, first, now, BASE)
    assert [b.state for b in (first, large, small)] == ["cancelled", "reserved", "reserved"]
    assert row.seats_booked == 4


def test_a_reservation_runs_out_after_48_hours_unless_confirmed(
    session: Session, now: datetime, row: CourseSession
) -> None:
    firms = [make.organisation(session, now) for _ in range(3)]
    lost = service.book(session, WHO, row, firms[0], 3, now, BASE)
    kept = service.book(session, WHO, row, firms[1], 3, now, BASE)
    waits = service.book(session, WHO, row, firms[2], 2, now, BASE)
    running.confirm(session, WHO, kept, now, BASE)
    assert clock.tick(session, now + timedelta(hours=47, minutes=59), BASE) == 0
    assert clock.tick(session, now + timedelta(hours=48), BASE) == 1
    assert (lost.state, lost.reason, kept.state, waits.state) == ("cancelled", "hold", "confirmed", "reserved")
    assert waits.hold_until == now + timedelta(hours=96)


def test_cancelling_ends_with_its_day_and_the_refusal_says_so(
    session: Session, now: datetime, row: CourseSession
) -> None:
    booking = service.book(session, WHO, row, make.organisation(session, now), 1, now, BASE, names=["Ada Geheim"])
    running.confirm(session, WHO, booking, now, BASE)
    late = now + timedelta(days=13)
    assert local_day(late) > row.last_cancel
    with pytest.raises(Refusal, match=f"until {row.last_cancel}; today is {local_day(late)}"):
        service.cancel(session, WHO, booking, late, BASE)
    service.cancel(session, WHO, booking, late - timedelta(days=1), BASE)
    assert booking.state == "cancelled"
    assert booking.people == []


@pytest.mark.parametrize(("seats", "said"), [(0, "has 6 seats; you asked for 0"), (7, "has 6 seats; you asked for 7")])
def test_a_refusal_names_figure_and_limit(
    session: Session, now: datetime, row: CourseSession, seats: int, said: str
) -> None:
    with pytest.raises(Refusal, match=said):
        service.book(session, WHO, row, make.organisation(session, now), seats, now, BASE)


def test_pledges_that_reach_the_minimum_become_bookings(session: Session, now: datetime) -> None:
    row = rows_of(session, course(session, TODAY, written(TODAY, seats_min=4, seats_taken=1)))[0]
    a, b, c = (make.organisation(session, now) for _ in range(3))
    first = service.pledge(session, WHO, row, a, 1, now, BASE)
    gone = service.pledge(session, WHO, row, b, 1, now, BASE)
    service.withdraw(session, WHO, gone, now, BASE)
    assert (row.seats_pledged, row.pledgers, row.missing, row.is_sure) == (1, 1, 2, False)
    last = service.pledge(session, WHO, row, c, 2, now, BASE)
    assert (first.state, last.state, row.state, row.seats_booked, row.seats_pledged) == (
        "booked",
        "booked",
        "sure",
        3,
        0,
    )
    with pytest.raises(Refusal, match="cannot be withdrawn"):
        service.withdraw(session, WHO, first, now, BASE)
    with pytest.raises(Refusal, match="4 of at least 4 seats"):
        service.pledge(session, WHO, row, b, 1, now, BASE)


def test_a_pledge_without_enough_others_ends_on_the_day_of_decision(
    session: Session, now: datetime, row: CourseSession
) -> None:
    made = service.pledge(session, WHO, row, make.organisation(session, now), 1, now, BASE)
    clock.tick(session, now + timedelta(days=12), BASE)
    assert made.state == "open"
    clock.tick(session, now + timedelta(days=13), BASE)
    assert (made.state, row.seats_pledged) == ("lapsed", 0)


def test_a_wish_for_a_month_finds_the_date_that_is_set(session: Session, now: datetime) -> None:
    offering = course(session, TODAY)
    firm = make.organisation(session, now)
    made = service.wish(session, WHO, offering, firm, 2, date(2027, 2, 1), now, BASE)
    with pytest.raises(Refusal, match="2026-11-01 is over or has begun; today is 2026-11-24"):
        service.wish(session, WHO, offering, firm, 2, date(2026, 11, 1), now, BASE)
    february = written(TODAY, starts_on=date(2027, 2, 8), ends_on=date(2027, 2, 9), cancel_by=date(2027, 2, 1))
    details = {"qualification": "Schweißer", "sessions": [february | {"seats_min": 3}]}
    offerings.change(session, SYSTEM, offering, now, details=details)
    assert clock.tick(session, now, BASE) == 1
    row = rows_of(session, offering)[0]
    assert (made.session, row.seats_pledged, row.missing) == (row, 2, 1)


def test_a_cancelled_date_ends_everything_and_stays_cancelled(
    session: Session, now: datetime, row: CourseSession
) -> None:
    firm = make.organisation(session, now)
    held = service.book(session, WHO, row, firm, 1, now, BASE)
    pledged = service.pledge(session, WHO, row, make.organisation(session, now), 1, now, BASE)
    assert pledged.state == "booked"  # with one booked, its seat makes the minimum of two
    assert running.cancel_session(session, WHO, row, now, BASE) == 2
    assert (held.state, held.reason, row.seats_booked) == ("cancelled", "session", 0)
    offerings.change(session, SYSTEM, row.offering, now, details=row.offering.details_json | {"venue": "Halle 1"})
    assert of_offerings(session, [row.offering_id])[row.offering_id] == []
    with pytest.raises(Refusal, match="has been cancelled"):
        service.book(session, WHO, row, firm, 1, now, BASE)


def test_attendance_and_certificates(session: Session, now: datetime, row: CourseSession) -> None:
    firm = make.organisation(session, now)
    booking = service.book(session, WHO, row, firm, 3, now, BASE, names=["Ada Eins", "Bo Zwei"])
    running.confirm(session, WHO, booking, now, BASE)
    came = {p.ref: "attended" for p in booking.people[:2]} | {booking.people[2].ref: "no_show"}
    with pytest.raises(Refusal, match="Today is 2026-11-24"):
        running.mark(session, WHO, row, came, now)
    then = now + timedelta(days=22)
    running.mark(session, WHO, row, came, then)
    assert booking.state == "attended"
    refs = {p.ref for p in booking.people}
    days = (date(2026, 12, 16), date(2029, 12, 15))
    assert running.certify(session, WHO, row, refs, "iso-9606-1", *days, then, BASE) == 2
    assert booking.state == "certified"
    certificate = service.take(session, WHO, booking.people[0], then)
    assert (certificate.holder, certificate.organisation, certificate.is_private) == ("Ada Eins", firm, True)
    assert certificate.state == "uploaded"
    with pytest.raises(Refusal):
        service.take(session, WHO, booking.people[0], then)


def test_what_is_over_may_leave_the_details_and_names_are_forgotten_after_a_year(
    session: Session, now: datetime, row: CourseSession
) -> None:
    booking = service.book(session, WHO, row, make.organisation(session, now), 1, now, BASE, names=["Ada Eins"])
    running.confirm(session, WHO, booking, now, BASE)
    later = now + timedelta(days=30)
    offerings.change(session, SYSTEM, row.offering, later, details={"qualification": "Schweißer", "sessions": []})
    assert rows_of(session, row.offering) == [row]
    clock.tick(session, now + timedelta(days=22 + 365), BASE)
    assert booking.people[0].name == "Ada Eins"
    clock.tick(session, now + timedelta(days=23 + 365), BASE)
    assert booking.people[0].name == ""


def test_the_next_course_of_an_expiring_certificate_is_one_with_free_seats(session: Session, now: datetime) -> None:
    day = written(TODAY, seats_min=1, seats_max=2)
    first = rows_of(session, course(session, TODAY, day))[0]
    later = {"starts_on": date(2027, 3, 1), "ends_on": date(2027, 3, 1), "cancel_by": date(2027, 2, 1)}
    second = rows_of(session, course(session, TODAY, written(TODAY, price_cents=29_000, **later), number=2))[0]
    assert courses.find(session, ["iso-9606-1"], TODAY)["iso-9606-1"].session == first.ref
    service.book(session, WHO, first, make.organisation(session, now), 2, now, BASE)
    found = courses.find(session, ["iso-9606-1"], TODAY)["iso-9606-1"]
    assert (found.session, found.seats_free, found.price_cents, found.count) == (second.ref, 6, 29_000, 2)


STEPS = st.lists(
    st.tuples(st.sampled_from(["book", "pledge", "cancel", "confirm", "withdraw", "clock"]), st.integers(1, 4)),
    max_size=18,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, least=st.integers(1, 5), taken=st.integers(0, 3))
def test_whatever_happens_the_figures_hold(
    session: Session, now: datetime, steps: list[tuple[str, int]], least: int, taken: int
) -> None:
    today = local_day(now)
    row = rows_of(session, course(session, today, written(today, seats_min=least, seats_taken=taken)))[0]
    firms = [make.organisation(session, now) for _ in range(2)]
    for number, (what, seats) in enumerate(steps):
        now += timedelta(hours=7)
        with suppress(Refusal):
            _step(session, row, firms[number % 2], what, seats, now)
        bookings = list(session.scalars(select(Booking).where(Booking.session_id == row.id)))
        pledges = list(session.scalars(select(Pledge).where(Pledge.session_id == row.id, Pledge.state == "open")))
        assert row.seats_booked == sum(b.seats for b in bookings if b.state in HOLDING)
        assert row.seats_waiting == sum(b.seats for b in bookings if b.state == "waiting")
        assert row.seats_pledged == sum(p.seats for p in pledges)
        assert row.taken <= row.seats_max
        waiting = [b for b in bookings if b.state == "waiting"]
        assert not waiting or min(waiting, key=lambda b: b.id).seats > row.seats_max - row.taken
        assert not pledges or row.taken + row.seats_pledged < row.seats_min
        assert all((b.hold_until is not None) == (b.state == "reserved") for b in bookings)


def _step(session: Session, row: CourseSession, firm: object, what: str, seats: int, now: datetime) -> None:
    bookings = list(session.scalars(select(Booking).where(Booking.session_id == row.id).order_by(Booking.id)))
    pledges = list(session.scalars(select(Pledge).where(Pledge.session_id == row.id).order_by(Pledge.id)))
    if what == "book":
        service.book(session, WHO, row, firm, seats, now, BASE)  # type: ignore[arg-type]
    elif what == "pledge":
        service.pledge(session, WHO, row, firm, seats, now, BASE)  # type: ignore[arg-type]
    elif what == "clock":
        clock.tick(session, now, BASE)
    elif what == "withdraw" and pledges:
        service.withdraw(session, WHO, pledges[seats % len(pledges)], now, BASE)
    elif bookings:
        verb = service.cancel if what == "cancel" else running.confirm
        verb(session, WHO, bookings[seats % len(bookings)], now, BASE)


def test_letters_go_to_both_sides_and_name_no_participant(session: Session, now: datetime, row: CourseSession) -> None:
    from market.accounts import people
    from market.viewer import OPERATOR

    firm = make.organisation(session, now, name="Rohrbau Probe")
    for email, organisation, language in (
        ("chef@rohr.example", firm, "pl"),
        ("kurs@kurs.example", row.offering.organisation, "de"),
    ):
        person = people.create(session, OPERATOR, now, email, language=language)
        people.join(session, OPERATOR, person, organisation, ("admin",), now)
    session.flush()
    service.book(session, WHO, row, firm, 1, now, BASE, names=["Zdzisława Geheimnis"])
    session.flush()
    letters = {letter.to: letter for letter in session.scalars(select(Letter).where(Letter.event == "bookings/news"))}
    assert set(letters) == {"chef@rohr.example", "kurs@kurs.example"}
    assert letters["chef@rohr.example"].language == "pl"
    assert "Rohrbau Probe" in letters["kurs@kurs.example"].text
    assert not any("Geheimnis" in letter.text + letter.html for letter in letters.values())


def test_a_course_nearby_comes_before_an_earlier_one_far_away(session: Session, now: datetime) -> None:
    far = course(session, TODAY, written(TODAY, seats_min=1))
    far.lat, far.lon = 52.52, 13.40  # 130 km from Guben
    later = {"starts_on": date(2027, 3, 1), "ends_on": date(2027, 3, 1), "cancel_by": date(2027, 2, 1)}
    close = course(session, TODAY, written(TODAY, seats_min=1, **later), number=2)
    close.lat, close.lon = 52.14, 14.65
    session.flush()
    guben = (51.95, 14.71)
    assert courses.find(session, ["iso-9606-1"], TODAY)["iso-9606-1"].ref == far.ref
    found = courses.find(session, ["iso-9606-1"], TODAY, guben)["iso-9606-1"]
    assert (found.ref, found.km) == (close.ref, 22)
    close.lat = close.lon = None
    session.flush()
    found = courses.find(session, ["iso-9606-1"], TODAY, guben)["iso-9606-1"]
    assert (found.ref, found.km) == (close.ref, None)  # who does not say where it is is not taken to be far
