"""Random moves of a need, its bids, its deadline and its award: there is always a way out, and no end without an
answer to all."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy.orm import Session

from market import uptime
from market.awards import cases, deciding, evaluating, lifecycle, proposing, rules
from market.awards.proposing import Wanted
from market.bids import extensions
from market.bids.rules import may_extend
from market.db import Sessions
from market.errors import Conflict
from market.needs import lifecycle as needs_lifecycle
from market.needs import release
from market.needs import service as needs
from market.viewer import OPERATOR, SYSTEM
from tests.awards.conftest import Scene, build
from tests.conftest import NOW

VERBS = ("begin", "score", "agree", "step back", "propose", "propose none", "approve", "return", "cancel", "complete")
AWAY = ("time", "grant", "decline", "begin")
"""Where the marketplace was away before the deadline these come first."""
BASE = "http://testserver"


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
    elif verb == "time":
        for late, move in list(needs.due(session, scene.now)):
            needs.move(session, SYSTEM, late, move, scene.now)
        extensions.due(session, scene.now, BASE)
    elif verb in ("grant", "decline"):
        asked = extensions.of_deadline(session, need) or extensions.propose(session, need, scene.now, BASE)
        if asked is not None and may_extend(viewer, need):
            decide(scene, verb, who)
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


def decide(scene: Scene, verb: str, who: str) -> None:
    asked = extensions.of_deadline(scene.session, scene.need)
    assert asked is not None
    if verb == "grant":
        extensions.grant(scene.session, scene.viewer(who), asked, scene.now, BASE)
    else:
        extensions.decline(scene.session, scene.viewer(who), asked, "Alle hatten geboten", scene.now, BASE)


def holds(scene: Scene, tried: set[tuple[object, ...]]) -> None:
    """What is true in every state. A way out is tried once of those that are alike."""
    session, need = scene.session, scene.need
    assert need.bids_until is not None
    for one in extensions.of_need(session, need):
        assert (one.until is not None, bool(one.reason)) == (one.state == "granted", one.state == "declined")
        assert need.bids_until >= (one.until or one.deadline) >= one.deadline
    undecided = extensions.is_undecided(session, need, scene.now)
    assert not undecided or need.stage in ("published", "closed", "cancelled")
    decisions = deciding.of_need(session, need)
    if need.stage in ("awarded", "unsuccessful", "completed", "cancelled"):
        assert set(decisions) == {bid.id for bid in scene.bids}
        assert all(one.told_at for one in decisions.values())
    else:
        assert not decisions
    if need.stage not in needs_lifecycle.FINAL:
        assert needs_lifecycle.moves(need.stage, sealed=need.sealed)
        latest = proposing.latest(session, need)
        alike = (need.stage, need.bids_until, undecided, latest and latest.state)
        assert alike in tried or way_out(scene, undecided=undecided), need.stage
        tried.add(alike)


def way_out(scene: Scene, *, undecided: bool) -> bool:
    """Whether the need comes to an end from here without anybody in particular, tried and taken back."""
    session, need = scene.session, scene.need
    end = "complete" if need.stage in ("awarded", "unsuccessful") else "cancel"
    with session.begin_nested() as tried:
        if undecided:
            act(scene, "decline", "bea")
            assert not extensions.is_undecided(session, need, scene.now)
        if end == "cancel":
            release.cancel(session, OPERATOR, need, "Ende", scene.now)
        else:
            needs.move(session, OPERATOR, need, end, scene.now)
        done = need.stage in needs_lifecycle.FINAL
        tried.rollback()
    session.expire_all()
    return done


def start(session: Session, bidders: int, *, away: bool) -> Scene:
    """With bids that can be read; the deadline is decided about first where the marketplace was away before it."""
    prices = (("10", "20"), ("8", "25"), ("9", None))[:bidders]
    if not away:
        return build(session, NOW, prices)
    until = NOW - timedelta(hours=1)
    session.add_all(
        uptime.Minute(at=until - n * uptime.MINUTE, away=("web",) if n in range(2, 8) else ()) for n in range(10)
    )
    given: dict[str, Any] = {"stage": "closed", "procedure": "quotation", "late_policy": "extend", "bids_until": until}
    scene = build(session, NOW, prices, **given)
    for bid in scene.bids:
        bid.state = cases.READ  # as the evaluation would: there is no key here
    return scene


def walk(session: Session, steps: list[tuple[str, str, int]], bidders: int, cents: int, *, away: bool) -> Scene:
    scene = start(session, bidders, away=away)
    release.set_threshold(session, OPERATOR, scene.buyer, cents, NOW)
    scene.declare("bea", "eva", "egon", "ada", "adam")
    tried = set[tuple[object, ...]]()
    for verb, who, hours in steps:
        scene.now += timedelta(hours=hours)
        try:
            with session.begin_nested():
                act(scene, verb, who)
        except Conflict:
            session.expire_all()
        holds(scene, tried)
    return scene


def some_steps(*verbs: str, most: int) -> some.SearchStrategy[list[tuple[str, str, int]]]:
    people = some.sampled_from(("bea", "eva", "egon", "ada", "adam"))
    return some.lists(some.tuples(some.sampled_from(verbs), people, some.sampled_from((0, 1, 80))), max_size=most)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    before=some_steps(*AWAY, most=6),
    steps=some_steps(*VERBS, most=14),
    bidders=some.integers(0, 3),
    cents=some.sampled_from((0, 10**7)),
)
def test_whatever_people_do_there_is_a_way_out_and_no_end_without_answers(
    sessions: Sessions, before: list[tuple[str, str, int]], steps: list[tuple[str, str, int]], bidders: int, cents: int
) -> None:
    with sessions() as session:
        walk(session, before + steps, bidders, cents, away=bool(before))
        session.rollback()


def test_the_walk_reaches_the_end(session: Session) -> None:
    steps = [("begin", "bea"), ("score", "eva"), ("score", "egon"), ("agree", "bea"), ("propose", "bea")]
    steps += [("return", "ada"), ("propose", "bea"), ("approve", "adam"), ("complete", "bea")]
    scene = walk(session, [(*step, 1) for step in steps], 3, 0, away=False)
    assert scene.need.stage == "completed"


def test_the_walk_with_more_time_for_all_reaches_the_end(session: Session) -> None:
    """The log stays silent afterwards, so that at the new deadline more time is to be decided about again."""
    steps = [("begin", "bea", 0), ("time", "bea", 0), ("grant", "ada", 0), ("grant", "bea", 0), ("begin", "bea", 0)]
    steps += [("time", "bea", 80), ("begin", "bea", 0), ("decline", "adam", 0), ("begin", "bea", 0)]
    steps += [("propose none", "bea", 0), ("complete", "bea", 0)]
    scene = walk(session, steps, 1, 10**7, away=True)
    assert [one.state for one in extensions.of_need(session, scene.need)] == ["granted", "declined"]
    assert scene.need.stage == "completed"
