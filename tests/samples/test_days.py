"""Working days of Brandenburg, Berlin time."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.samples.days import after, is_working_day
from market.values import local_day


@pytest.mark.parametrize(
    ("day", "count", "wanted"),
    [
        (date(2026, 11, 24), 3, date(2026, 11, 27)),
        (date(2026, 11, 27), 1, date(2026, 11, 30)),  # over a weekend
        (date(2026, 11, 28), 0, date(2026, 11, 30)),
        (date(2026, 12, 23), 3, date(2026, 12, 29)),  # Christmas on Friday and Saturday
        (date(2027, 3, 25), 1, date(2027, 3, 30)),  # Easter
        (date(2026, 10, 30), 1, date(2026, 11, 2)),  # Reformation Day is a Saturday
        (date(2024, 10, 30), 1, date(2024, 11, 1)),  # Reformation Day is kept here, All Saints is not
    ],
)
def test_days_are_counted_without_weekends_and_holidays(day: date, count: int, wanted: date) -> None:
    assert after(day, count) == wanted


@given(st.dates(date(2020, 1, 1), date(2035, 12, 31)), st.integers(0, 60))
def test_exactly_so_many_working_days_lie_between(day: date, count: int) -> None:
    end = after(day, count)
    between = [day + timedelta(days=n) for n in range(1, (end - day).days + 1)]
    assert is_working_day(end)
    # From a day nobody works, "none" is the next working day.
    assert sum(map(is_working_day, between)) == count + (count == 0 and not is_working_day(day))


def test_late_in_the_evening_it_is_the_day_of_the_region_that_counts() -> None:
    assert local_day(datetime(2026, 11, 24, 23, 30, tzinfo=UTC)) == date(2026, 11, 25)
