"""With the clock held by hand: asked every month, sinking after 14 days, paused after 14 more, back with one click."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from market import clock
from market.accounts import people
from market.accounts.models import Organisation
from market.db import Sessions
from market.i18n import words
from market.mail.models import Letter
from market.offerings import service
from market.offerings.documents import offering_document
from market.offerings.models import Offering
from market.publishing import truth
from market.values import local_day, utc_now, week_of
from market.viewer import OPERATOR
from tests import factories as make

BASE = "http://testserver"


def firm(session: Session, now: datetime, *emails: str) -> Organisation:
    """With an editor for each address."""
    found = make.organisation(session, now)
    for email in emails:
        person = people.create(session, OPERATOR, now, email, name="Ute")
        people.join(session, OPERATOR, person, found, ("editor",), now)
    return found


def letters(session: Session, event: str) -> list[Letter]:
    query = select(Letter).where(Letter.event == f"publishing/{event}").order_by(Letter.id)
    return list(session.scalars(query))


def link(letter: Letter) -> str:
    found = re.search(rf"{BASE}(/\S*still-true/\S+)", letter.text)
    assert found, letter.text
    return found[1]


def test_a_month_without_an_answer(session: Session, now: datetime) -> None:
    mine = firm(session, now, "ute@probe.example", "jan@probe.example")
    one, two = make.offering(session, now, mine, title="Gerüste"), make.offering(session, now, mine, title="Kräne")
    draft = make.offering(session, now, mine, status="draft")

    def after(days: int) -> None:
        clock.tick(session, now + timedelta(days=days), BASE)
        clock.tick(session, now + timedelta(days=days, hours=1), BASE)

    after(29)
    assert not letters(session, "still_true")
    after(30)
    asked = letters(session, "still_true")
    assert sorted(letter.to for letter in asked) == ["jan@probe.example", "ute@probe.example"], "one a person, for both"
    assert "Gerüste" in asked[0].text
    assert "Kräne" in asked[0].text
    assert "Gerüste" in asked[0].html
    after(43)
    assert one.sunk_on is None
    after(44)
    assert (one.status, one.sunk_on) == ("published", local_day(now) + timedelta(days=44))
    assert offering_document(session, one, [], local_day(now))["unconfirmed"] == 1
    assert len(letters(session, "sunk")) == 2
    service.confirm(session, OPERATOR, two, now + timedelta(days=45))
    after(57)
    assert one.status == "published"
    after(58)
    assert (one.status, two.status, draft.status) == ("paused", "published", "draft")
    (paused, _) = letters(session, "paused")
    assert "Gerüste" in paused.text
    assert "Kräne" not in paused.text
    after(75)
    assert len(letters(session, "still_true")) == 4, "the confirmed one is asked for again a month later"
    assert len(letters(session, "paused")) == 2


def test_nobody_is_asked_for_firms_without_members_or_out_of_sight(session: Session, now: datetime) -> None:
    alone, gone = firm(session, now), firm(session, now, "weg@probe.example")
    offering = make.offering(session, now, alone)
    make.offering(session, now, gone)
    gone.suspended_at = now
    for days in (31, 60, 90):
        clock.tick(session, now + timedelta(days=days), BASE)
    assert offering.status == "published"
    assert not letters(session, "still_true")


def test_the_link_confirms_once_and_only_by_its_button(sessions: Sessions, window: Callable[[], TestClient]) -> None:
    now = utc_now()
    with sessions.begin() as session:
        mine = firm(session, now - timedelta(days=60), "ute@probe.example")
        one = make.offering(session, now - timedelta(days=31), mine, title="Gerüste")
        two = make.offering(session, now - timedelta(days=31), mine, title="Kräne")
        clock.tick(session, now, BASE)
        (letter,) = letters(session, "still_true")

    def stand(ref: str) -> Offering:
        with sessions() as session:
            return session.scalars(select(Offering).where(Offering.ref == ref)).one()

    scanner, reader = window(), window()
    for _ in range(3):
        assert scanner.get(link(letter)).status_code == 200
    assert stand(one.ref).asked_on is not None, "opening the link changes nothing"
    foreign = window().post(link(letter), headers={"sec-fetch-site": "cross-site"}, data={"offering": [one.ref]})
    assert foreign.status_code == 403
    page = reader.get(link(letter))
    assert "Gerüste" in page.text
    assert words("de")("Yes, still true") in page.text
    assert "noindex" in page.text
    assert reader.post(link(letter), data={"offering": [one.ref]}).status_code == 200
    assert (stand(one.ref).asked_on, stand(one.ref).confirmed_on) == (None, local_day(now))
    assert stand(two.ref).asked_on is not None, "without its tick nothing is said of it"
    again = reader.post(link(letter), data={"offering": [two.ref]})
    assert words("de")("There is nothing to confirm") in again.text
    assert stand(two.ref).asked_on is not None
    assert reader.get("/still-true/wrong").status_code == 410


def test_one_click_brings_back_what_paused(session: Session, now: datetime) -> None:
    mine = firm(session, now, "ute@probe.example")
    other = make.offering(session, now, firm(session, now))
    one = make.offering(session, now, mine)
    for days in (30, 44, 58):
        clock.tick(session, now + timedelta(days=days), BASE)
    assert one.status == "paused"
    token = link(letters(session, "paused")[0]).rsplit("/", 1)[1]
    question = truth.by_token(session, token)
    assert question is not None
    assert truth.answer(session, OPERATOR, question, [one.ref, other.ref], now + timedelta(days=60)) == 1
    assert (one.status, one.sunk_on) == ("published", None)


def test_a_pause_ends_on_its_day_and_blocked_weeks_move_the_first_free_day(session: Session, now: datetime) -> None:
    today = local_day(now)
    one = make.offering(session, now)
    service.pause(session, OPERATOR, one, now, today + timedelta(days=10))
    clock.tick(session, now + timedelta(days=9), BASE)
    assert one.status == "paused"
    clock.tick(session, now + timedelta(days=10), BASE)
    assert (one.status, one.paused_until) == ("published", None)
    monday = today + timedelta(days=7 - today.weekday())
    service.change(session, OPERATOR, one, now, blocked_weeks=(week_of(monday), week_of(monday + timedelta(weeks=1))))
    assert one.free_from(today) == today
    assert one.free_from(monday + timedelta(days=2)) == monday + timedelta(weeks=2)
    free = offering_document(session, one, [], monday)["available_on"]
    assert free == int((monday + timedelta(weeks=2)).strftime("%Y%m%d"))
    assert truth.blocked_this_week(session, week_of(monday)) == [one.id]


def test_the_unconfirmed_stand_below(
    sessions: Sessions, client: TestClient, deliver: Callable[[], int], now: datetime
) -> None:
    with sessions.begin() as session:
        mine = firm(session, now)
        refs = [make.offering(session, now, mine, title="Kesselreinigung Hochdruck").ref for _ in range(3)]
        sunk = session.scalars(select(Offering).where(Offering.ref == refs[0])).one()
        service.sink(session, sunk, local_day(now), now)
    deliver()
    for question in ("Kesselreinigung", "Reinigung von Kesseln mit Hochdruck", ""):
        hits = client.get("/api/v1/search/offerings", params={"q": question}).json()["hits"]
        assert {hit["ref"] for hit in hits} == set(refs)
        assert hits[-1]["ref"] == refs[0], question
