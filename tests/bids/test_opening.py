"""The opening by two: what it brings to light, and every way to do it early that does not work."""

import base64
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from market.bids import opening, tenders
from market.bids.models import Bid, BidFile, Opener, OpeningRecord, Receipt, Seal
from market.bids.personal import about, forget
from market.bids.sealing import NotOpened, commitment, pack
from market.errors import Conflict
from tests import factories as make
from tests.bids.conftest import DEADLINE, Scene
from tests.conftest import NOW

AFTER = DEADLINE + opening.SETTLING


def step(scene: Scene, name: str, *, passphrase: str = "", at: timedelta = timedelta()) -> OpeningRecord | None:
    scene.clock.now = AFTER + at
    return opening.confirm(
        scene.session, scene.opener(name), scene.seal, passphrase or f"{name} opens bids", scene.clock.now
    )


def test_two_people_open_all_bids_at_once_and_the_key_is_gone(scene: Scene, tmp_path: Path) -> None:
    other = make.organisation(scene.session, NOW, name="Stahlbau Probe GmbH")
    scene.hand_in("eins", files=(b"%PDF-1", b"%PDF-2"))
    receipt = scene.hand_in("zwei", firm=other)
    assert isinstance(receipt, Receipt)
    assert step(scene, "cyd") is None
    record = step(scene, "ada", at=timedelta(minutes=29))
    assert record is not None
    assert (record.first, record.second, len(record.bids)) == ("Cyd", "Ada", 2)
    bids = scene.session.scalars(select(Bid).order_by(Bid.id)).all()
    assert [(bid.state, bid.content["remark"], bid.key) for bid in bids] == [
        ("opened", "eins", ""),
        ("opened", "zwei", ""),
    ]
    assert scene.need.stage == "opened"
    assert (scene.seal.wrapped, scene.seal.platform, scene.seal.halves, scene.seal.given) == (None, None, {}, {})
    assert {row["sha256"] for row in record.bids} == {bid.sha256 for bid in bids}
    assert len(scene.session.scalars(select(BidFile)).all()) == 2
    assert commitment(base64.b64decode(bids[1].salt), pack(bids[1].content)) == receipt.said["commitment"]
    with pytest.raises(Conflict, match="open already"):
        step(scene, "ben")


def test_the_first_persons_part_counts_for_half_an_hour(scene: Scene) -> None:
    scene.hand_in()
    step(scene, "ada")
    assert step(scene, "ben", at=timedelta(minutes=30)) is None  # ben is the first now
    assert step(scene, "ada", at=timedelta(minutes=31)) is not None


def early(scene: Scene) -> None:
    scene.clock.now = AFTER - timedelta(seconds=1)
    opening.confirm(scene.session, scene.opener("ada"), scene.seal, "ada opens bids", scene.clock.now)


def one_twice(scene: Scene) -> None:
    step(scene, "ada")
    step(scene, "ada", at=timedelta(minutes=1))


def one_under_two_names(scene: Scene) -> None:
    """Ada has the database make her Ben, but not Ben's passphrase."""
    step(scene, "ada")
    step(scene, "ben", passphrase="ada opens bids")


def ones_key_twice(scene: Scene) -> None:
    """The database gives Ada's key to Ben's place."""
    rows = {row.person_id: row for row in scene.session.scalars(select(Opener))}
    ada, ben = scene.people["ada"], scene.people["ben"]
    rows[ben.id].key_id = rows[ada.id].key_id
    scene.session.flush()
    scene.session.expire_all()
    step(scene, "ada")
    step(scene, "ben", passphrase="ada opens bids")


def nobody_named(scene: Scene) -> None:
    stranger = scene.person("eve", scene.buyer, "admin")
    scene.clock.now = AFTER
    opening.confirm(scene.session, scene.viewer(stranger, scene.buyer), scene.seal, "eve opens bids", AFTER)


def deadline_moved_in_the_database(scene: Scene) -> None:
    """All clocks of the web process and of the database say that it is over; the key process knows better."""
    scene.session.execute(update(Seal).values(deadline=NOW - timedelta(days=1)))
    scene.session.expire_all()
    for name in ("ada", "ben"):
        opening.confirm(scene.session, scene.opener(name), scene.seal, f"{name} opens bids", NOW)


def web_clock_ahead(scene: Scene) -> None:
    for name in ("ada", "ben"):
        opening.confirm(scene.session, scene.opener(name), scene.seal, f"{name} opens bids", AFTER)


def shares_of_another_tender(scene: Scene) -> None:
    other = tenders.seal_of(scene.session, scene.tender(NOW + timedelta(minutes=1)))
    assert other is not None
    mine = scene.seal
    mine.platform, mine.deadline, mine.halves = other.platform, other.deadline, other.halves
    scene.session.flush()
    scene.clock.now = NOW + timedelta(minutes=5)
    for name in ("ada", "ben"):
        opening.confirm(scene.session, scene.opener(name), scene.seal, f"{name} opens bids", scene.clock.now)


def share_of_another_tender_under_its_name(scene: Scene) -> None:
    other = tenders.seal_of(scene.session, scene.tender(NOW + timedelta(minutes=1)))
    assert other is not None
    scene.clock.now = NOW + timedelta(minutes=5)
    scene.seal.platform, scene.seal.deadline = other.platform, other.deadline
    ref, other.ref = other.ref, "gone"
    scene.session.flush()
    scene.seal.ref = ref
    scene.session.flush()
    for name in ("ada", "ben"):
        opening.confirm(scene.session, scene.opener(name), scene.seal, f"{name} opens bids", scene.clock.now)


def while_a_link_is_open(scene: Scene) -> None:
    scene.let_in(at=DEADLINE)
    step(scene, "ada")


def while_a_link_is_open_that_the_database_has_forgotten(scene: Scene) -> None:
    scene.session.delete(scene.let_in(at=DEADLINE)[0])
    for name in ("ada", "ben"):
        step(scene, name, at=timedelta(hours=23))


def a_link_shortened_in_the_database(scene: Scene) -> None:
    scene.let_in(at=DEADLINE)[0].until = DEADLINE
    for name in ("ada", "ben"):
        step(scene, name, at=timedelta(hours=23))


@pytest.mark.parametrize(
    "way",
    [
        early,
        one_twice,
        one_under_two_names,
        ones_key_twice,
        nobody_named,
        deadline_moved_in_the_database,
        web_clock_ahead,
        shares_of_another_tender,
        share_of_another_tender_under_its_name,
        while_a_link_is_open,
        while_a_link_is_open_that_the_database_has_forgotten,
        a_link_shortened_in_the_database,
    ],
    ids=lambda way: way.__name__,
)
def test_no_way_of_opening_alone_or_early_works(scene: Scene, way: Callable[[Scene], None]) -> None:
    scene.hand_in("GEHEIM")
    with pytest.raises((NotOpened, Conflict)):
        way(scene)
    assert scene.session.scalars(select(Bid.state)).all() == ["submitted"]
    assert not scene.session.scalars(select(OpeningRecord)).all()


def test_an_unconfirmed_bid_lapses_and_one_that_was_changed_in_the_store_does_not_keep_the_others_shut(
    scene: Scene, tmp_path: Path
) -> None:
    firms = [make.organisation(scene.session, NOW, name=f"Probe {n} GmbH") for n in range(3)]
    for firm in firms:
        scene.hand_in(firm.name, firm=firm)
    first, second, third = scene.session.scalars(select(Bid).order_by(Bid.id))
    first.state = "needs_confirmation"
    path = tmp_path / "files" / second.key[:2] / second.key
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    step(scene, "ada")
    step(scene, "ben")
    assert [bid.state for bid in (first, second, third)] == ["lapsed", "unreadable", "opened"]
    assert (second.fault, first.content) == ("changed", {})


def test_when_one_opener_is_erased_the_two_others_open(scene: Scene) -> None:
    scene.hand_in()
    forget(scene.session, scene.people["ada"])
    scene.session.expire_all()
    step(scene, "ben")
    assert step(scene, "cyd") is not None


def test_a_bid_that_waits_while_the_bids_are_opened_is_refused(scene: Scene) -> None:
    step(scene, "ada")
    step(scene, "ben")
    with pytest.raises(Conflict):
        scene.hand_in(at=DEADLINE - timedelta(milliseconds=1))


def test_what_a_person_did_with_bids_is_in_the_export(scene: Scene) -> None:
    scene.hand_in()
    assert len(about(scene.session, scene.bidder)["bids"]) == 1
    assert len(about(scene.session, scene.people["ada"])["opening_keys"]) == 1
