"""The stages of a need: the table itself, and walks through it on both databases."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from market.errors import Conflict
from market.needs import lifecycle, service
from market.needs.lifecycle import FINAL, MOVES, PROCEDURES, SEALED, STAGES
from market.needs.models import Need
from market.viewer import SYSTEM, Viewer
from tests import factories as make

MINUTE = timedelta(minutes=1)


def reach(sealed: bool) -> set[str]:
    seen, queue = {"draft"}, ["draft"]
    for stage in queue:
        news = set(lifecycle.moves(stage, sealed=sealed).values()) - seen
        seen |= news
        queue += news
    return seen


def test_every_stage_has_a_way_out_but_the_last_ones() -> None:
    assert {stage for stage in STAGES if not MOVES[stage]} == FINAL
    for sealed in (True, False):
        for stage in reach(sealed) - FINAL:
            assert lifecycle.moves(stage, sealed=sealed), stage


def test_what_is_sealed_is_opened_before_it_is_evaluated_and_nothing_else_is() -> None:
    assert reach(sealed=True) == set(STAGES)
    assert reach(sealed=False) == set(STAGES) - {"opened"}
    with pytest.raises(Conflict):
        lifecycle.after("closed", "evaluate", sealed=True)
    with pytest.raises(Conflict):
        lifecycle.after("closed", "open", sealed=False)
    assert lifecycle.after("closed", "open", sealed=True) == "opened"
    assert lifecycle.after("closed", "evaluate", sealed=False) == "evaluation"


@pytest.mark.parametrize("stage", STAGES)
def test_a_need_is_cancelled_before_the_award_and_never_after(stage: str) -> None:
    before = stage in ("draft", "approval", "published", "closed", "opened", "evaluation")
    assert ("cancel" in MOVES[stage]) == before


def test_time_closes_a_published_need_and_moves_nothing_else(now: datetime) -> None:
    assert lifecycle.due("published", now) == (now, "close")
    assert lifecycle.due("published", None) is None
    assert not [stage for stage in STAGES if stage != "published" and lifecycle.due(stage, now)]


def test_questions_end_at_their_own_time_or_with_the_bids(now: datetime) -> None:
    takes = lifecycle.takes_questions
    assert takes("published", now + MINUTE, None, now)
    assert not takes("published", now, now + MINUTE, now)
    assert takes("published", None, now + MINUTE, now)
    assert not takes("published", None, now, now)
    assert not takes("closed", now + MINUTE, None, now)


def test_a_list_makes_only_plain_moves() -> None:
    plain = lifecycle.plain_moves()
    assert {move for moves in plain.values() for move in moves} == {"publish", "close", "withdraw", "reopen"}
    assert set(plain) == set(STAGES)


@pytest.fixture
def told() -> Iterator[list[tuple[str, str]]]:
    """What higher slices hear: the move and the stage they find."""
    heard: list[tuple[str, str]] = []

    def hear(session: Session, viewer: Viewer, need: Need, move: str, now: datetime) -> None:
        heard.append((move, need.stage))

    service.ON_MOVE.append(hear)
    yield heard
    service.ON_MOVE.remove(hear)


@pytest.mark.parametrize("seed", range(3))
def test_random_walks_end_and_every_step_is_told(
    session: Session, now: datetime, told: list[tuple[str, str]], seed: int
) -> None:
    dice = random.Random(seed)
    firm = make.organisation(session, now, is_partner=True)
    for procedure in PROCEDURES:
        need = make.need(session, now, firm, stage="draft", procedure=procedure, bids_until=now + 9 * MINUTE)
        moment, steps = now, 0
        while need.stage not in FINAL:
            moment += dice.randrange(4) * MINUTE
            told.clear()
            for late, move in service.due(session, moment):
                service.move(session, SYSTEM, late, move, moment)
                assert (late.id, need.stage) == (need.id, "closed")
            possible = lifecycle.moves(need.stage, sealed=procedure in SEALED)
            impossible = set(lifecycle.VERBS) - set(possible)
            before = need.stage
            with pytest.raises(Conflict):
                service.move(session, SYSTEM, need, dice.choice(sorted(impossible)), moment)
            assert need.stage == before
            move = dice.choice(sorted(possible))
            service.move(session, SYSTEM, need, move, moment)
            assert told[-1] == (move, need.stage)
            steps += 1
            assert steps < 500
        assert (need.completed_at or need.cancelled_at) == moment
        assert need.decided_at is not None or need.stage == "cancelled"


def test_whoever_is_told_can_forbid_the_move(session: Session, now: datetime) -> None:
    def forbid(session: Session, viewer: Viewer, need: Need, move: str, now: datetime) -> None:
        if move == "withdraw":
            raise Conflict("somebody has bid")

    need = make.need(session, now)
    service.ON_MOVE.append(forbid)
    try:
        with pytest.raises(Conflict):
            service.move(session, SYSTEM, need, "withdraw", now)
    finally:
        service.ON_MOVE.remove(forbid)


def test_another_deadline_of_a_published_need_is_told(
    session: Session, now: datetime, told: list[tuple[str, str]]
) -> None:
    need = make.need(session, now)
    assert told == [("publish", "published")]
    service.change(session, SYSTEM, need, now, bids_until=now + timedelta(days=30))
    service.change(session, SYSTEM, need, now, summary="Anders")
    assert told[1:] == [("deadline", "published")]


def test_a_draft_tells_nobody_anything(session: Session, now: datetime, told: list[tuple[str, str]]) -> None:
    need = make.need(session, now, stage="draft")
    service.change(session, SYSTEM, need, now, bids_until=now + timedelta(days=30))
    assert told == []
