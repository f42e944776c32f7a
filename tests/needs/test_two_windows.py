"""Two windows on one need: the older one is asked, keeps what was typed and never overwrites silently."""

import re
from collections.abc import Callable

from sqlalchemy import select
from starlette.testclient import TestClient

from market.db import Sessions
from market.needs.models import Need
from market.needs.parts import Criterion, Item, Question, Requirement
from tests.needs.test_desk import day, draft, only_need, staff

Enter = Callable[..., TestClient]
Keyed = Callable[[], None]
ITEMS = {"item-rows": "1", "item-title-0": "Gerüst", "item-quantity-0": "80", "item-unit-0": "MTK"}
TASKS = [
    ("basics", {"lang": "de", "title_de": "Gerüst am Turm"}, {"lang": "de", "title_de": "Gerüst am Silo"}),
    ("place", {"place": "Guben", "site": "Tor 7"}, {"place": "Guben", "site": "Tor 9"}),
    ("items", ITEMS, ITEMS | {"item-quantity-0": "95", "item-title-0": "Gerüst mit Treppe"}),
    (
        "requirements",
        {"req-rows": "1", "req-title-0": "Vier Monteure"},
        {"req-rows": "1", "req-title-0": "Fünf Monteure"},
    ),
    (
        "criteria",
        {"crit-rows": "1", "crit-title-0": "Preis allein", "crit-weight-0": "100", "crit-is_price-0": "yes"},
        {"crit-rows": "1", "crit-title-0": "Preis und sonst nichts", "crit-weight-0": "100"},
    ),
    (
        "periods",
        {"bids_day": day(21), "bids_time": "12:00", "decision_by": day(41)},
        {"bids_day": day(21), "bids_time": "10:17", "decision_by": day(43)},
    ),
    (
        "audience",
        {"visibility": "verified", "late_policy": "refuse"},
        {"visibility": "public", "late_policy": "extend"},
    ),
]


def seen(page: str) -> str:
    return re.findall(r'name="seen" value="(\w+)"', page)[0]


def kept(sessions: Sessions) -> list[object]:
    """Everything these tasks write."""
    with sessions() as session:
        need = session.scalars(select(Need)).one()
        rows = [session.execute(select(model.title)).scalars().all() for model in (Item, Requirement, Criterion)]
        rows.append(session.execute(select(Item.quantity)).scalars().all())
        facts = (need.title, need.site, need.bids_until, need.decision_by, need.visibility, need.late_policy)
        return [*rows, *facts]


def test_the_older_window_is_asked_and_keeps_what_was_typed(enter: Enter, sessions: Sessions) -> None:
    bea, _ = staff(enter)
    ref = draft(bea)
    for task, first, second in TASKS:
        path = f"/me/needs/{ref}/{task}"
        old = seen(bea.get(path).text)
        assert bea.post(path, data=first | {"seen": old}).status_code == 303, task
        held = kept(sessions)
        asked = bea.post(path, data=second | {"seen": old})
        assert (asked.status_code, "in einem anderen Fenster geändert" in asked.text) == (409, True), task
        assert kept(sessions) == held, task
        typed = [value for value in second.values() if value not in first.values()]
        assert [value for value in typed if f'value="{value}"' not in asked.text] == []
        assert bea.post(path, data=second | {"seen": seen(asked.text)}).status_code == 303, task
        assert kept(sessions) != held, task


def test_a_form_sent_twice_is_no_contradiction(enter: Enter, sessions: Sessions) -> None:
    bea, _ = staff(enter)
    ref = draft(bea)
    path = f"/me/needs/{ref}/items"
    given = ITEMS | {"seen": seen(bea.get(path).text)}
    assert [bea.post(path, data=given).status_code for _ in range(2)] == [303, 303]
    with sessions() as session:
        assert session.scalars(select(Item.title)).all() == ["Gerüst"]


def test_lots_in_another_order_make_an_older_window_of_requirements_ask(enter: Enter, sessions: Sessions) -> None:
    bea, _ = staff(enter)
    ref = draft(bea)
    given = {"req-rows": "1", "req-title-0": "Nur im Norden", "req-lot-0": "1"}
    given["seen"] = seen(bea.get(f"/me/needs/{ref}/requirements").text)
    bea.post(f"/me/needs/{ref}/items", data=ITEMS | {"lot-rows": "1", "lot-title-0": "Süd"})
    assert bea.post(f"/me/needs/{ref}/requirements", data=given).status_code == 409


def test_a_change_of_a_published_need_asks_too_and_makes_no_version(enter: Enter, sessions: Sessions) -> None:
    bea, _ = staff(enter)
    ref = draft(bea, "information")
    bea.post(f"/me/needs/{ref}", data={"do": "publish"})
    path = f"/me/needs/{ref}/place"
    old = seen(bea.get(path).text)
    given = {"place": "Guben", "site": "Tor 7", "execution_from": day(60), "reason": "Tor 2 ist gesperrt."}
    assert bea.post(path, data=given | {"seen": old}).status_code == 303
    asked = bea.post(path, data=given | {"seen": old, "site": "Tor 9", "reason": "Tor 7 ist es auch nicht."})
    assert (asked.status_code, "Tor 7 ist es auch nicht." in asked.text) == (409, True)
    assert (only_need(sessions).site, only_need(sessions).version) == ("Tor 7", 2)


def test_what_was_typed_into_a_draft_handed_in_meanwhile_still_stands_there(
    enter: Enter, sessions: Sessions, keyed: Keyed
) -> None:
    bea, _ = staff(enter)
    keyed()
    ref = draft(bea)
    before = kept(sessions)
    bea.post(f"/me/needs/{ref}", data={"do": "submit"})
    answer = bea.post(f"/me/needs/{ref}/items", data=ITEMS | {"item-title-0": "Gerüst, lange überlegt"})
    assert (answer.status_code, "Gerüst, lange überlegt" in answer.text) == (409, True)
    assert kept(sessions) == before


def test_nobody_approves_what_was_changed_since_it_was_read(enter: Enter, sessions: Sessions, keyed: Keyed) -> None:
    bea, ada = staff(enter)
    keyed()
    ref = draft(bea)
    bea.post(f"/me/needs/{ref}", data={"do": "submit"})
    read = seen(ada.get(f"/me/needs/{ref}").text)
    ada.post(f"/me/needs/{ref}", data={"do": "refuse", "reason": "Bitte mit Treppe."})
    bea.post(f"/me/needs/{ref}/items", data=ITEMS)
    bea.post(f"/me/needs/{ref}", data={"do": "submit"})
    assert ada.post(f"/me/needs/{ref}", data={"do": "approve", "seen": read}).status_code == 409
    assert only_need(sessions).stage == "approval"
    again = seen(ada.get(f"/me/needs/{ref}").text)
    assert ada.post(f"/me/needs/{ref}", data={"do": "approve", "seen": again}).status_code == 303


def test_an_answer_that_came_second_is_shown_to_its_writer(enter: Enter, sessions: Sessions) -> None:
    bea, _ = staff(enter)
    ref = draft(bea, "information")
    bea.post(f"/me/needs/{ref}", data={"do": "publish"})
    fred = enter("fred@firma.example", "admin", firm="Fragende Firma GmbH")
    fred.post(f"/needs/{ref}/questions", data={"text": "Ist der Abbau enthalten?"})
    with sessions() as session:
        question = session.scalars(select(Question.ref)).one()
    path = f"/me/needs/{ref}/questions/{question}"
    assert bea.post(path, data={"answer": "Ja, der Abbau gehört dazu."}).status_code == 303
    second = bea.post(path, data={"answer": "Nein, der Abbau ist Ihre Sache."})
    assert (second.status_code, "Nein, der Abbau ist Ihre Sache." in second.text) == (409, True)
