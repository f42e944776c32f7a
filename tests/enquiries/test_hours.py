"""Working time and the pace of a firm."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market.enquiries.forms import cents
from market.enquiries.hours import DAY_MINUTES, minutes_between
from market.values import ZONE


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("2026-11-24 10:00", "2026-11-24 12:30", 150),
        ("2026-11-24 16:00", "2026-11-25 09:00", 120),
        ("2026-11-27 16:30", "2026-11-30 08:15", 45),  # over a weekend
        ("2026-11-28 10:00", "2026-11-29 22:00", 0),
        ("2026-11-24 03:00", "2026-11-24 07:59", 0),
        ("2026-11-24 17:00", "2026-12-01 17:00", 5 * DAY_MINUTES),
        ("2026-10-23 16:00", "2026-10-26 09:00", 120),  # the clocks went back on Sunday
        ("2026-03-27 16:00", "2026-03-30 09:00", 120),  # and forward
        ("2026-11-24 12:00", "2026-11-24 11:00", 0),
    ],
)
def test_only_working_time_counts(start: str, end: str, minutes: int) -> None:
    assert minutes_between(at(start), at(end)) == minutes


moments = st.integers(0, 2 * 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@settings(max_examples=60, deadline=None)
@given(moments, st.integers(0, 40 * 24 * 60), st.integers(0, 40 * 24 * 60))
def test_working_time_adds_up(start: datetime, first: int, second: int) -> None:
    middle = start + timedelta(minutes=first)
    end = middle + timedelta(minutes=second)
    whole = minutes_between(start, end)
    assert whole == minutes_between(start, middle) + minutes_between(middle, end)
    assert 0 <= whole <= first + second


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("58", 5800),
        ("58,5", 5850),
        ("58.50", 5850),
        ("1.234,50", 123450),
        ("1,234.50", 123450),
        ("1.234", 123400),
        ("1 234,50 €", 123450),
        ("€ 4.800", 480000),
        ("99.999.999,99", 9999999999),
    ],
)
def test_amounts_as_people_write_them(typed: str, amount: int) -> None:
    assert cents(typed) == amount


@pytest.mark.parametrize("typed", ["", "0", "-5", "viel", "1.2.3", "1,2,3", "100.000.000", "5 zł", "NaN", "1e5", "٣"])
def test_what_is_no_amount_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        cents(typed)
