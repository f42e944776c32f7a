"""The journal's chain: what is sealed cannot change, go or come in between."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from market import clock, seals
from market.accounts import people
from market.journal import Entry
from market.mail.models import Letter
from market.seals import Anchor
from market.viewer import OPERATOR
from tests import factories as make


@pytest.fixture
def sealed(session: Session, now: datetime) -> Session:
    """Seven firms' worth of entries, sealed in two goes."""
    for number in range(7):
        make.organisation(session, now + timedelta(seconds=number), name=f"Glied {number} ä")
        session.flush()
        if number == 3:
            seals.seal(session)
    seals.seal(session)
    session.flush()
    return session


def test_a_whole_chain_verifies_and_has_no_gap(sealed: Session) -> None:
    assert seals.verify(sealed) is None
    places = list(sealed.scalars(select(Entry.place).order_by(Entry.place)))
    assert places == list(range(1, len(places) + 1))
    assert seals.head(sealed).place == len(places)
    assert seals.seal(sealed) == 0


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "somebody else"},
        {"verb": "accounts.deleted"},
        {"subject_id": 99},
        {"data": {"changed": True}},
        {"at": datetime.fromisoformat("2020-01-01T00:00:00+00:00")},
        {"hash": "0" * 64},
    ],
    ids=str,
)
def test_a_changed_entry_is_named(sealed: Session, change: dict[str, object]) -> None:
    sealed.execute(update(Entry).where(Entry.place == 4).values(**change))
    fault = seals.verify(sealed)
    assert fault is not None
    assert fault.place == 4


def test_a_missing_entry_is_named(sealed: Session) -> None:
    sealed.execute(delete(Entry).where(Entry.place == 5))
    fault = seals.verify(sealed)
    assert fault is not None
    assert (fault.place, "missing" in fault.what) == (5, True)


def test_a_chain_made_anew_does_not_fit_the_head_that_went_out(sealed: Session, now: datetime) -> None:
    assert seals.anchor(sealed, now.date()) is not None
    assert seals.anchor(sealed, now.date()) is None
    sealed.execute(update(Entry).where(Entry.place == 2).values(actor="forger"))
    sealed.execute(update(Entry).values(place=None, hash=""))
    sealed.expire_all()
    seals.seal(sealed)
    sealed.flush()
    fault = seals.verify(sealed)
    assert fault is not None
    assert "went out" in fault.what


def test_a_chain_cut_off_after_its_head_went_out_is_named(sealed: Session, now: datetime) -> None:
    seals.anchor(sealed, now.date())
    last = seals.head(sealed).place
    sealed.execute(delete(Entry).where(Entry.place == last))
    sealed.flush()
    fault = seals.verify(sealed)
    assert fault is not None
    assert "ends at" in fault.what


def test_the_clock_seals_and_sends_the_head_once_a_day_to_operators(session: Session, now: datetime) -> None:
    people.make_operator(session, OPERATOR, "op@probe.example", "Olga Probe", now)
    clock.tick(session, now)
    clock.tick(session, now + timedelta(hours=1))
    clock.tick(session, now + timedelta(days=1))
    session.flush()
    assert session.scalars(select(Entry).where(Entry.place.is_(None))).all() == []
    letters = session.scalars(select(Letter).where(Letter.event == "journal/anchor")).all()
    assert len(letters) == 2
    assert session.scalars(select(Anchor.hash)).first() in letters[0].text
    assert seals.verify(session) is None
