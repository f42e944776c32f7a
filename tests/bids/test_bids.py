"""Handing in, replacing, confirming, withdrawing: what counts, what stays, what is forgotten."""

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import delete, func, select

from market.bids import lifecycle, log, opening_keys, receipts, service, tenders
from market.bids.keys import Keys
from market.bids.models import Bid, LogEntry, OpeningKey, Receipt
from market.errors import Conflict
from market.mail.models import Letter
from market.needs import amendments, questions
from market.needs import letters as need_letters
from market.needs import service as needs
from market.viewer import OPERATOR
from tests import factories as make
from tests.bids.conftest import DEADLINE, Scene
from tests.conftest import NOW

MS = timedelta(milliseconds=1)


def files_in(path: Path) -> list[bytes]:
    return [file.read_bytes() for file in (path / "files").rglob("*") if file.is_file()]


def bids(scene: Scene) -> list[Bid]:
    return list(scene.session.scalars(select(Bid).order_by(Bid.id)))


def test_a_bid_is_sealed_kept_and_answered_with_a_receipt_that_holds(scene: Scene, keys: Keys, tmp_path: Path) -> None:
    receipt = scene.hand_in("GEHEIM-PREIS", files=(b"%PDF GEHEIM-ANLAGE",))
    assert isinstance(receipt, Receipt)
    assert receipts.fault(receipt.said, {receipt.said["key"]: keys.public()}) == ""
    (sealed,) = files_in(tmp_path)
    assert b"GEHEIM" not in sealed
    (bid,) = bids(scene)
    assert (bid.state, bid.sha256, bid.content) == ("submitted", receipt.said["sha256"], {})
    letters = scene.session.scalars(select(Letter).where(Letter.event == "bids/news")).all()
    assert receipt.said["signature"] in letters[-1].text
    assert log.broken_at(scene.session, scene.seal) == 0


@pytest.mark.parametrize(
    "deadline",
    [DEADLINE, datetime(2027, 3, 28, 1, 0, tzinfo=UTC), datetime(2027, 10, 31, 1, 0, tzinfo=UTC)],
    ids=["a common day", "clocks go forward", "clocks go back"],
)
def test_a_millisecond_before_the_deadline_is_in_and_at_it_is_out(scene: Scene, deadline: datetime) -> None:
    scene.need = scene.tender(deadline)
    scene.clock.now = deadline + timedelta(seconds=30)  # it waited half a minute after its last byte
    assert isinstance(scene.hand_in(at=deadline - MS), Receipt)
    for at in (deadline, deadline + MS):
        assert isinstance(scene.hand_in(at=at), service.Late)
    assert [bid.state for bid in bids(scene)] == ["submitted"]
    said = [entry.said["what"] for entry in log.entries(scene.session, scene.seal.ref)]
    assert said == ["sealed", "received", "late", "late"]


def test_a_bid_in_flight_when_the_clock_closes_the_tender_still_counts(scene: Scene) -> None:
    needs.move(scene.session, OPERATOR, scene.need, "close", DEADLINE)
    scene.clock.now = DEADLINE + timedelta(seconds=5)
    assert isinstance(scene.hand_in(at=DEADLINE - MS), Receipt)


def test_a_new_bid_replaces_the_one_before_whose_bytes_go(scene: Scene, tmp_path: Path) -> None:
    first, second = scene.hand_in("eins"), scene.hand_in("zwei")
    assert isinstance(first, Receipt)
    assert isinstance(second, Receipt)
    assert [(bid.state, bool(bid.key)) for bid in bids(scene)] == [("replaced", False), ("submitted", True)]
    scene.session.commit()
    assert len(files_in(tmp_path)) == 1
    assert scene.session.get_one(Receipt, first.id).said["sha256"] == bids(scene)[0].sha256


def test_what_is_rolled_back_leaves_no_bytes(scene: Scene, tmp_path: Path) -> None:
    scene.hand_in()
    assert len(files_in(tmp_path)) == 1
    scene.session.rollback()
    assert files_in(tmp_path) == []


def test_a_withdrawn_bid_is_deleted_and_another_can_follow(scene: Scene, tmp_path: Path) -> None:
    scene.hand_in()
    (bid,) = bids(scene)
    viewer = scene.viewer(scene.bidder, scene.firm)
    receipt = service.withdraw(scene.session, viewer, bid, scene.clock.now, scene.clock.now)
    assert (receipt.kind, bid.state, bid.key) == ("withdrawn", "withdrawn", "")
    with pytest.raises(Conflict):
        service.withdraw(scene.session, viewer, bid, scene.clock.now, scene.clock.now)
    assert isinstance(scene.hand_in("noch einmal"), Receipt)
    scene.session.commit()
    assert len(files_in(tmp_path)) == 1


def test_after_the_deadline_nothing_is_withdrawn_or_confirmed(scene: Scene) -> None:
    scene.hand_in()
    (bid,) = bids(scene)
    viewer = scene.viewer(scene.bidder, scene.firm)
    for verb in (service.withdraw, service.confirm):
        with pytest.raises(Conflict, match="deadline"):
            verb(scene.session, viewer, bid, DEADLINE, DEADLINE)


def test_an_amendment_asks_for_confirmation_and_the_confirmed_bid_counts(scene: Scene) -> None:
    scene.hand_in()
    scene.need.version += 1
    tenders.told(scene.session, OPERATOR, scene.need, "amend", NOW)
    (bid,) = bids(scene)
    assert bid.state == "needs_confirmation"
    receipt = service.confirm(scene.session, scene.viewer(scene.bidder, scene.firm), bid, NOW, NOW)
    assert (bid.state, bid.need_version, receipt.said["version"]) == ("submitted", 2, 2)
    assert receipt.said["sha256"] == bid.sha256


def test_an_amendment_is_told_to_everybody_once(scene: Scene) -> None:
    """A bidder follows its need, too: whoever has the letter about the bid gets none about the need beside it."""
    scene.hand_in()
    session, need = scene.session, scene.need
    scene.person("colleague", scene.firm, "bidder")
    session.execute(delete(Letter))
    viewer, now = scene.viewer(scene.people["ada"], scene.buyer), NOW + timedelta(hours=1)
    change = partial(needs.change, session, viewer, need, now, summary="Anders")
    made = amendments.amend(session, viewer, need, "Neue Maße", now, change)
    assert made is not None
    need_letters.to_firms(session, need, "amended", questions.followers(session, need), now, "", made.reason)
    told = {letter.to.partition("@")[0]: letter for letter in session.scalars(select(Letter))}
    assert session.scalar(select(func.count()).select_from(Letter)) == len(told)
    assert {name: letter.event for name, letter in told.items()} == {"bid": "bids/news", "colleague": "needs/news"}
    assert all("Neue Maße" in letter.text for letter in told.values())


def test_a_deadline_moves_to_later_only(scene: Scene) -> None:
    with pytest.raises(Conflict, match="later"), scene.session.begin_nested():
        needs.change(scene.session, OPERATOR, scene.need, NOW, bids_until=DEADLINE - timedelta(days=1))
    needs.change(scene.session, OPERATOR, scene.need, NOW, bids_until=DEADLINE + timedelta(days=1))
    assert scene.seal.deadline == DEADLINE + timedelta(days=1)
    assert isinstance(scene.hand_in(at=DEADLINE + timedelta(hours=1)), Receipt)


def test_a_tender_with_bids_is_not_withdrawn_but_cancelled_and_then_nothing_opens_it(
    scene: Scene, tmp_path: Path
) -> None:
    scene.hand_in()
    with pytest.raises(Conflict, match="cancelled"), scene.session.begin_nested():
        needs.move(scene.session, OPERATOR, scene.need, "withdraw", NOW)
    scene.session.refresh(scene.need)
    needs.move(scene.session, OPERATOR, scene.need, "cancel", NOW)
    assert (scene.seal.wrapped, scene.seal.platform, scene.seal.halves) == (None, None, {})
    assert [bid.state for bid in bids(scene)] == ["void"]
    with pytest.raises(Conflict, match="takes no bids"):
        scene.hand_in()
    scene.session.commit()
    assert files_in(tmp_path) == []


def test_without_three_openers_with_keys_a_tender_has_a_fault_and_no_seal(scene: Scene) -> None:
    two = scene.tender(openers=("ada", "ben"))
    assert tenders.seal_of(scene.session, two) is None
    assert "people" in [fault.task for fault in needs.faults(scene.session, two, NOW)]
    scene.session.delete(scene.session.scalars(select(OpeningKey)).first())
    scene.session.flush()
    (fault,) = tenders.faults(scene.session, scene.need, NOW)
    assert "Ada" in str(fault.values)
    assert not list(tenders.faults(scene.session, make.need(scene.session, NOW, procedure="quotation"), NOW))


def test_a_changed_log_is_noticed(scene: Scene) -> None:
    scene.hand_in()
    entry = scene.session.scalars(select(LogEntry).where(LogEntry.place == 2)).one()
    entry.said = entry.said | {"bytes": 1}
    scene.session.flush()
    assert log.broken_at(scene.session, scene.seal) == 2
    scene.session.delete(entry)
    scene.session.flush()
    assert log.broken_at(scene.session, scene.seal) == 2


def test_a_replaced_opening_key_stays_while_a_tender_needs_it(scene: Scene) -> None:
    ada = scene.people["ada"]
    opening_keys.make(scene.session, OPERATOR, ada, "ein neuer Satz", NOW)
    assert len(opening_keys.running(scene.session, ada.id)) == 1
    count = select(OpeningKey).where(OpeningKey.person_id == ada.id)
    assert len(scene.session.scalars(count).all()) == 2
    opening_keys.make(scene.session, OPERATOR, ada, "noch ein neuer Satz", NOW)
    assert len(scene.session.scalars(count).all()) == 2  # the one in between was named nowhere


@given(some.lists(some.sampled_from(sorted({move for moves in lifecycle.MOVES.values() for move in moves}))))
def test_whatever_is_tried_a_bid_stays_in_a_known_state_and_only_moves_of_the_table_happen(tried: list[str]) -> None:
    state = "submitted"
    for move in tried:
        try:
            state = lifecycle.after(state, move)
        except Conflict:
            assert move not in lifecycle.MOVES[state]
    assert state in lifecycle.STATES
    assert all(lifecycle.MOVES[live] for live in lifecycle.LIVE)
