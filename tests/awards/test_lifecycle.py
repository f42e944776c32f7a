"""Random moves of a need, its bids and its award: there is always a way out, and no end without an answer to all."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy.orm import Session

from market.awards import cases, deciding, evaluating, lifecycle, proposing, rules
from market.awards.proposing import Wanted
from market.db import Sessions
from market.errors import Conflict
from market.needs import lifecycle as needs_lifecycle
from market.needs import release
from market.needs import service as needs
from market.viewer import OPERATOR
from tests.awards.conftest import Scene, build
from tests.conftest import NOW

VERBS = ("begin", "score", "agree", "step back", "propose", "propose none", "approve", "return", "cancel", "complete")


def test_every_proposal_has_a_way_out_but_those_that_are_decided() -> None:
    assert {state for state, moves in lifecycle.MOVES.items() if not moves} == {"approved", "returned"}
    with pytest.raises(Conflict):
        lifecycle.after("returned", "approve")


def act(scene: Scene, verb: str, who: str) -> None:
    """As the pages do it: what somebody may not is not even tried."""
    session, need, viewer = scene.session, scene.need, scene.viewer(who)
    latest = proposing.latest(session, need)
    buys = rules.may_propose(viewer, need) and rules.may_read(session, viewer, need)
    if verb in ("approve", "return"):
        if latest is not None and rules.may_approve(session, viewer, latest):
            if verb == "approve":
                proposing.approve(session, viewer, latest, scene.now)
            else:
                proposing.give_back(session, viewer, latest, "Nein", scene.now)
    elif verb == "score":
        if rules.may_score(session, viewer, need):
            case = cases.collect(session, need)
            marks = {(bid.id, one.id): Decimal(5) for bid in case.to_score for one in case.judged}
            evaluating.hand_in(session, viewer, need, marks, scene.now)
    elif verb == "step back":
        evaluating.declare(session, viewer, need, True, "", scene.now)
    elif not buys:
        return
    elif verb == "begin":
        evaluating.begin(session, viewer, need, scene.now)
    elif verb == "agree":
        case = cases.collect(session, need)
        marks = {(bid.id, one.id): Decimal(5) for bid in case.to_score for one in case.judged}
        evaluating.agree(session, viewer, need, marks, {}, scene.now)
    elif verb.startswith("propose"):
        form = "none" if verb.endswith("none") or not scene.bids else "whole"
        wanted = [Wanted(scene.bids[0])] if form == "whole" else []
        answers = {bid.ref: {"note": "Weil"} for bid in scene.bids}
        proposing.propose(session, viewer, need, form, wanted, "Weil", answers, scene.now)
    elif verb == "cancel":
        release.cancel(session, viewer, need, "Aus gutem Grund", scene.now)
    else:
        needs.move(session, viewer, need, "complete", scene.now)


def holds(scene: Scene) -> None:
    """What is true in every state."""
    session, need = scene.session, scene.need
    decisions = deciding.of_need(session, need)
    if need.stage in ("awarded", "unsuccessful", "completed", "cancelled"):
        assert set(decisions) == {bid.id for bid in scene.bids}
        assert all(one.told_at for one in decisions.values())
    else:
        assert not decisions
    if need.stage not in needs_lifecycle.FINAL:
        assert needs_lifecycle.moves(need.stage, sealed=need.sealed)
        assert way_out(scene), need.stage


def way_out(scene: Scene) -> bool:
    """Whether the need comes to an end from here without anybody in particular, tried and taken back."""
    session, need = scene.session, scene.need
    end = "complete" if need.stage in ("awarded", "unsuccessful") else "cancel"
    with session.begin_nested() as tried:
        if end == "cancel":
            release.cancel(session, OPERATOR, need, "Ende", scene.now)
        else:
            needs.move(session, OPERATOR, need, end, scene.now)
        done = need.stage in needs_lifecycle.FINAL
        tried.rollback()
    session.expire_all()
    return done


def walk(session: Session, steps: list[tuple[str, str]], bidders: int, cents: int) -> Scene:
    scene = build(session, NOW, (("10", "20"), ("8", "25"), ("9", None))[:bidders])
    release.set_threshold(session, OPERATOR, scene.buyer, cents, NOW)
    scene.declare("bea", "eva", "egon", "ada", "adam")
    for verb, who in steps:
        scene.now += timedelta(hours=1)
        try:
            with session.begin_nested():
                act(scene, verb, who)
        except Conflict:
            session.expire_all()
        holds(scene)
    return scene


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=some.lists(
        some.tuples(some.sampled_from(VERBS), some.sampled_from(("bea", "eva", "egon", "ada", "adam"))), max_size=14
    ),
    bidders=some.integers(0, 3),
    cents=some.sampled_from((0, 10**7)),
)
def test_whatever_people_do_there_is_a_way_out_and_no_end_without_answers(
    sessions: Sessions, steps: list[tuple[str, str]], bidders: int, cents: int
) -> None:
    with sessions() as session:
        walk(session, steps, bidders, cents)
        session.rollback()


def test_the_walk_reaches_the_end(session: Session) -> None:
    steps = [("begin", "bea"), ("score", "eva"), ("score", "egon"), ("agree", "bea"), ("propose", "bea")]
    scene = walk(
        session, [*steps, ("return", "ada"), ("propose", "bea"), ("approve", "adam"), ("complete", "bea")], 3, 0
    )
    assert scene.need.stage == "completed"
