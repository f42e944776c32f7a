"""Who may bid, see bids, and open them: asked of the rules themselves."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from market.bids import opening, rules
from market.bids.models import Bid, BidFile
from market.errors import Unavailable
from market.files.rules import may_read
from market.viewer import ANONYMOUS, OPERATOR
from tests.bids.conftest import DEADLINE, Scene

AFTER = DEADLINE + timedelta(hours=1)


def both(scene: Scene) -> None:
    scene.clock.now = AFTER
    for name in ("ada", "ben"):
        opening.confirm(scene.session, scene.opener(name), scene.seal, f"{name} opens bids", AFTER)


def test_nobody_bids_without_a_firm_for_another_or_at_home(scene: Scene) -> None:
    bidder = scene.viewer(scene.bidder, scene.firm, "bidder")
    assert rules.may_bid(bidder, scene.need)
    others = (ANONYMOUS, OPERATOR, replace(bidder, behalf_of=scene.firm.ref), scene.opener("ada"))
    assert not [one for one in others if rules.may_bid(one, scene.need)]


def test_prices_and_files_of_opened_bids_are_for_the_two_sides_alone(scene: Scene) -> None:
    scene.hand_in(files=(b"%PDF-1",))
    both(scene)
    file = scene.session.scalars(select(BidFile)).one().file
    bidder, buyer = scene.viewer(scene.bidder, scene.firm, "bidder"), scene.viewer(scene.people["cyd"], scene.buyer)
    for viewer, sees in (
        (bidder, True),
        (buyer, True),
        (replace(buyer, behalf_of=scene.buyer.ref), False),
        (OPERATOR, False),
        (scene.viewer(scene.person("rea", scene.buyer, "reader"), scene.buyer, "reader"), False),
    ):
        assert (scene.session.scalar(rules.visible_bids(viewer)) is not None) is sees, viewer
        if viewer is not buyer:  # who has to say first that they are not biased (`awards`)
            assert may_read(scene.session, viewer, file) is sees, viewer


def test_whoever_acts_on_behalf_or_has_left_opens_nothing(scene: Scene) -> None:
    ada = scene.opener("ada")
    assert rules.may_open(scene.session, ada, scene.seal)
    for viewer in (replace(ada, behalf_of="x"), replace(ada, organisation_id=scene.firm.id)):
        assert not rules.may_open(scene.session, viewer, scene.seal)
        assert not rules.may_hold_key(viewer, scene.buyer)
        assert scene.session.scalar(rules.visible_openings(viewer)) is None
    assert scene.session.scalar(rules.visible_openings(ANONYMOUS)) is None


def test_a_store_that_is_away_opens_nothing_and_one_that_has_lost_a_bid_the_others(
    scene: Scene, tmp_path: Path
) -> None:
    scene.hand_in()
    bid = scene.session.scalars(select(Bid)).one()
    place = tmp_path / "files" / bid.key[:2] / bid.key
    place.unlink()
    place.mkdir()  # it answers, and cannot be read
    with pytest.raises(Unavailable):
        both(scene)
    assert (bid.state, scene.need.stage) == ("submitted", "published")
    place.rmdir()
    opening.confirm(scene.session, scene.opener("ben"), scene.seal, "ben opens bids", AFTER)
    assert (bid.state, bid.fault, bid.content) == ("unreadable", "missing", {})
