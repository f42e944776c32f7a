"""Places, waiting list, holds, and many firms at once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from market import clock
from market.accounts.models import Organisation
from market.db import Sessions
from market.errors import Conflict
from market.journal import Entry
from market.movements import lifecycle, recurring, service
from market.movements.models import Movement
from market.offerings import service as offerings
from market.offerings.slots import RailSlot
from market.viewer import OPERATOR
from tests import factories as make
from tests.movements.support import FACTS, TUESDAY, ask, railway, slot_on, slots_of


def test_requests_beyond_the_capacity_wait_and_move_up_in_order(session: Session, now: datetime) -> None:
    (slot,) = slots_of(session, railway(session, now))
    firms = [make.organisation(session, now) for _ in range(4)]
    first = ask(session, slot, firms[0], now, wagons=20)
    waiting = [ask(session, slot, firm, now, wagons) for firm, wagons in zip(firms[1:], (10, 3, 12), strict=True)]
    assert first.state == "requested"
    assert [one.state for one in waiting] == ["waiting"] * 3, "nobody passes those who wait, however few wagons"
    news = service.move(session, OPERATOR, first, "cancel", now)
    assert [(one.movement.id, one.event) for one in news] == [
        (first.id, "cancelled"),
        (waiting[0].id, "admitted"),
        (waiting[1].id, "admitted"),
    ]
    assert slot.held == 13
    assert waiting[2].state == "waiting"
    service.move(session, OPERATOR, waiting[0], "confirm", now)
    service.move(session, OPERATOR, waiting[1], "decline", now, "no_crew")
    assert (slot.held, waiting[2].state) == (22, "requested")


def test_a_hold_ends_by_the_clock_and_its_places_go_on(session: Session, now: datetime) -> None:
    (slot,) = slots_of(session, railway(session, now))
    first = ask(session, slot, make.organisation(session, now), now, 20)
    second = ask(session, slot, make.organisation(session, now), now, 20)
    clock.tick(session, now + service.HOLD - timedelta(minutes=1))
    assert (first.state, second.state) == ("requested", "waiting")
    clock.tick(session, now + service.HOLD)
    assert (first.state, second.state, slot.held) == ("expired", "requested", 20)
    clock.tick(session, slot.starts_at)
    assert (second.state, slot.held) == ("expired", 0), "never held beyond the begin of the slot"
    verbs = session.scalars(select(Entry.verb).where(Entry.subject == "movements").order_by(Entry.id)).all()
    assert verbs == ["movements.requested"] * 2 + ["movements.lapsed", "movements.admitted", "movements.lapsed"]


def test_places_of_a_firm_that_was_deleted_go_to_those_who_wait(session: Session, now: datetime) -> None:
    (slot,) = slots_of(session, railway(session, now))
    gone = make.organisation(session, now)
    ask(session, slot, gone, now, 20)
    waiting = ask(session, slot, make.organisation(session, now), now, 18)
    session.execute(delete(Organisation).where(Organisation.id == gone.id))
    clock.tick(session, now)
    assert (slot.held, waiting.state) == (18, "requested")


def test_more_capacity_lets_those_in_who_wait(session: Session, now: datetime) -> None:
    offering = railway(session, now)
    (slot,) = slots_of(session, offering)
    ask(session, slot, make.organisation(session, now), now, 20)
    second = ask(session, slot, make.organisation(session, now), now, 20)
    details = offering.details_json | {"slots": [slot_on(TUESDAY, 40)]}
    offerings.change(session, OPERATOR, offering, now, details=details)
    clock.tick(session, now)
    assert (second.state, slot.held) == ("requested", 40)


def test_what_cannot_be_asked_for_says_why(session: Session, now: datetime) -> None:
    offering = railway(session, now)
    (slot,) = slots_of(session, offering)
    firm = make.organisation(session, now)
    assert service.obstacle(slot, firm, 24, now) == ""
    assert service.obstacle(slot, firm, 25, now) == "too_many"
    assert service.obstacle(slot, offering.organisation, 1, now) == "own"
    assert service.obstacle(slot, firm, 1, slot.starts_at) == "past"
    offerings.move(session, OPERATOR, offering, "pause", now)
    assert service.obstacle(slot, firm, 1, now) == "closed"
    with pytest.raises(Conflict):
        ask(session, slot, firm, now)


def test_a_form_sent_twice_asks_once(session: Session, now: datetime) -> None:
    (slot,) = slots_of(session, railway(session, now))
    firm = make.organisation(session, now)
    ask(session, slot, firm, now)
    assert service.request(session, OPERATOR, firm, [slot.id], now, **FACTS) == []
    assert slot.held == 10


def test_a_slot_counted_in_trains_takes_one_place_a_train(session: Session, now: datetime) -> None:
    (slot,) = slots_of(session, railway(session, now, slot_on(TUESDAY, 2, unit="train")))
    assert ask(session, slot, make.organisation(session, now), now, wagons=24).places == 1
    assert slot.free == 1


def test_every_move_of_the_table_leads_to_a_state_and_no_other_is_made(session: Session, now: datetime) -> None:
    names = set(lifecycle.VERBS)
    for state, moves in lifecycle.MOVES.items():
        assert set(moves.values()) <= set(lifecycle.STATES)
        for name in names - set(moves):
            with pytest.raises(Conflict):
                lifecycle.after(state, name)
    (slot,) = slots_of(session, railway(session, now))
    movement = ask(session, slot, make.organisation(session, now), now)
    service.move(session, OPERATOR, movement, "confirm", now)
    with pytest.raises(Conflict):
        service.move(session, OPERATOR, movement, "finish", now)
    service.move(session, OPERATOR, movement, "finish", slot.starts_at)
    assert (movement.state, slot.held) == ("done", 10)


def test_a_weekly_pattern_takes_each_day_or_names_it(session: Session, now: datetime) -> None:
    days = [date(2026, 12, day) for day in (1, 3, 8)]
    offering = railway(session, now, *(slot_on(day) for day in days))
    first = slots_of(session, offering)[0]
    wanted = recurring.days(TUESDAY, {1, 3}, date(2026, 12, 10))
    assert wanted == [*days, date(2026, 12, 10)]
    firm = make.organisation(session, now)
    found = recurring.occurrences(session, first, wanted, firm, 10, now)
    assert [(one.day, one.why) for one in found if one.why] == [(date(2026, 12, 10), "no_slot")]
    ids = [one.slot.id for one in found if one.slot]
    news = service.request(session, OPERATOR, firm, ids, now, **FACTS)
    assert {one.movement.series for one in news} == {news[0].movement.series} != {""}
    assert [one.movement.slot.day for one in news] == days


def test_parallel_requests_never_overbook_a_slot(sessions: Sessions, now: datetime) -> None:
    for _ in range(2):
        rush(sessions, now, firms=16, capacity=20)


def rush(sessions: Sessions, now: datetime, firms: int, capacity: int) -> int:
    """All firms at once ask for four wagons, three of them also give theirs back: the slot stays full to the brim.

    Returns how many places were given.
    """
    with sessions.begin() as session:
        (slot,) = slots_of(session, railway(session, now, slot_on(TUESDAY, capacity)))
        ids = [make.organisation(session, now).id for _ in range(firms)]
        slot_id = slot.id

    def one(firm_id: int) -> None:
        with sessions.begin() as session:
            firm = session.get_one(make.Organisation, firm_id)
            service.request(session, OPERATOR, firm, [slot_id], now, **(FACTS | {"wagons": 4}))
        if ids.index(firm_id) < 3:
            with sessions.begin() as session:
                mine = select(Movement).where(Movement.slot_id == slot_id, Movement.organisation_id == firm_id)
                service.move(session, OPERATOR, session.scalars(mine).one(), "cancel", now)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, ids))
    with sessions.begin() as session:
        slot = session.get_one(RailSlot, slot_id)
        all_ = list(session.scalars(select(Movement).where(Movement.slot_id == slot_id).order_by(Movement.id)))
        counted = Counter(one.state for one in all_)
        held = sum(one.places for one in all_ if one.state in lifecycle.HOLDING)
        assert (slot.held, held) == (capacity, capacity)
        assert counted == {"requested": capacity // 4, "cancelled": 3, "waiting": firms - 3 - capacity // 4}
        left = [one.state for one in all_ if one.state != "cancelled"]
        assert left == sorted(left, key=["requested", "waiting"].index), "in the order of the requests"
        return held
