"""Signed-in browsers: limits, acting for organisations, ends."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from market.accounts import people, sessions
from market.accounts.models import Member, Person
from market.errors import Conflict, NotFound
from market.viewer import OPERATOR
from tests import factories as make


@pytest.fixture
def ute(session: Session, now: datetime) -> Person:
    return people.create(session, OPERATOR, now, "ute@probe.example", name="Ute Probe")


def member(session: Session, now: datetime, person: Person, *roles: str) -> Member:
    return people.join(session, OPERATOR, person, make.organisation(session, now), roles, now)


def test_the_token_names_the_person_and_the_firm(session: Session, now: datetime, ute: Person) -> None:
    firm = member(session, now, ute, "admin").organisation
    token, _ = sessions.start(session, ute, "link", now)
    viewer = sessions.viewer(session, token, now)
    assert viewer.shown == "Ute Probe"
    assert viewer.acts_for(firm.id, "admin")
    assert not viewer.acts_for(firm.id + 1)
    assert not viewer.is_operator
    assert not sessions.viewer(session, token[:-1] + "x", now).is_signed_in
    assert not sessions.viewer(session, "", now).is_signed_in


@pytest.mark.parametrize(("method", "idle"), [("link", timedelta(days=14)), ("oidc", timedelta(hours=2))])
def test_an_unused_session_ends(session: Session, now: datetime, ute: Person, method: str, idle: timedelta) -> None:
    token, row = sessions.start(session, ute, method, now)
    session.flush()
    assert sessions.viewer(session, token, now + idle - timedelta(seconds=1)).is_signed_in
    assert not sessions.viewer(session, token, now + idle).is_signed_in
    sessions.touch(session, row.id, now + timedelta(hours=1))
    session.flush()
    assert sessions.viewer(session, token, now + idle).is_signed_in


def test_a_session_in_use_ends_as_well(session: Session, now: datetime, ute: Person) -> None:
    token, row = sessions.start(session, ute, "oidc", now)
    session.flush()
    for hours in range(1, 13):
        sessions.touch(session, row.id, now + timedelta(hours=hours))
        session.flush()
    assert not sessions.viewer(session, token, now + timedelta(hours=12)).is_signed_in


def test_operators_have_the_short_limits(session: Session, now: datetime) -> None:
    person = people.make_operator(session, OPERATOR, "op@probe.example", "Olga Probe", now)
    token, _ = sessions.start(session, person, "link", now)
    session.flush()
    assert sessions.viewer(session, token, now).is_operator
    assert not sessions.viewer(session, token, now + timedelta(hours=2)).is_signed_in
    people.unmake_operator(session, OPERATOR, "OP@probe.example", now)
    session.flush()
    assert not sessions.viewer(session, token, now).is_operator
    with pytest.raises(NotFound):
        people.unmake_operator(session, OPERATOR, "op@probe.example", now)


def test_an_ended_membership_takes_its_rights_at_once(session: Session, now: datetime, ute: Person) -> None:
    first = member(session, now, ute, "admin")
    people.join(
        session, OPERATOR, people.create(session, OPERATOR, now, "b@probe.example"), first.organisation, ("admin",), now
    )
    token, _ = sessions.start(session, ute, "link", now)
    people.leave(session, OPERATOR, first, now)
    session.flush()
    viewer = sessions.viewer(session, token, now)
    assert viewer.is_signed_in
    assert viewer.organisation_id is None
    assert viewer.roles == frozenset()


def test_an_organisation_keeps_an_admin(session: Session, now: datetime, ute: Person) -> None:
    first = member(session, now, ute, "admin")
    with pytest.raises(Conflict):
        people.leave(session, OPERATOR, first, now)
    with pytest.raises(Conflict):
        people.give(session, OPERATOR, first, ("editor",), now)
    other = people.create(session, OPERATOR, now, "b@probe.example")
    people.join(session, OPERATOR, other, first.organisation, ("admin",), now)
    assert people.give(session, OPERATOR, first, ("editor", "unheard-of"), now)
    assert first.roles == ("editor",)


def test_sign_out_everywhere_spares_this_browser_if_wanted(session: Session, now: datetime, ute: Person) -> None:
    here, row = sessions.start(session, ute, "link", now)
    there, _ = sessions.start(session, ute, "link", now)
    session.flush()
    assert len(sessions.of_person(session, ute.id, now)) == 2
    assert sessions.end_all(session, ute.id, but=row.id) == 1
    assert sessions.viewer(session, here, now).is_signed_in
    assert not sessions.viewer(session, there, now).is_signed_in


def test_the_token_is_not_in_the_database(session: Session, now: datetime, ute: Person) -> None:
    token, row = sessions.start(session, ute, "link", now)
    assert token.encode() not in b"|".join(
        value if isinstance(value, bytes) else str(value).encode() for value in vars(row).values()
    )
