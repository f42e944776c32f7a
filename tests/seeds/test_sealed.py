"""The demo's tenders are sealed for people whose passphrases the demo shows, and one of them can be opened."""

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from market.bids import contents, opening
from market.bids.key_views import LEAST
from market.bids.models import Bid, Opener, OpeningKey, Seal
from market.bids.sealing import unlock
from market.db import connect
from market.db import sessions as make_sessions
from market.demo_identity import companies
from market.files.stores import Folder
from market.needs.models import Need
from market.needs.service import faults
from market.values import utc_now
from market.viewer import Viewer
from seeds import sealed
from tests.bids.conftest import Clock, cheap
from tests.support.keyroom import key_process

__all__ = ["cheap"]
BASE = "http://127.0.0.1:9"


@pytest.fixture
def clock() -> Clock:
    return Clock(utc_now())


@pytest.fixture
def planted(seeded: TestClient, seeded_url: str, tmp_path: Path, clock: Clock, cheap: None) -> Iterator[Session]:
    """A copy of the demo, with its seals."""
    with sqlite3.connect(seeded_url.removeprefix("sqlite:///")) as old, sqlite3.connect(tmp_path / "new.db") as new:
        old.backup(new)
    engine = connect(f"sqlite:///{tmp_path / 'new.db'}")
    with key_process(tmp_path, clock) as keys, make_sessions(engine)() as session:
        session.info.update(keys=keys, store=Folder(tmp_path / "files"), base_url="http://testserver", secret="s")
        assert sealed.plant(session, BASE, clock.now) == 5
        yield session
    engine.dispose()


def test_every_tender_that_is_out_has_three_openers_and_nothing_is_planted_twice(
    planted: Session, clock: Clock
) -> None:
    out = planted.scalars(select(Need).where(Need.procedure == "tender", Need.stage == "published")).all()
    for need in out:
        seal = planted.scalars(select(Seal).where(Seal.need_id == need.id)).one()
        assert len(planted.scalars(select(Opener).where(Opener.seal_id == seal.id)).all()) == 3
    drafts = planted.scalars(select(Need).where(Need.procedure == "tender", Need.stage == "draft")).all()
    assert drafts
    assert not [one for need in drafts for one in faults(planted, need, clock.now) if "key" in one.sentence]
    before = len(planted.scalars(select(OpeningKey)).all())
    assert sealed.plant(planted, BASE, clock.now + timedelta(minutes=1)) == 0
    assert len(planted.scalars(select(OpeningKey)).all()) == before


def test_two_people_of_the_demo_open_the_tender_that_waits(planted: Session, clock: Clock) -> None:
    need = planted.scalars(select(Need).where(Need.external_id == "rt-kuehlwasser")).one()
    seal = planted.scalars(select(Seal).where(Seal.need_id == need.id)).one()
    shown = {one["sub"]: one["passphrase"] for it in companies() for one in it["people"] if "passphrase" in one}
    clock.now += sealed.SOON + timedelta(minutes=2)
    for opener in list(opening.openers_of(planted, seal).values())[:2]:
        phrase = shown[opener.person.subject]
        assert unlock(opener.key.key, phrase)
        viewer = Viewer("x", "person", opener.person_id, organisation_id=need.organisation_id)
        record = opening.confirm(planted, viewer, seal, phrase, clock.now)
    assert record is not None
    bids = planted.scalars(select(Bid).where(Bid.need_id == need.id).order_by(Bid.id)).all()
    assert [bid.state for bid in bids] == ["opened"] * 4
    prices = [[line.price for line in contents.of(bid.content).lines.values()] for bid in bids]
    assert [len(row) for row in prices] == [4, 4, 4, 4]
    assert bids[3].bidder == "Funkenflug Schweißmontagen GmbH + Kerbtal Prüflabor GmbH"
    assert record.bids[3]["parties"][1]["name"] == "Kerbtal Prüflabor GmbH"
    assert [row.count(None) for row in prices] == [0, 1, 0, 0]


def test_a_tender_that_takes_bids_holds_a_joint_one_in_which_both_stand(planted: Session) -> None:
    need = planted.scalars(select(Need).where(Need.external_id == "am-dampfleitung-daemmung")).one()
    joint, alone = planted.scalars(select(Bid).where(Bid.need_id == need.id).order_by(Bid.id)).all()
    assert (joint.state, joint.content, alone.pair) == ("submitted", {}, None)
    assert joint.pair is not None
    assert joint.pair.stands


def test_the_passphrases_the_demo_shows_fit_the_rules() -> None:
    phrases = [one["passphrase"] for it in companies() for one in it["people"] if "passphrase" in one]
    assert len(set(phrases)) == len(phrases) == 6
    assert all(len(phrase) >= LEAST for phrase in phrases)
