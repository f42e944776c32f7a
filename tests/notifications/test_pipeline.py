"""Where a firm stands with a need, and when letters are due: tables and clocks, without a database."""

from datetime import UTC, datetime

import pytest

from market.errors import Conflict
from market.notifications import pipeline, times


def test_every_stage_by_hand_has_a_way_out_and_leads_to_a_known_one() -> None:
    for stage, moves in pipeline.MOVES.items():
        assert moves
        for move in moves:
            assert pipeline.after(stage, move, "watching") in pipeline.STAGES
    assert pipeline.after("passed", "back", "preparing") == "preparing"
    with pytest.raises(Conflict):
        pipeline.after("new", "back", "new")


@pytest.mark.parametrize(
    ("by_hand", "bid", "need", "shown"),
    [
        ("new", None, "published", "new"),
        ("watching", "draft", "published", "preparing"),
        ("preparing", "submitted", "published", "submitted"),
        ("preparing", "submitted", "closed", "waiting"),
        ("passed", "needs_confirmation", "published", "preparing"),
        ("preparing", "opened", "evaluation", "waiting"),
        ("preparing", "won", "awarded", "won"),
        ("preparing", "lost", "awarded", "lost"),
        ("preparing", "withdrawn", "published", "passed"),
        ("watching", "something new", "published", "watching"),
    ],
)
def test_a_bid_says_more_than_what_was_put_by_hand(by_hand: str, bid: str | None, need: str, shown: str) -> None:
    assert pipeline.stage_of(by_hand, bid, need) == shown


@pytest.mark.parametrize(
    ("frequency", "now", "due"),
    [
        ("instant", "2026-11-24T09:00", "2026-11-24T09:00"),
        ("daily", "2026-11-24T05:59", "2026-11-24T06:00"),
        ("daily", "2026-11-24T06:00", "2026-11-25T06:00"),
        ("weekly", "2026-11-24T09:00", "2026-11-30T06:00"),
        ("weekly", "2026-11-30T05:00", "2026-11-30T06:00"),
        ("daily", "2027-03-27T09:00", "2027-03-28T05:00"),
        ("daily", "2026-10-24T09:00", "2026-10-25T06:00"),
    ],
)
def test_letters_come_at_seven_by_the_clocks_of_the_region_in_summer_and_winter(
    frequency: str, now: str, due: str
) -> None:
    found = times.due(frequency, datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert found is not None
    assert found.astimezone(UTC) == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_no_letters_means_no_date() -> None:
    assert times.due("off", datetime(2026, 11, 24, tzinfo=UTC)) is None
