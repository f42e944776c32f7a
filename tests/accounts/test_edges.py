"""Rows that have gone meanwhile: sessions, firms, invitations, secrets. Nobody is let in, and nothing breaks."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from market.accounts import claims, invitations, links, people, providers, registration, sessions, step_up, vault
from market.accounts.claims import Claim
from market.accounts.links import SignInLink
from market.accounts.models import Organisation, Person
from market.accounts.providers import IdentityProvider
from market.app import create_app
from market.bids.keys import keys_of
from market.config import Settings
from market.db import Sessions
from market.enquiries.models import Thread
from market.enquiries.rules import side_of
from market.errors import Conflict, Invalid, Unavailable
from market.locker import secret_of
from market.shortlists.models import Shortlist
from market.shortlists.rules import own
from market.viewer import ANONYMOUS, OPERATOR, Viewer
from tests import factories as make
from tests.support.windows import OWN


def person(session: Session, now: datetime, name: str) -> Person:
    return people.create(session, OPERATOR, now, f"{name}@probe.example", name=name.title())


def link_of(session: Session, now: datetime, purpose: str, data: dict[str, str]) -> SignInLink:
    """As it stands there once it was followed."""
    links.ask(session, "ute@probe.example", "192.0.2.1", now, purpose=purpose, data=data)
    session.flush()
    return session.scalars(select(SignInLink)).one()


def test_a_session_that_has_ended_is_neither_touched_nor_gone_on_with(session: Session, now: datetime) -> None:
    ute, eva = person(session, now, "ute"), person(session, now, "eva")
    people.join(session, OPERATOR, eva, make.organisation(session, now), ("admin",), now)
    gone = sessions.start(session, ute, "link", now)[1]
    theirs = sessions.start(session, eva, "link", now)[1]
    session.flush()
    number, other = gone.id, theirs.id
    sessions.end(session, number)
    session.flush()
    sessions.touch(session, number, now + timedelta(hours=1))
    row = sessions.start(session, ute, "link", now)[1]
    for before in (number, other):
        sessions.succeed(session, before, row)
    assert row.member is None
    assert not step_up.is_fresh(session, Viewer("person:x", "person", session_id=number), now)


def test_who_has_left_a_firm_does_not_go_on_acting_for_it(session: Session, now: datetime) -> None:
    ute = person(session, now, "ute")
    member = people.join(session, OPERATOR, ute, make.organisation(session, now), ("admin",), now)
    before = sessions.start(session, ute, "link", now)[1]
    session.flush()
    assert before.member is member
    member.ended_at = now
    row = sessions.start(session, ute, "link", now)[1]
    sessions.succeed(session, before.id, row)
    assert row.member is None


def test_a_firm_suspended_before_the_link_was_followed_is_claimed_by_nobody(session: Session, now: datetime) -> None:
    firm = make.organisation(session, now, email="buero@probe.example")
    link = link_of(session, now, "claim", {"organisation": firm.ref, "name": "Ute"})
    firm.suspended_at = now
    session.flush()
    assert firm not in session.scalars(claims.claimable()).all()
    found = registration.redeemed(session, link, "de", now)
    assert found is not None
    assert session.scalars(select(Claim)).all() == []


def test_an_invitation_that_is_gone_lets_nobody_join(session: Session, now: datetime) -> None:
    link = link_of(session, now, "invitation", {"invitation": "gone", "name": "Ute"})
    with pytest.raises(Conflict):
        registration.redeemed(session, link, "de", now)


def test_what_was_locked_away_with_another_secret_says_so() -> None:
    kept = vault.lock_away("a" * 32, "client secret")
    assert vault.take_out("a" * 32, kept) == "client secret"
    with pytest.raises(Unavailable, match="MARKET_SECRET has changed"):
        vault.take_out("b" * 32, kept)


@pytest.mark.parametrize(
    "issuer", ["https://login.example/?tenant=1", "https://login.example/#t", "https://u@x.example"]
)
def test_an_issuer_is_a_plain_address(session: Session, now: datetime, issuer: str) -> None:
    firm = make.organisation(session, now, is_partner=True)
    row = IdentityProvider(
        organisation=firm, key="werk", issuer="https://login.example/", client_id="c", client_secret=""
    )
    row.created_at = row.updated_at = now
    session.add(row)
    session.flush()
    with pytest.raises(Invalid):
        providers.change(session, OPERATOR, row, now, local=False, issuer=issuer)
    assert row.issuer == "https://login.example/"


def test_an_issuer_serves_one_company_and_the_same_again_is_no_change(session: Session, now: datetime) -> None:
    given: dict[str, str] = {"client_id": "c", "client_secret": "", "issuer": "https://login.example/"}
    firm = make.organisation(session, now, is_partner=True)
    row = providers.add(session, OPERATOR, firm, now, local=False, key="werk", domains=(), **given)
    session.flush()
    assert providers.change(session, OPERATOR, row, now, local=False, **given) is False
    with pytest.raises(Invalid, match="issuer"):
        providers.add(session, OPERATOR, firm, now, local=False, key="other", domains=(), **given)


def test_a_member_is_not_invited_and_twenty_invitations_wait_at_most(session: Session, now: datetime) -> None:
    firm = make.organisation(session, now)
    people.join(session, OPERATOR, person(session, now, "ute"), firm, ("admin",), now)
    with pytest.raises(Conflict):
        invitations.invite(session, OPERATOR, firm, "ute@probe.example", ("editor",), now)
    for number in range(invitations.OPEN_AT_ONCE):
        invitations.invite(session, OPERATOR, firm, f"n{number}@probe.example", ("editor",), now)
        session.flush()
    with pytest.raises(Conflict):
        invitations.invite(session, OPERATOR, firm, "one-more@probe.example", ("editor",), now)


def test_who_acts_for_no_organisation_has_no_side_and_strangers_no_lists(session: Session, now: datetime) -> None:
    thread = Thread(organisation_id=1)
    assert side_of(Viewer("person:x", "person", person_id=7), thread) == ""
    assert session.scalars(select(Shortlist).where(own(ANONYMOUS))).all() == []


def test_without_what_the_edge_lends_nothing_is_sealed(session: Session) -> None:
    for ask in (keys_of, secret_of):
        session.info.clear()
        with pytest.raises(Unavailable):
            ask(session)


def test_the_link_of_somebody_who_is_gone_opens_a_page_that_says_so(
    window: Callable[[], TestClient], sessions: Sessions, now: datetime
) -> None:
    client = window()
    client.post("/sign-in", data={"email": "niemand@probe.example"})
    token = "t" * 43
    with sessions.begin() as session:
        session.scalars(select(SignInLink)).one().token_hash = links.hashed(token)
    gone = client.post(f"/sign-in/link/{token}")
    assert gone.status_code == 410
    assert client.get("/me").status_code == 303


def test_the_form_of_the_registration_without_a_place_asks_for_one(window: Callable[[], TestClient]) -> None:
    client = window()
    assert client.get("/register").status_code == 200
    answer = client.post(
        "/register", data={"firm": "Probe", "trade": "Gerüstbau", "name": "Ute", "email": "u@p.example"}
    )
    assert answer.status_code == 422
    assert 'id="place-error"' in answer.text


def test_who_is_not_signed_in_signs_out_all_the_same(window: Callable[[], TestClient]) -> None:
    assert window().post("/sign-out").headers["location"] == "/signed-out"


@pytest.mark.parametrize("client", ["a-socket", "2001:db8:1:2::3"])
def test_whatever_an_address_is_its_limits_count(settings: Settings, sessions: Sessions, client: str) -> None:
    app = TestClient(create_app(settings), follow_redirects=False, headers=OWN, client=(client, 4711))
    assert app.post("/sign-in", data={"email": "ute@probe.example"}).status_code == 303
    with sessions() as session:
        assert session.scalars(select(SignInLink.client_hash)).one()
        assert session.scalars(select(Organisation)).all() == []
