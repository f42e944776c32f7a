"""Times as people write them, on the region's clocks."""

from datetime import UTC, date, datetime, time

import pytest

from market.needs import moments

FORWARD, BACK = date(2027, 3, 28), date(2026, 10, 25)


def test_a_time_is_that_of_the_region() -> None:
    assert moments.moment(date(2027, 1, 12), time(12)) == datetime(2027, 1, 12, 11, tzinfo=UTC)
    assert moments.moment(date(2027, 7, 12), time(12)) == datetime(2027, 7, 12, 10, tzinfo=UTC)


@pytest.mark.parametrize("day", [FORWARD, BACK])
@pytest.mark.parametrize("at", [time(2), time(2, 59)])
def test_an_hour_that_is_missing_or_comes_twice_is_refused(day: date, at: time) -> None:
    with pytest.raises(ValueError, match="clocks go"):
        moments.moment(day, at)


@pytest.mark.parametrize("day", [FORWARD, BACK])
@pytest.mark.parametrize("at", [time(1, 59), time(3)])
def test_the_hours_around_it_are_not(day: date, at: time) -> None:
    when = moments.moment(day, at)
    assert moments.as_day_and_time(when) == (day.isoformat(), at.strftime("%H:%M"))


def test_a_shifted_deadline_keeps_its_time_of_day_across_the_change() -> None:
    before = moments.moment(date(2027, 3, 26), time(12))
    assert moments.as_day_and_time(moments.shifted(before, 7)) == ("2027-04-02", "12:00")
    at_half_past_two = moments.moment(date(2027, 3, 27), time(2, 30))
    assert moments.as_day_and_time(moments.shifted(at_half_past_two, 1)) == ("2027-03-28", "03:30")


@pytest.mark.parametrize(
    ("text", "read"), [("12:00", time(12)), ("9.30", time(9, 30)), ("7", time(7)), ("14:05 Uhr", time(14, 5))]
)
def test_times_are_read_as_people_write_them(text: str, read: time) -> None:
    assert moments.clock(text) == read


@pytest.mark.parametrize("text", ["", "25:00", "12:60", "noon", "-1:00", "1200"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="hours and minutes"):
        moments.clock(text)


def test_offices_are_open_on_working_days() -> None:
    assert moments.in_business_hours(moments.moment(date(2027, 1, 12), time(17)))
    assert not moments.in_business_hours(moments.moment(date(2027, 1, 12), time(17, 1)))
    assert not moments.in_business_hours(moments.moment(date(2027, 1, 16), time(12)))
