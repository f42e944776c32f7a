"""Saved searches: ordered by whoever reads the mailbox, told of what is new and nothing else, ended with one click."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from market.accounts import people
from market.accounts import sessions as door
from market.accounts.models import Organisation
from market.db import Sessions
from market.mail.models import Letter
from market.mail.post import Post
from market.notifications import orders, service
from market.notifications.models import Alert, SavedSearch
from market.offerings import service as offerings
from market.offerings.models import Offering
from market.values import utc_now
from tests import factories as make
from tests.factories import TESTER
from tests.notifications.conftest import Round

Change = Callable[[Callable[[Session], Any]], Any]
Deliver = Callable[[], int]
Window = Callable[[], TestClient]


@pytest.fixture
def letters(sessions: Sessions) -> Callable[[], list[Letter]]:
    """Those about what saved searches found."""

    def read() -> list[Letter]:
        with sessions() as session:
            return list(
                session.scalars(select(Letter).where(Letter.event == "notifications/found").order_by(Letter.id))
            )

    return read


def saver(session: Session, query: str, *, tab: str = "offerings", frequency: str = "instant", **fields: Any) -> Any:
    """A person with one saved search."""
    number = session.scalar(select(func.count()).select_from(SavedSearch))
    person = people.create(session, TESTER, utc_now(), f"s{number}@saver.example", name="Sara Probe", **fields)
    session.flush()
    given = {"name": f"Suche {number}", "tab": tab, "query": query, "frequency": frequency}
    return orders.save(session, TESTER, person, utc_now(), **given)


def enter(window: Window, sessions: Sessions, address: str) -> TestClient:
    client = window()
    with sessions.begin() as session:
        person = people.by_address(session, address) or people.create(session, TESTER, utc_now(), address, name="Ada")
        session.flush()
        token, _ = door.start(session, person, "link", utc_now(), agent="Firefox")
    client.cookies.set("session", token)
    return client


def test_a_search_is_told_of_what_is_new_or_newly_fits_and_of_each_thing_once(
    change: Change, deliver: Deliver, cry: Round, letters: Callable[[], list[Letter]]
) -> None:
    change(lambda s: make.offering(s, utc_now(), title="Kranprüfung in Guben"))
    other = change(lambda s: make.offering(s, utc_now(), title="Hebezeuge", keywords=("Seile",)))
    deliver()
    change(lambda s: saver(s, "q=kranpr%C3%BCfung&near=03172+Guben&radius_km=25"))
    change(lambda s: saver(s, "q=kranpr%C3%BCfung&language=pl"))
    change(lambda s: saver(s, "tab=needs&q=kranpr%C3%BCfung", tab="needs", language="pl"))
    cry()
    assert letters() == []
    change(lambda s: make.offering(s, utc_now(), title="Kranprüfung Neu", town="Guben"))
    change(lambda s: make.offering(s, utc_now(), title="Kranprüfung Fern", lat=48.1, lon=11.6))
    deliver()
    cry()
    (first,) = letters()
    assert first.to == "s0@saver.example"
    assert first.subject == "Neu: Kranprüfung Neu"
    assert "Suche 0" in first.text
    assert "Fern" not in first.text
    change(
        lambda s: offerings.change(s, TESTER, s.get_one(Offering, other.id), utc_now(), title="Kranprüfung, Hebezeuge")
    )
    deliver()
    cry()
    assert [letter.subject for letter in letters()] == ["Neu: Kranprüfung Neu", "Neu: Kranprüfung, Hebezeuge"]
    change(lambda s: offerings.change(s, TESTER, s.get_one(Offering, other.id), utc_now(), summary="Auch samstags"))
    change(lambda s: make.need(s, utc_now(), title="Kranprüfung gesucht", lang="de"))
    deliver()
    cry()
    third = letters()[2:]
    assert [(letter.to, letter.language) for letter in third] == [("s2@saver.example", "pl")]
    assert "/pl/needs/" in third[0].text


def test_a_listing_without_name_stays_without_name_and_what_is_withdrawn_is_left_out(
    change: Change, deliver: Deliver, cry: Round, letters: Callable[[], list[Letter]]
) -> None:
    change(lambda s: saver(s, "kind=residual", frequency="daily"))
    cry()

    def publish(session: Session) -> Offering:
        firm = make.organisation(session, utc_now(), name="Geheim GmbH")
        details = make.DETAILS["residual"] | {"anonymous": True}
        make.offering(session, utc_now(), firm, kind="residual", title="Schlacke", details=details)
        return make.offering(session, utc_now(), firm, kind="residual", title="Zunder", details=details)

    gone = change(publish)
    deliver()
    cry()
    change(lambda s: offerings.move(s, TESTER, s.get_one(Offering, gone.id), "pause", utc_now()))
    cry.ahead = timedelta(days=1)
    cry()
    (letter,) = letters()
    assert "Schlacke" in letter.text
    assert "Zunder" not in letter.text
    assert "Geheim" not in letter.text + letter.html


def test_nobody_writes_to_an_address_that_has_not_confirmed_and_scanners_confirm_nothing(
    window: Window,
    sessions: Sessions,
    change: Change,
    deliver: Deliver,
    cry: Round,
    letters: Callable[[], list[Letter]],
) -> None:
    client = window()
    page = client.get("/search/save?q=Kranpr%C3%BCfung&near=Guben&radius_km=50")
    assert "Kranprüfung" in page.text
    form = {"query": "q=kranprüfung", "name": "Krane", "frequency": "instant", "email": "Neu@Probe.example"}
    assert client.post("/search/save", data=form).headers["location"] == "/search/sent"
    with sessions() as session:
        letter = session.scalars(select(Letter)).one()
    assert (letter.event, letter.to, letter.unsubscribe) == ("notifications/confirm", "Neu@probe.example", "") or (
        letter.to.casefold() == "neu@probe.example"
    )
    link = re.search(r"http://testserver(/alerts/\S+/confirm)", letter.text)
    assert link
    assert client.get(link[1]).status_code == 200
    change(lambda s: make.offering(s, utc_now(), title="Kranprüfung eins"))
    deliver()
    cry()
    assert letters() == []
    confirmed = client.post(link[1])
    assert confirmed.status_code == 303
    cry()
    change(lambda s: make.offering(s, utc_now(), title="Kranprüfung zwei"))
    deliver()
    cry()
    (found,) = letters()
    assert "zwei" in found.text
    assert "eins" not in found.text


def test_one_click_of_a_mail_program_ends_this_alert_and_no_other(
    window: Window,
    sessions: Sessions,
    change: Change,
    deliver: Deliver,
    cry: Round,
    letters: Callable[[], list[Letter]],
) -> None:
    search = change(lambda s: saver(s, "q=kranpr%C3%BCfung"))
    change(lambda s: saver(s, "q=kranpr%C3%BCfung&kind=service"))
    cry()
    change(lambda s: make.offering(s, utc_now(), title="Kranprüfung eins"))
    deliver()
    cry()
    mine = next(letter for letter in letters() if search.token in letter.unsubscribe)
    message = Post(cry.engine, "smtp://mail.example", "https://werkplatz.example").message(mine)
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = message["List-Unsubscribe"].strip("<>").removeprefix("http://testserver")
    bare = TestClient(window().app, follow_redirects=False)
    assert bare.get(address).headers["location"] == f"/alerts/{search.token}"
    assert bare.post(address, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert bare.post("/api/alerts/nosuchtoken", data={"List-Unsubscribe": "One-Click"}).status_code == 404
    change(lambda s: make.offering(s, utc_now(), title="Kranprüfung zwei"))
    deliver()
    cry()
    assert [letter.to for letter in letters()[2:]] == ["s1@saver.example"]


def test_orders_are_limited_and_the_answer_is_the_same_for_every_address(
    window: Window, sessions: Sessions, change: Change
) -> None:
    change(lambda s: people.create(s, TESTER, utc_now(), "known@probe.example", name="Kann"))
    client = window()
    form = {"query": "q=kran", "name": "Krane", "frequency": "daily"}
    known = client.post("/search/save", data=form | {"email": "known@probe.example"})
    unknown = client.post("/search/save", data=form | {"email": "unknown@probe.example"})
    assert (known.status_code, known.headers["location"]) == (unknown.status_code, unknown.headers["location"])
    for _ in range(2):
        assert client.post("/search/save", data=form | {"email": "known@probe.example"}).status_code == 303
    refused = client.post("/search/save", data=form | {"email": "known@probe.example"})
    assert refused.status_code == 429
    assert "known@probe.example" in refused.text
    assert "zu viele E-Mails" in refused.text
    wrong = client.post("/search/save", data=form | {"email": "keine Adresse", "name": "x" * 81})
    assert wrong.status_code == 422
    assert "höchstens 80 Zeichen" in wrong.text
    assert "keine Adresse" in wrong.text


def test_what_nobody_confirmed_is_forgotten_after_three_days(change: Change, sessions: Sessions) -> None:
    given = {"language": "de", "name": "Krane", "tab": "offerings", "query": "q=kran", "frequency": "daily"}
    change(lambda s: orders.order(s, "a@probe.example", "192.0.2.1", utc_now(), **given))
    assert change(lambda s: service.tidy(s, utc_now() + timedelta(days=2))) == 0
    assert change(lambda s: service.tidy(s, utc_now() + timedelta(days=4))) == 1


def test_somebody_signed_in_saves_renames_and_deletes_only_the_own_searches(window: Window, sessions: Sessions) -> None:
    mine, other = enter(window, sessions, "ada@probe.example"), enter(window, sessions, "ben@probe.example")
    form = {"query": "tab=needs&page=3&q=kran", "name": "Krane", "frequency": "weekly"}
    assert mine.post("/search/save", data=form).headers["location"] == "/me/searches"
    assert mine.post("/search/save", data=form | {"query": "q=kran&tab=needs"}).status_code == 303
    with sessions() as session:
        search = session.scalars(select(SavedSearch)).one()
    assert (search.query, search.tab, search.confirmed_at is not None) == ("q=kran&tab=needs", "needs", True)
    assert "Krane" in mine.get("/me/searches").text
    assert "Krane" not in other.get("/me/searches").text
    path = f"/me/searches/{search.ref}"
    assert other.post(path, data={"name": "Fremd", "frequency": "off"}).status_code == 404
    assert other.post(f"{path}/remove").status_code == 404
    assert mine.post(path, data={"name": "", "frequency": "off"}).status_code == 422
    assert mine.post(path, data={"name": "Krane am Ort", "frequency": "off"}).status_code == 303
    assert "Krane am Ort" in mine.get("/me/account/data.json").text
    assert mine.post(f"{path}/remove").status_code == 303
    assert "Krane" not in mine.get("/me/searches").text


def test_another_frequency_counts_for_what_waits_already(change: Change, sessions: Sessions) -> None:
    def start(session: Session) -> SavedSearch:
        search: SavedSearch = saver(session, "q=kran", frequency="weekly")
        session.flush()
        session.add(Alert(search_id=search.id, thing="x", created_at=utc_now(), due_at=utc_now() + timedelta(days=6)))
        return search

    search = change(start)
    change(lambda s: orders.change(s, TESTER, s.get_one(SavedSearch, search.id), utc_now(), frequency="instant"))
    with sessions() as session:
        assert session.scalars(select(Alert)).one().due_at <= utc_now()
    change(lambda s: orders.change(s, TESTER, s.get_one(SavedSearch, search.id), utc_now(), frequency="off"))
    with sessions() as session:
        assert session.scalars(select(Alert)).one().written_at is not None


def test_with_the_person_go_the_own_searches_and_letters(window: Window, sessions: Sessions, change: Change) -> None:
    client = enter(window, sessions, "ada@probe.example")
    client.post("/search/save", data={"query": "q=kran", "name": "Krane", "frequency": "instant"})
    client.post("/me/alerts", data={"frequency": "daily"})
    data = client.get("/me/account/data.json").json()
    assert data["letters_about_needs"] == "daily"
    assert data["saved_searches"][0]["address"] == "/search?q=kran"
    assert client.post("/me/account/erase").status_code == 303
    with sessions() as session:
        assert session.scalars(select(SavedSearch)).all() == []


def test_what_a_search_was_told_long_ago_stays_known_to_it(change: Change, sessions: Sessions) -> None:
    def start(session: Session) -> SavedSearch:
        search: SavedSearch = saver(session, "q=kran")
        session.flush()
        search.known = ["a"]
        long_ago = utc_now() - timedelta(days=400)
        session.add(Alert(search_id=search.id, thing="b", created_at=long_ago, due_at=long_ago, written_at=long_ago))
        return search

    search = change(start)
    assert change(lambda s: service.tidy(s, utc_now())) == 1
    with sessions() as session:
        assert session.get_one(SavedSearch, search.id).known == ["a", "b"]
        assert session.scalars(select(Alert)).all() == []


def test_a_suspended_firm_is_no_news(
    change: Change, deliver: Deliver, cry: Round, letters: Callable[[], list[Letter]]
) -> None:
    change(lambda s: saver(s, "q=kranpr%C3%BCfung", frequency="daily"))
    cry()
    made = change(lambda s: make.offering(s, utc_now(), title="Kranprüfung eins"))
    deliver()
    cry()
    change(
        lambda s: s.execute(
            update(Organisation).where(Organisation.id == made.organisation_id).values(suspended_at=utc_now())
        )
    )
    cry.ahead = timedelta(days=1)
    cry()
    assert letters() == []
