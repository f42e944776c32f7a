"""Questions without a name, answers to all; and changes after publication."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from market.errors import Conflict
from market.journal import Entry
from market.needs import amendments, contents, questions, release, service
from market.needs.models import Invitation, Need, Watch
from market.needs.parts import Item
from market.viewer import ANONYMOUS, Viewer
from tests import factories as make
from tests.needs.conftest import Buyer

Draft = Callable[..., Need]


@pytest.fixture
def out(session: Session, now: datetime, buyer: Buyer, draft: Draft) -> Need:
    need = draft(estimate_cents=1, questions_until=now + timedelta(days=10))
    release.publish(session, buyer.viewers["bea"], need, now)
    return need


def firm(session: Session, now: datetime, name: str) -> Viewer:
    made = make.organisation(session, now, name=name)
    session.flush()
    return Viewer(f"person:{name}", "person", organisation_id=made.id, roles=frozenset({"bidder"}))


def test_nobody_but_the_asker_sees_an_open_question_and_its_asker(
    session: Session, now: datetime, buyer: Buyer, out: Need
) -> None:
    asker, other = firm(session, now, "Asker"), firm(session, now, "Other")
    asked = questions.ask(session, asker, out, "Ist der Abbau enthalten?", "de", now, None)

    def seen(viewer: Viewer) -> list[bool]:
        return [own for _, own in questions.visible_questions(session, viewer, out)]

    assert (seen(asker), seen(other), seen(ANONYMOUS), seen(buyer.viewers["bea"])) == ([True], [], [], [False])
    questions.answer(session, buyer.viewers["bea"], asked, "Ja.", now)
    assert (seen(asker), seen(other), seen(ANONYMOUS)) == ([True], [False], [False])
    entries = session.scalars(select(Entry).where(Entry.verb == "needs.question_asked")).all()
    assert [(entry.actor, entry.data) for entry in entries] == [("bidder", {})]


def test_questions_end_on_time_and_an_answer_stays(session: Session, now: datetime, buyer: Buyer, out: Need) -> None:
    asker, bea = firm(session, now, "Asker"), buyer.viewers["bea"]
    assert out.questions_until is not None
    last = questions.ask(session, asker, out, "Noch eine", "de", out.questions_until - timedelta(milliseconds=1), None)
    with pytest.raises(Conflict):
        questions.ask(session, asker, out, "Zu spät", "de", out.questions_until, None)
    questions.answer(session, bea, last, "Ja.", now)
    with pytest.raises(Conflict):
        questions.answer(session, bea, last, "Nein.", now)
    assert last.answer == "Ja."


def test_the_buyer_and_readers_ask_nothing(session: Session, now: datetime, buyer: Buyer, out: Need) -> None:
    asker = firm(session, now, "Asker")
    assert questions.may_ask(asker, out)
    assert not questions.may_ask(buyer.viewers["bea"], out)
    assert not questions.may_ask(ANONYMOUS, out)
    reader = Viewer("x", "person", organisation_id=asker.organisation_id, roles=frozenset({"reader"}))
    assert not questions.may_ask(reader, out)


def test_whoever_asked_watches_or_is_invited_follows_once(session: Session, now: datetime, out: Need) -> None:
    names = {name: firm(session, now, name) for name in ("Asker", "Watcher", "Guest", "Nobody")}
    questions.ask(session, names["Asker"], out, "Eine Frage", "de", now, None)
    session.add(Watch(need=out, organisation_id=names["Watcher"].organisation_id, at=now))
    session.add(Watch(need=out, organisation_id=names["Asker"].organisation_id, at=now))
    session.add(Invitation(need=out, organisation_id=names["Guest"].organisation_id, at=now))
    assert [one.name for one in questions.followers(session, out)] == ["Asker", "Watcher", "Guest"]


def change(session: Session, buyer: Buyer, need: Need, now: datetime, **fields: object) -> amendments.Amendment | None:
    bea = buyer.viewers["bea"]
    return amendments.amend(
        session, bea, need, "Neue Maße", now, lambda: service.change(session, bea, need, now, **fields)
    )


def test_an_amendment_is_a_version_with_its_difference(
    session: Session, now: datetime, buyer: Buyer, out: Need
) -> None:
    bea, told = buyer.viewers["bea"], []

    def hear(session: Session, viewer: Viewer, need: Need, move: str, now: datetime) -> None:
        told.append((move, need.version))

    service.ON_MOVE.append(hear)
    try:
        row = contents.items_of(session, out)[0]
        lines = [{"ref": row.ref, "title": "Gerüst", "quantity": 150.0, "unit": "MTK"}]
        made = amendments.amend(
            session, bea, out, "Neue Maße", now, lambda: contents.write(session, bea, out, Item, lines, now)
        )
        assert change(session, buyer, out, now, title=out.title) is None
    finally:
        service.ON_MOVE.remove(hear)
    assert made is not None
    assert (made.version, out.version, made.deadline_moved, told) == (2, 2, False, [("amend", 2)])
    what = [(one["what"], one["number"], one["before"], one["after"]) for one in made.changes]
    assert what == [("Item", 1, "Gerüst: 120 MTK", "Gerüst: 150 MTK")]
    assert contents.items_of(session, out) == [row]


def test_with_little_time_left_the_deadline_moves_to_a_working_day_at_the_same_time(
    session: Session, now: datetime, buyer: Buyer, out: Need
) -> None:
    before, decision = out.bids_until, out.decision_by
    assert before is not None
    assert decision is not None
    late = before - timedelta(days=1)
    made = change(session, buyer, out, late, summary="Anders")
    assert made is not None
    assert made.deadline_moved
    assert out.bids_until is not None
    assert out.bids_until - late >= amendments.LEFT
    assert out.bids_until.weekday() < 5
    assert out.bids_until.time() == before.time()
    assert out.decision_by == decision + (out.bids_until - before)


def test_a_deadline_never_comes_nearer_and_what_is_closed_is_not_changed(
    session: Session, now: datetime, buyer: Buyer, out: Need
) -> None:
    before = out.bids_until
    assert before is not None
    with pytest.raises(Conflict), session.begin_nested():
        change(session, buyer, out, now, bids_until=before - timedelta(seconds=1))
    with pytest.raises(Conflict), session.begin_nested():
        change(session, buyer, out, before, summary="Zu spät")
    session.expire_all()
    assert (out.bids_until, out.version) == (before, 1)
