"""The inbox: where the firm stands, what an answer takes, and what of it the buyer learns."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from market.accounts import sessions as door
from market.accounts.models import Organisation, Person
from market.db import Sessions
from market.needs import questions
from market.needs import service as needs
from market.needs.models import Need
from market.notifications import service
from market.notifications.models import Notice
from market.values import local_day, utc_now
from tests import factories as make
from tests.factories import TESTER
from tests.notifications.conftest import fitting, member, wanted

Change = Callable[[Callable[[Session], Any]], Any]
Enter = Callable[..., TestClient]


@pytest.fixture
def enter(window: Callable[[], TestClient], sessions: Sessions) -> Enter:
    """A window in which somebody of the firm is signed in."""

    def open_one(firm: Organisation, *roles: str) -> TestClient:
        client = window()
        with sessions.begin() as session:
            person: Person = member(session, firm, *(roles or ("bidder",)))
            session.flush()
            token, _ = door.start(session, person, "link", utc_now(), agent="Firefox")
        client.cookies.set("session", token)
        return client

    return open_one


def notice(session: Session, firm: Organisation, need: Need, **fields: Any) -> Notice:
    made = Notice(organisation_id=firm.id, need_id=need.id, created_at=utc_now(), **fields)
    session.add(made)
    session.flush()
    return made


def test_a_firm_watches_passes_with_a_reason_and_takes_it_back(
    change: Change, sessions: Sessions, enter: Enter
) -> None:
    day = local_day(utc_now()) + timedelta(days=30)
    firm = change(lambda s: fitting(s, "Musterrohr GmbH"))
    need = change(lambda s: wanted(s, certificates=("iso-9001", "scc"), execution_from=day))
    change(lambda s: make.certificate(s, utc_now(), s.get_one(Organisation, firm.id), valid_until=day))
    reasons = {"de": ["Gleiches Gewerk: Rohrleitungsbau"], "en": [], "pl": []}
    one = change(lambda s: notice(s, firm, need, reasons=reasons))
    client = enter(firm)
    page = client.get("/me/inbox").text
    assert "Gleiches Gewerk: Rohrleitungsbau" in page
    assert "Sie haben 1 von 2 Nachweisen" in page
    assert "noch 20 Tage" in page
    assert "Neuer Bedarf in Ihrem Eingang" in client.get("/me").text
    path = f"/me/inbox/{one.ref}"
    client.post(path, data={"stage": "watching"})
    assert "noch" in client.get("/me/inbox?stage=watching").text
    assert client.post(path, data={"stage": "passed"}).headers["location"].endswith(f"#pass-{one.ref}")
    client.post(path, data={"stage": "passed", "reason": "capacity"})
    assert "keine Kapazität" in client.get("/me/inbox?stage=passed").text
    client.post(path, data={"stage": "back"})
    with sessions() as session:
        now_at = session.get_one(Notice, one.id)
        assert (now_at.stage, now_at.reason) == ("watching", "")
    assert client.post(path, data={"stage": "won"}).status_code == 409
    assert enter(firm, "reader").post(path, data={"stage": "passed", "reason": "scope"}).status_code == 403


def test_the_inbox_of_a_firm_is_nobody_elses(change: Change, enter: Enter) -> None:
    firm, other = change(lambda s: fitting(s, "Musterrohr GmbH")), change(lambda s: fitting(s, "Fremd GmbH"))
    need = change(wanted)
    one = change(lambda s: notice(s, firm, need))
    client = enter(other)
    assert need.title not in client.get("/me/inbox").text
    assert client.post(f"/me/inbox/{one.ref}", data={"stage": "watching"}).status_code == 404


def test_any_open_need_can_be_watched_from_its_page_but_not_ones_own_or_a_draft(change: Change, enter: Enter) -> None:
    firm = change(lambda s: fitting(s, "Musterrohr GmbH"))
    need, draft = change(wanted), change(lambda s: wanted(s, stage="draft"))
    own = change(lambda s: make.need(s, utc_now(), s.get_one(Organisation, firm.id)))
    client = enter(firm)
    page = f"/needs/{need.ref}/{need.slug}"
    assert "In Ihrem Eingang" not in client.get(page).text
    assert client.post(f"/needs/{need.ref}/watch").headers["location"] == page
    assert "In Ihrem Eingang: Beobachtet" in client.get(page).text
    assert need.title in client.get("/me/inbox?stage=watching").text
    assert client.post(f"/needs/{own.ref}/watch").status_code == 403
    assert client.post(f"/needs/{draft.ref}/watch").status_code == 404
    assert client.post(f"/needs/{need.ref}/watch").headers["location"] == page
    assert need.title not in client.get("/me/inbox?stage=watching").text


def test_who_takes_a_need_up_in_the_inbox_hears_of_its_changes_and_who_passes_no_longer(
    change: Change, sessions: Sessions, enter: Enter
) -> None:
    firm, need = change(lambda s: fitting(s, "Musterrohr GmbH")), change(wanted)
    one = change(lambda s: notice(s, firm, need))
    client = enter(firm)
    for stage, hears in (("watching", True), ("preparing", True), ("passed", False)):
        client.post(f"/me/inbox/{one.ref}", data={"stage": stage, "reason": "scope"})
        with sessions() as session:
            told = questions.followers(session, session.get_one(Need, need.id))
        assert ([each.id for each in told] == [firm.id]) is hears


def test_the_buyer_learns_why_firms_pass_from_three_on_and_never_who(change: Change, enter: Enter) -> None:
    need = change(wanted)
    page = f"/needs/{need.ref}/{need.slug}"

    def passes(name: str, reason: str) -> Organisation:
        def work(session: Session) -> Organisation:
            firm = fitting(session, name)
            service.move(session, TESTER, notice(session, firm, need), "passed", reason, utc_now())
            return firm

        firm: Organisation = change(work)
        return firm

    buyer = enter(need.organisation, "buyer")
    passes("Eins GmbH", "capacity")
    passes("Zwei GmbH", "capacity")
    assert "Warum Firmen" not in buyer.get(page).text
    firm = passes("Drei GmbH", "scope")
    text = buyer.get(page).text
    assert "Zu dieser Zeit keine Kapazität: 2" in text
    assert "Nicht unsere Art von Arbeit: 1" in text
    assert "Drei GmbH" not in text
    assert "Warum Firmen" not in enter(firm).get(page).text


def test_what_is_over_leaves_the_inbox_and_later_the_database(change: Change, sessions: Sessions, enter: Enter) -> None:
    firm = change(lambda s: fitting(s, "Musterrohr GmbH"))
    idle = change(lambda s: wanted(s, title="Nie angesehen", stage="closed"))
    taken = change(lambda s: wanted(s, title="Beobachtet", stage="closed"))
    change(lambda s: notice(s, firm, idle))
    change(lambda s: notice(s, firm, taken, stage="watching"))
    client = enter(firm)
    assert "Nie angesehen" not in client.get("/me/inbox").text
    assert "Beobachtet" in client.get("/me/inbox?stage=watching").text

    def tidy(days: int) -> None:
        change(lambda s: service.tidy(s, utc_now() + timedelta(days=days)))

    for days, left in ((100, {idle.id, taken.id}), (200, {taken.id}), (800, set())):
        tidy(days)
        with sessions() as session:
            assert set(session.scalars(select(Notice.need_id))) == left


def test_a_need_that_was_taken_back_is_gone_from_the_inbox_too(change: Change, enter: Enter) -> None:
    firm, need = change(lambda s: fitting(s, "Musterrohr GmbH")), change(wanted)
    change(lambda s: notice(s, firm, need, stage="watching"))
    client = enter(firm)
    assert need.title in client.get("/me/inbox?stage=watching").text
    change(lambda s: needs.move(s, TESTER, s.get_one(Need, need.id), "withdraw", utc_now()))
    assert need.title not in client.get("/me/inbox?stage=watching").text


def test_a_buyers_day_names_decisions_and_deadlines(change: Change, enter: Enter) -> None:
    now = utc_now()
    buyer = change(lambda s: make.organisation(s, now, name="Werk SE", is_partner=True))

    def post(session: Session) -> None:
        own = session.get_one(Organisation, buyer.id)
        make.need(session, now, own, title="Endet bald", bids_until=now + timedelta(days=2))
        make.need(session, now, own, title="Endet spät", bids_until=now + timedelta(days=40))
        due = local_day(now) + timedelta(days=3)
        make.need(session, now, own, title="Versiegelt", stage="closed", procedure="tender", decision_by=due)
        make.need(session, now, own, title="Hat Zeit", stage="closed", decision_by=due + timedelta(days=30))

    client = enter(buyer, "buyer")
    change(post)
    page = client.get("/me").text
    for said in ("Entscheidung steht an", "Frist Ihres Bedarfs", "Endet bald"):
        assert said in page
    for other in ("Endet spät", "Hat Zeit"):
        assert other not in page


def test_an_overdue_decision_is_called_so_before_whoever_decides_and_on_the_page_of_the_need(
    change: Change, enter: Enter
) -> None:
    now = utc_now()
    buyer, firm = (
        change(lambda s, name=name: make.organisation(s, now, name=name)) for name in ("Werk SE", "Rohr GmbH")
    )

    def post(session: Session) -> str:
        own = session.get_one(Organisation, buyer.id)
        own.is_partner = True
        fields = {"stage": "evaluation", "decision_by": local_day(now) - timedelta(days=4)}
        need = make.need(session, now, own, title="Lok auf Zeit", **fields)
        make.need(session, now, own, title="Steht an", stage="closed", decision_by=local_day(now))
        session.flush()
        make.bid(session, now, need, organisation=session.get_one(Organisation, firm.id), state="opened")
        return need.ref

    ref, late = change(post), "seit 4 Tagen überfällig"
    client = enter(buyer, "buyer")
    page = client.get("/me").text
    assert "Entscheidung überfällig" in page
    assert late in page
    assert f'href="/me/needs/{ref}"' in page
    assert "Entscheidung steht an" in page
    assert late in client.get("/me/needs").text
    assert "wer geboten hat, wartet auf Antwort" in client.get(f"/me/needs/{ref}").text
    other = enter(buyer, "opener").get("/me").text
    assert not any(said in other for said in ("Entscheidung überfällig", "Entscheidung steht an"))
    bidder = enter(firm, "bidder")
    assert "noch nicht entschieden" in bidder.get(f"/needs/{ref}/lok-auf-zeit").text
    assert "und hat es noch nicht getan" in bidder.get(f"/needs/{ref}/bid").text
    change(lambda s: setattr(s.scalars(select(Need).where(Need.ref == ref)).one(), "stage", "awarded"))
    for window, path in (
        (client, f"/me/needs/{ref}"),
        (bidder, f"/needs/{ref}/lok-auf-zeit"),
        (bidder, f"/needs/{ref}/bid"),
    ):
        said = window.get(path).text
        assert not any(word in said for word in ("noch nicht entschieden", "noch nicht getan", "wartet auf Antwort")), (
            path
        )
