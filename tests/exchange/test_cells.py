"""What people write in cells."""

from datetime import UTC, date, datetime

import pytest

from market.exchange import cells


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("52.14", 52.14),
        ("52,14", 52.14),
        ("1.234,5", 1234.5),
        ("1,234.5", 1234.5),
        ("1.234.567", 1234567.0),
        ("-3", -3.0),
        (" 7 ", 7.0),
        ("", None),
        (None, None),
        (4, 4),
    ],
)
def test_numbers_are_read_as_people_write_them(written: object, meant: object) -> None:
    assert cells.number(written) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [("58,5", 58.5), ("58.50", 58.5), ("1.234,50", 1234.5), ("1.234", 1234.0), ("1 200 €", 1200.0), ("89 EUR", 89.0)],
)
def test_a_group_of_three_digits_of_money_is_thousands(written: str, meant: float) -> None:
    assert cells.money(written) == meant


@pytest.mark.parametrize("written", ["abc", "1,2,3.4.", "12..5", "1e", "--4", "€"])
def test_no_number_is_refused_with_an_example(written: str) -> None:
    with pytest.raises(ValueError, match=r"52\.14"):
        cells.number(written)


@pytest.mark.parametrize(
    "written", ["2026-11-24", "24.11.2026", "2026-11-24T10:00", datetime(2026, 11, 24, 3, tzinfo=UTC)]
)
def test_days_are_iso_or_german(written: object) -> None:
    assert cells.day(written) == date(2026, 11, 24)


@pytest.mark.parametrize("written", ["morgen", "31.02.2026", "2026-13-01", "24/11/2026", 45_000])
def test_other_days_are_refused(written: object) -> None:
    with pytest.raises(ValueError, match="2026-11-24"):
        cells.day(written)


def test_moments_without_an_offset_are_local_time() -> None:
    assert cells.moment("2026-11-24T12:00") == datetime(2026, 11, 24, 11, tzinfo=UTC)
    assert cells.moment("2026-07-24T12:00") == datetime(2026, 7, 24, 10, tzinfo=UTC)
    assert cells.moment("2026-07-24T12:00Z") == datetime(2026, 7, 24, 12, tzinfo=UTC)
    assert cells.moment("24.11.2026") == datetime(2026, 11, 24, 11, tzinfo=UTC)


@pytest.mark.parametrize("written", ["2026-10-25T02:30", "2026-03-29T02:30"])
def test_a_local_time_that_is_two_or_none_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="offset"):
        cells.moment(written)


def test_lists_are_separated_by_semicolons_or_lines() -> None:
    assert cells.items("a; b;;a\nc") == ["a", "b", "c"]
    assert cells.items('["a; b", "c"]') == ["a; b", "c"]
    assert cells.items(["a", " b ", ""]) == ["a", "b"]
    assert cells.items(None) == []


def test_text_loses_control_characters_and_keeps_lines() -> None:
    assert cells.text(" a\x00b\r\nc\u2028 ") == "a b\nc"
    assert cells.text("lone \ud800 half") == "lone   half"
    assert cells.text(15890.0) == "15890"
    assert cells.text(None) == ""


@pytest.mark.parametrize("value", ["=1+1", "+49 335", "-5", "@x", "'=1", "''=x", "plain", "'plain", "", "＝1"])
def test_a_guarded_text_comes_back(value: str) -> None:
    guarded = cells.guarded(value)
    assert guarded[:1] not in set("=+-@＝")
    assert cells.unguarded(guarded) == value
