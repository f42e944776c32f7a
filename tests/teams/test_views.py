"""Partners for a part: seen by those that fit and have both said so, and by nobody else."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

from market.accounts.models import Organisation, Person
from market.bids.draft_models import Draft
from market.bids.models import Bid
from market.db import Sessions
from market.journal import Entry
from market.mail.models import Letter
from market.needs import amendments, contents
from market.needs.models import Need
from market.needs.parts import Item
from market.teams import personal
from market.teams.models import Interest
from market.values import utc_now
from tests import factories as make
from tests.factories import TESTER
from tests.teams.examples import SECRET, wants


def subjects(sessions: Sessions) -> list[tuple[str, str]]:
    with sessions() as session:
        found = session.scalars(select(Letter).where(Letter.subject.contains("Partner")).order_by(Letter.id))
        return [(one.to, one.subject) for one in found]


def test_two_firms_that_fit_see_each_other_with_contact(
    need: dict[str, str], firm: Callable[..., TestClient], sessions: Sessions
) -> None:
    ada, bob = firm("Ada"), firm("Bob")
    assert "Nur einen Teil?" in ada.get(f"/needs/{need['ref']}/halle-streichen").text
    assert ada.post(need["at"], data=wants(need, "Gerüst")).status_code == 303
    assert "Noch niemand" in ada.get(need["at"]).text
    assert (
        bob.post(need["at"], data=wants(need, "Plane", email="bob@probe.example", phone="03364 1")).status_code == 303
    )
    for own, other, mail in ((ada, "Bob GmbH", "bob@probe.example"), (bob, "Ada GmbH", "ada@probe.example")):
        page = own.get(need["at"]).text
        assert other in page
        assert f"mailto:{mail}" in page
        assert f"{mail}</a>, " not in page, "behind a long address it would stand alone on the next line"
        assert SECRET in page
    told = [("ada@firma.example", "Ein Partner für Ihren Teil: Halle streichen")]
    told += [("bob@firma.example", "Ein Partner für Ihren Teil: Halle streichen")]
    assert subjects(sessions) == told
    bob.post(need["at"], data=wants(need, "Plane", "Sand"))
    assert subjects(sessions) == told


def test_nobody_else_learns_of_it(
    need: dict[str, str], firm: Callable[..., TestClient], enter: Callable[..., TestClient], sessions: Sessions
) -> None:
    ada, rival, silent, other = firm("Ada"), firm("Rival"), firm("Silent"), firm("Other")
    ada.post(need["at"], data=wants(need, "Gerüst"))
    rival.post(need["at"], data=wants(need, "Gerüst", email="rival@probe.example"))
    other.post(need["at"], data=wants(need, "Farbe", email="other@probe.example"))
    buyer = enter("bea@werk.example", "buyer", firm="Werk SE")
    for who in (rival, silent, other, buyer):
        for path in (
            need["at"],
            f"/needs/{need['ref']}/halle-streichen",
            f"/me/needs/{need['ref']}",
            "/me",
            "/me/bids",
        ):
            text = who.get(path).text
            assert "Ada GmbH" not in text, path
            assert "ada@probe.example" not in text, path
    assert buyer.get(need["at"]).status_code == 403
    assert subjects(sessions) == []
    with sessions() as session:
        assert session.scalar(select(Bid)) is None
        assert session.scalar(select(Draft)) is None
        told = session.scalars(select(Entry).where(Entry.subject == "part_interests"))
        assert {(one.actor, one.verb, str(one.data)) for one in told} == {("bidder", "teams.interest_opened", "{}")}


def test_withdrawing_hides_both_from_each_other(need: dict[str, str], firm: Callable[..., TestClient]) -> None:
    ada, bob = firm("Ada"), firm("Bob")
    ada.post(need["at"], data=wants(need, "Gerüst"))
    bob.post(need["at"], data=wants(need, "Plane"))
    assert ada.post(need["at"], data={"do": "withdraw"}).status_code == 303
    assert "Ada GmbH" not in bob.get(need["at"]).text
    assert "Bob GmbH" not in ada.get(need["at"]).text
    assert ada.post(need["at"], data={"do": "withdraw"}).status_code == 409
    assert ada.post(need["at"], data=wants(need, "Gerüst")).status_code == 303
    assert "Ada GmbH" in bob.get(need["at"]).text


def test_an_older_window_is_asked_before_it_overwrites(need: dict[str, str], firm: Callable[..., TestClient]) -> None:
    def seen_in(page: str) -> str:
        found = re.search(r'name="seen" value="([^"]+)"', page)
        assert found
        return found[1]

    ada = firm("Ada")
    seen = seen_in(ada.get(need["at"]).text)
    assert ada.post(need["at"], data=wants(need, "Gerüst", seen=seen)).status_code == 303
    asked = ada.post(need["at"], data=wants(need, "Plane", seen=seen))
    assert asked.status_code == 409
    assert 'id="stale"' in asked.text
    assert f'value="{need["Plane"]}" checked' in asked.text
    assert f'value="{need["Gerüst"]}" checked' in ada.get(need["at"]).text
    assert ada.post(need["at"], data=wants(need, "Plane", seen=seen_in(asked.text))).status_code == 303
    assert f'value="{need["Plane"]}" checked' in ada.get(need["at"]).text


def test_a_bid_alone_shows_nobody(need: dict[str, str], firm: Callable[..., TestClient], sessions: Sessions) -> None:
    ada, bob = firm("Ada"), firm("Bob")
    with sessions.begin() as session:
        owner = session.scalars(select(Organisation).where(Organisation.name == "Bob GmbH")).one()
        asked = session.scalars(select(Need)).one()
        make.bid(session, utc_now(), asked, organisation=owner)
    ada.post(need["at"], data=wants(need, "Gerüst"))
    assert "Bob GmbH" not in ada.get(need["at"]).text
    assert "Ada GmbH" not in bob.get(need["at"]).text


@pytest.mark.parametrize(
    ("titles", "more", "field"),
    [
        ((), {}, "parts"),
        (("Gerüst", "Plane", "Farbe", "Sand"), {}, "parts"),
        (("Gerüst",), {"parts": ["nosuchpart"]}, "parts"),
        (("Gerüst",), {"agreed": ""}, "agreed"),
        (("Gerüst",), {"email": "nirgends"}, "email"),
        (("Gerüst",), {"contact": ""}, "contact"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_shows_nobody(
    need: dict[str, str],
    firm: Callable[..., TestClient],
    sessions: Sessions,
    titles: tuple[str, ...],
    more: dict[str, Any],
    field: str,
) -> None:
    answer = firm("Ada").post(need["at"], data=wants(need, *titles) | more)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert SECRET in answer.text
    with sessions() as session:
        assert session.scalar(select(Interest)) is None


def test_after_the_deadline_nobody_comes_or_goes_and_nobody_is_shown(
    need: dict[str, str], firm: Callable[..., TestClient], sessions: Sessions
) -> None:
    ada, bob, late = firm("Ada"), firm("Bob"), firm("Late")
    ada.post(need["at"], data=wants(need, "Gerüst"))
    bob.post(need["at"], data=wants(need, "Plane"))
    with sessions.begin() as session:
        session.execute(update(Need).values(bids_until=utc_now() - timedelta(seconds=1)))
    assert late.post(need["at"], data=wants(need, "Plane")).status_code == 409
    assert "Die Frist ist abgelaufen" in late.get(need["at"]).text
    page = ada.get(need["at"]).text
    assert "Bob GmbH" not in page
    assert "Keinen Partner mehr suchen" not in page
    assert ada.post(need["at"], data={"do": "withdraw"}).status_code == 409
    with sessions() as session:
        assert {one.state for one in session.scalars(select(Interest))} == {"open"}


def test_who_may_not_bid_or_is_not_checked_looks_for_nobody(
    need: dict[str, str], firm: Callable[..., TestClient], enter: Callable[..., TestClient], sessions: Sessions
) -> None:
    unchecked = enter("neu@neu.example", "admin", firm="Neu GmbH")
    reader = firm("Rita", "reader")
    assert [who.post(need["at"], data=wants(need, "Gerüst")).status_code for who in (unchecked, reader)] == [403, 403]
    ada, bob = firm("Ada"), firm("Bob")
    ada.post(need["at"], data=wants(need, "Gerüst"))
    with sessions.begin() as session:
        owner = session.scalars(select(Organisation).where(Organisation.name == "Ada GmbH")).one()
        owner.suspended_at = utc_now()
    bob.post(need["at"], data=wants(need, "Plane"))
    assert "Ada GmbH" not in bob.get(need["at"]).text
    with sessions.begin() as session:
        session.execute(update(Need).values(visibility="invited"))
    assert bob.get(need["at"]).status_code == 404


def test_an_amendment_can_make_two_fit(
    need: dict[str, str], firm: Callable[..., TestClient], sessions: Sessions
) -> None:
    ada, bob = firm("Ada"), firm("Bob")
    ada.post(need["at"], data=wants(need, "Gerüst", "Plane"))
    bob.post(need["at"], data=wants(need, "Farbe"))
    assert subjects(sessions) == []
    with sessions.begin() as session:
        asked = session.scalars(select(Need)).one()

        def without_sand() -> None:
            kept = [item for item in contents.items_of(session, asked) if item.title != "Sand"]
            rows = [{"ref": one.ref, "title": one.title, "quantity": 1.0, "unit": "LS", "lot": one.lot} for one in kept]
            contents.write(session, TESTER, asked, Item, rows, utc_now())

        amendments.amend(session, TESTER, asked, "Der Sand liegt schon da.", utc_now(), without_sand)
    assert len(subjects(sessions)) == 2
    assert "Bob GmbH" in ada.get(need["at"]).text


def test_the_contact_goes_with_the_person(
    need: dict[str, str], firm: Callable[..., TestClient], sessions: Sessions
) -> None:
    firm("Ada").post(need["at"], data=wants(need, "Gerüst"))
    with sessions.begin() as session:
        person = session.scalars(select(Person).where(Person.email == "ada@firma.example")).one()
        assert personal.about(session, person)["partners_looked_for"][0]["email"] == "ada@probe.example"
        personal.forget(session, person)
        session.flush()
        kept = session.scalars(select(Interest)).one()
        assert (kept.person_id, kept.contact, kept.email) == (None, "", kept.organisation.email or "")
