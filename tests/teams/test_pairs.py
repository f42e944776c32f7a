"""Bidding together: proposed by one, consented to by the other, taken back by either; seen by the two alone."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

from market.accounts import people
from market.accounts.models import Organisation, Person
from market.accounts.sessions import BrowserSession
from market.db import Sessions
from market.journal import Entry
from market.mail.models import Letter
from market.needs import questions
from market.needs.models import Need
from market.teams import personal
from market.teams.models import Pair
from market.values import utc_now
from market.viewer import OPERATOR
from tests.teams.examples import wants

ROLE = "Einrüstung samt Wetterschutz"
Pairing = Callable[..., Any]


@pytest.fixture
def two(need: dict[str, str], firm: Callable[..., TestClient]) -> tuple[TestClient, TestClient]:
    """Ada wants the scaffold, Bob the cover of the same lot."""
    ada, bob = firm("Ada"), firm("Bob")
    ada.post(need["at"], data=wants(need, "Gerüst"))
    bob.post(need["at"], data=wants(need, "Plane"))
    return ada, bob


def proposed(window: TestClient, need: dict[str, str], **more: Any) -> Any:
    """Ada proposes to lead."""
    other = re.search(r"partners\?with=([^\"]+)", window.get(need["at"]).text)
    given = {"with": other[1] if other else "nobody", "do": "propose", "lead": "own", "my_role": ROLE}
    given |= {"mine": need["Gerüst"], "theirs": need["Plane"], "their_role": "Abdeckung"}
    return window.post(f"{need['at']}/joint-bid", data=given | more)


def does(window: TestClient, need: dict[str, str], do: str) -> int:
    found = re.search(r'name="pair" value="([^"]+)"', window.get(need["at"]).text)
    return window.post(f"{need['at']}/joint-bid", data={"do": do, "pair": found[1] if found else ""}).status_code


def subjects(sessions: Sessions, to: str) -> list[str]:
    with sessions() as session:
        found = session.scalars(select(Letter).where(Letter.to == to, Letter.event == "teams/pair").order_by(Letter.id))
        return [one.subject.partition(":")[0] for one in found]


def test_one_proposes_the_other_consents_and_both_see_who_does_what(
    need: dict[str, str], two: tuple[TestClient, TestClient], sessions: Sessions
) -> None:
    ada, bob = two
    assert proposed(ada, need).status_code == 303
    assert "wartet auf Antwort" in ada.get(need["at"]).text
    assert "Vorgeschlagenes gemeinsames Gebot" in bob.get("/me").text
    assert "Vorgeschlagenes gemeinsames Gebot" not in ada.get("/me").text
    page = bob.get(need["at"]).text
    assert "Ada GmbH, federführend, gibt ab" in page
    assert ROLE in page
    assert does(ada, need, "consent") == 409
    assert does(bob, need, "consent") == 303
    for window in two:
        assert "vereinbart" in window.get(need["at"]).text
    assert "Gemeinsames Gebot schreiben" in ada.get(need["at"]).text
    assert "Gemeinsames Gebot schreiben" not in bob.get(need["at"]).text
    assert subjects(sessions, "bob@firma.example") == ["Ihnen wird ein gemeinsames Gebot vorgeschlagen"]
    assert subjects(sessions, "ada@firma.example") == ["Ihr Partner hat zugestimmt"]
    with sessions() as session:
        pair = session.scalars(select(Pair)).one()
        assert pair.answered_at is not None
        assert pair.answered_by is not None
        assert pair.answered_by.email == "bob@firma.example"
        told = session.scalars(select(Entry).where(Entry.subject == "bidding_pairs"))
        assert {(one.actor, one.verb, str(one.data)) for one in told} == {
            ("bidder", "teams.pair_proposed", "{}"),
            ("bidder", "teams.pair_agreed", "{}"),
        }
        followers = {one.name for one in questions.followers(session, session.scalars(select(Need)).one())}
        assert {"Ada GmbH", "Bob GmbH"} <= followers


def test_nobody_else_sees_a_pair_or_touches_it(
    need: dict[str, str],
    two: tuple[TestClient, TestClient],
    firm: Callable[..., TestClient],
    enter: Callable[..., TestClient],
    sessions: Sessions,
) -> None:
    ada, _ = two
    proposed(ada, need)
    with sessions() as session:
        pair = session.scalars(select(Pair.ref)).one()
    buyer, rival = enter("bea@werk.example", "buyer", firm="Werk SE"), firm("Rival")
    operator = enter("amt@werkplatz.example", firm="Amt")
    with sessions.begin() as session:
        people.make_operator(session, OPERATOR, "amt@werkplatz.example", "Birgit Beispiel", utc_now())
    rival.post(need["at"], data=wants(need, "Gerüst"))
    for who in (buyer, rival, operator):
        for path in (need["at"], f"/needs/{need['ref']}/halle-streichen", f"/me/needs/{need['ref']}", "/me"):
            text = who.get(path).text
            assert ROLE not in text, path
            assert "Ada GmbH" not in text, path
    for do in ("consent", "decline", "withdraw", "end"):
        assert rival.post(f"{need['at']}/joint-bid", data={"do": do, "pair": pair}).status_code == 404


@pytest.mark.parametrize(
    ("moves", "state"),
    [
        ((("bob", "decline"),), "declined"),
        ((("ada", "withdraw"),), "withdrawn"),
        ((("bob", "consent"), ("bob", "end")), "ended"),
        ((("bob", "consent"), ("ada", "end")), "ended"),
    ],
)
def test_either_gets_out_of_it_and_the_other_hears_of_it(
    need: dict[str, str],
    two: tuple[TestClient, TestClient],
    sessions: Sessions,
    moves: tuple[tuple[str, str], ...],
    state: str,
) -> None:
    windows = dict(zip(("ada", "bob"), two, strict=True))
    proposed(two[0], need)
    for who, do in moves:
        assert does(windows[who], need, do) == 303
    with sessions() as session:
        assert session.scalars(select(Pair.state)).one() == state
    other = "bob" if who == "ada" else "ada"
    assert len(subjects(sessions, f"{other}@firma.example")) == (2 if other == "bob" or len(moves) == 2 else 1)
    assert proposed(two[0], need).status_code == 303  # and they may begin anew


def test_a_firm_has_one_partner_for_a_need(
    need: dict[str, str], two: tuple[TestClient, TestClient], firm: Callable[..., TestClient], sessions: Sessions
) -> None:
    ada, bob = two
    proposed(ada, need)
    assert proposed(ada, need).status_code == 404  # it is no longer offered
    cyd = firm("Cyd")
    cyd.post(need["at"], data=wants(need, "Plane"))
    assert proposed(cyd, need, mine=need["Plane"], theirs=need["Gerüst"]).status_code == 303
    assert does(bob, need, "consent") == 303
    assert subjects(sessions, "cyd@firma.example") == ["Ihr Partner hat abgelehnt"]  # it does not learn why
    assert proposed(cyd, need, mine=need["Plane"], theirs=need["Gerüst"]).status_code == 303
    with sessions() as session:
        late = session.scalars(select(Pair.ref).where(Pair.state == "proposed")).one()
    answer = ada.post(f"{need['at']}/joint-bid", data={"do": "consent", "pair": late})
    assert answer.status_code == 409
    assert "Sie haben sich schon mit einer Firma geeinigt" in answer.text


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"lead": "third"}, "lead"),
        ({"mine": []}, "mine"),
        ({"theirs": "nosuch"}, "theirs"),
        ({"my_role": ""}, "my_role"),
    ],
)
def test_a_wrong_proposal_comes_back_with_what_was_typed(
    need: dict[str, str], two: tuple[TestClient, TestClient], more: dict[str, Any], field: str
) -> None:
    answer = proposed(two[0], need, **({"their_role": "Abdeckung von oben"} | more))
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert "Abdeckung von oben" in answer.text


def test_who_consents_proves_who_it_is_and_after_the_deadline_nobody_does(
    need: dict[str, str], two: tuple[TestClient, TestClient], sessions: Sessions
) -> None:
    ada, bob = two
    proposed(ada, need)
    with sessions.begin() as session:
        session.execute(update(BrowserSession).values(authenticated_at=utc_now() - timedelta(minutes=16)))
    assert "Zustimmen</button>" not in bob.get(need["at"]).text
    assert does(bob, need, "consent") == 303
    assert proposed(bob, need).status_code == 404
    with sessions.begin() as session:
        assert session.scalars(select(Pair.state)).one() == "proposed"
        session.execute(update(BrowserSession).values(authenticated_at=utc_now()))
        session.execute(update(Need).values(bids_until=utc_now() - timedelta(seconds=1)))
    with sessions() as session:
        ref = session.scalars(select(Pair.ref)).one()
    answer = bob.post(f"{need['at']}/joint-bid", data={"do": "consent", "pair": ref})
    assert answer.status_code == 409
    assert "Die Frist ist abgelaufen" in answer.text


def test_a_firm_that_is_not_checked_any_more_is_no_partner(
    need: dict[str, str], two: tuple[TestClient, TestClient], sessions: Sessions
) -> None:
    ada, bob = two
    proposed(ada, need)
    with sessions.begin() as session:
        session.execute(update(Organisation).where(Organisation.name == "Ada GmbH").values(verified_on=None))
    answer = does(bob, need, "consent")
    assert answer == 409
    assert "Ada GmbH ist zurzeit nicht geprüft" in bob.get(need["at"]).text


def test_the_word_given_goes_with_the_person_and_the_consent_stays(
    need: dict[str, str], two: tuple[TestClient, TestClient], sessions: Sessions
) -> None:
    proposed(two[0], need)
    does(two[1], need, "consent")
    with sessions.begin() as session:
        bob = session.scalars(select(Person).where(Person.email == "bob@firma.example")).one()
        (told,) = personal.about(session, bob)["joint_bids"]
        assert (told["need"], told["state"]) == (need["ref"], "agreed")
        personal.forget(session, bob)
        pair = session.scalars(select(Pair)).one()
        session.refresh(pair)
        assert (pair.answered_by_id, pair.state) == (None, "agreed")
        assert pair.answered_at is not None
