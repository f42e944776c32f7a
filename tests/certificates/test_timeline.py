"""The drawings of a wallet: nothing on them runs into anything else, on any day of the year."""

from datetime import date, timedelta

import pytest

from market.certificates.models import Certificate
from market.certificates.timeline import SHEETS, TODAY, YEAR, Timeline, timelines
from market.i18n import words


def drawn(today: date, *ends: date | None) -> list[Timeline]:
    held = [
        Certificate(
            id=place, type="iso-9001", state="verified", valid_from=today - timedelta(days=400), valid_until=end
        )
        for place, end in enumerate(ends)
    ]
    return timelines(words("de"), held, today)


@pytest.mark.parametrize("later", range(0, 365, 5))
def test_no_year_runs_into_the_word_for_today(later: int) -> None:
    today = date(2026, 1, 3) + timedelta(days=later)
    for drawing in drawn(today, today + timedelta(days=30), today + timedelta(days=900)):
        word = (drawing.now - TODAY, drawing.now)
        assert all(not year or x + YEAR <= word[0] or x >= word[1] for x, year in drawing.years)
        assert sum(bool(year) for _, year in drawing.years) >= 2


def test_every_row_has_its_name_and_its_bar_on_both_sheets() -> None:
    today = date(2026, 11, 24)
    wide, narrow = drawn(today, today + timedelta(days=30), today + timedelta(days=900), None)
    assert (wide.name, narrow.name) == tuple(SHEETS)
    for drawing in (wide, narrow):
        assert [bar.text for bar in drawing.bars] == ["24.12.2026", "12.05.2029", "ohne Ende"]
        assert all(bar.x >= 0 and bar.x + bar.width <= drawing.width for bar in drawing.bars)
        assert all(bar.y < bar.bar_y and bar.bar_y + 16 <= drawing.height for bar in drawing.bars)
    assert all(bar.name_y < bar.bar_y for bar in narrow.bars)
