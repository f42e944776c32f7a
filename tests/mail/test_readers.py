"""Letters to a firm reach somebody: its members; where nobody has joined yet, its address on record."""

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from market.accounts import people
from market.accounts.models import Organisation
from market.bookings.letters import Desk, Matter
from market.deliveries import letters as deliveries
from market.deliveries import service as delivering
from market.mail.models import Letter
from market.moderation import service as moderation
from market.movements import letters as movements
from market.movements.service import News
from market.samples import letters as samples
from market.samples import service as sampling
from tests import factories as make
from tests.deliveries.conftest import monthly, permit, stream
from tests.movements.support import ask, railway, slots_of

BASE = "http://testserver"
Written = Callable[[Session, datetime, Organisation], object]


def a_delivery(session: Session, now: datetime, firm: Organisation) -> None:
    other = make.organisation(session, now)
    permit(session, now, other, 400)
    made = delivering.propose(session, make.TESTER, stream(session, now, firm), other, monthly(24), now)
    deliveries.write(session, made, firm, now, BASE)


def a_permit(session: Session, now: datetime, firm: Organisation) -> None:
    deliveries.write_decision(session, permit(session, now, firm), now, BASE)


def a_sample(session: Session, now: datetime, firm: Organisation) -> None:
    lab = make.offering(session, now, firm, kind="lab_test")
    methods = list(sampling.methods_of(lab).values())
    buyer = make.organisation(session, now)
    made = sampling.order(session, make.TESTER, lab, buyer, methods, now, description="Bleche", count=2)
    samples.write(session, made, "ordered", firm, now, BASE)


def a_movement(session: Session, now: datetime, firm: Organisation) -> None:
    offering = railway(session, now, firm=firm)
    session.flush()
    made = ask(session, slots_of(session, offering)[0], make.organisation(session, now), now)
    movements.tell(session, [News(made, "requested")], now, BASE)


def a_booking(session: Session, now: datetime, firm: Organisation) -> None:
    offering = make.offering(session, now, firm, kind="training")
    matter = Matter(offering, None, 2, "/me/sessions")
    Desk(session, now, BASE).to_provider("wished", matter, firm="Kundin KG", month=now.date())


def a_decision(session: Session, now: datetime, firm: Organisation) -> None:
    firm.verified_on = None
    moderation.verify(session, make.TESTER, firm, "hrb", now.date(), now, BASE)


WRITERS: tuple[Written, ...] = (a_delivery, a_permit, a_sample, a_movement, a_booking, a_decision)


@pytest.mark.parametrize("write", WRITERS)
def test_a_firm_without_members_reads_at_its_address_on_record(session: Session, now: datetime, write: Written) -> None:
    firm = make.organisation(session, now, name="Ohne Leute Sp. z o.o.", email="biuro@ohne.example", country="PL")
    write(session, now, firm)
    session.flush()
    (letter,) = session.scalars(select(Letter).where(Letter.to == "biuro@ohne.example"))
    assert "W imieniu firmy Ohne Leute Sp. z o.o. nikt się jeszcze nie loguje." in letter.text
    assert letter.text.count("W imieniu firmy") == letter.html.count("W imieniu firmy") == 1
    page = f"/pl/providers/{firm.ref}" if write is a_decision else f"/pl/firms/{firm.ref}/claim"
    assert f"{BASE}{page}" in letter.text, "what only members see is reached by taking the firm over"


@pytest.mark.parametrize("write", WRITERS)
def test_once_somebody_has_joined_the_address_on_record_is_not_written_to(
    session: Session, now: datetime, write: Written
) -> None:
    firm = make.organisation(session, now, name="Mit Leuten GmbH", email="info@mit.example")
    person = people.create(session, make.TESTER, now, "chefin@mit.example", language="de")
    people.join(session, make.TESTER, person, firm, ("admin",), now)
    write(session, now, firm)
    session.flush()
    to = [letter.to for letter in session.scalars(select(Letter)) if letter.to.endswith("@mit.example")]
    assert to == ["chefin@mit.example"]
    letter = session.scalars(select(Letter).where(Letter.to == "chefin@mit.example")).one()
    assert "weil Sie die Seiten von Mit Leuten GmbH" in letter.text
    assert "/claim" not in letter.text
