"""A partner's projects: work packages in order, the drafts made of them, what is due, and who sees it."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from market.accounts.models import Organisation, Person
from market.db import Sessions
from market.journal import Entry
from market.needs.models import Need
from market.projects import personal
from market.projects.models import Project, WorkPackage
from market.values import local_day, utc_now
from tests import factories as make

PROJECT = {"name": "Sommerstillstand", "place": "15890", "site": "Warmwalzwerk", "description": "Drei Wochen."}


@pytest.fixture
def bea(enter: Callable[..., TestClient]) -> TestClient:
    return enter("bea@werk.example", "buyer", firm="Werk SE", is_partner=True)


def day(after: int) -> str:
    return (local_day(utc_now()) + timedelta(days=after)).isoformat()


def begun(bea: TestClient, *titles: str) -> str:
    """The address of a project with these work packages."""
    answer = bea.post("/me/projects/new", data=PROJECT | {"starts_on": day(60), "ends_on": day(81)})
    assert answer.status_code == 303, answer.text
    place: str = answer.headers["location"]
    for title in titles:
        assert bea.post(f"{place}/packages/new", data={"title": title}).status_code == 303
    return place


def packages(sessions: Sessions) -> list[WorkPackage]:
    with sessions() as session:
        return list(session.scalars(select(WorkPackage).order_by(WorkPackage.place)))


def test_whom_the_form_offers_becomes_the_contact_and_may_be_taken_out(bea: TestClient, sessions: Sessions) -> None:
    offered = re.search(r'<option value="(\d+)" selected', bea.get("/me/projects/new").text)
    assert offered
    answer = bea.post("/me/projects/new", data=PROJECT | {"contact": offered[1]})
    assert answer.status_code == 303, answer.text
    place = answer.headers["location"]
    with sessions() as session:
        assert session.scalars(select(Project)).one().contact_id == int(offered[1])
        person = session.get_one(Person, int(offered[1]))
        name = person.shown
    assert name in bea.get(place).text
    edit = bea.get(f"{place}/edit").text
    seen = re.search(r'name="seen" value="([^"]+)"', edit)
    assert seen
    assert bea.post(f"{place}/edit", data=PROJECT | {"contact": "", "seen": seen[1]}).status_code == 303
    with sessions() as session:
        assert session.scalars(select(Project)).one().contact_id is None


def test_a_draft_made_of_a_package_has_its_site_dates_and_title(bea: TestClient, sessions: Sessions) -> None:
    place = begun(bea, "Gerüst")
    more = {"title": "Gerüst am Ofen", "site": "Tor 2", "starts_on": day(62), "description": "Auf- und Abbau"}
    (package,) = packages(sessions)
    assert bea.post(f"{place}/packages/{package.ref}", data=more).status_code == 303
    drafted = bea.post(f"{place}/packages/{package.ref}/act", data={"do": "draft", "procedure": "tender"})
    assert drafted.status_code == 303
    with sessions() as session:
        need = session.scalars(select(Need)).one()
        assert (need.title, need.site, need.description) == ("Gerüst am Ofen", "Tor 2", "Auf- und Abbau")
        assert (need.stage, need.procedure, need.town, need.postcode) == (
            "draft",
            "tender",
            "Eisenhüttenstadt",
            "15890",
        )
        assert need.lat is not None
        assert (str(need.execution_from), str(need.execution_until)) == (day(62), day(81))
        assert session.scalars(select(Entry).where(Entry.verb == "projects.need_drafted")).one().data["project"]
    assert "Projekt: Sommerstillstand" in bea.get(drafted.headers["location"]).text
    again = bea.post(f"{place}/packages/{package.ref}/act", data={"do": "draft", "procedure": "tender"})
    assert again.status_code == 409
    assert "hat schon einen Bedarf" in again.text


def test_a_draft_without_a_procedure_is_asked_for_one(bea: TestClient, sessions: Sessions) -> None:
    place = begun(bea, "Gerüst")
    answer = bea.post(f"{place}/packages/{packages(sessions)[0].ref}/act", data={"do": "draft", "procedure": "luck"})
    assert answer.status_code == 422
    assert 'id="procedure-error"' in answer.text


def test_packages_change_their_order_and_leave_without_their_need(bea: TestClient, sessions: Sessions) -> None:
    place = begun(bea, "Gerüst", "Kran", "Rohre")
    last = packages(sessions)[2]
    for _ in range(3):
        assert bea.post(f"{place}/packages/{last.ref}/act", data={"do": "up"}).status_code == 303
    assert [one.title for one in packages(sessions)] == ["Rohre", "Gerüst", "Kran"]
    bea.post(f"{place}/packages/{last.ref}/act", data={"do": "draft", "procedure": "quotation"})
    assert bea.post(f"{place}/packages/{last.ref}/act", data={"do": "remove"}).status_code == 303
    assert [(one.place, one.title) for one in packages(sessions)] == [(1, "Gerüst"), (2, "Kran")]
    with sessions() as session:
        assert session.scalars(select(Need.title)).one() == "Rohre"


def test_a_package_points_to_a_need_of_ones_own_that_no_other_has(bea: TestClient, sessions: Sessions) -> None:
    place = begun(bea, "Gerüst", "Kran")
    with sessions.begin() as session:
        werk = session.scalars(select(Organisation).where(Organisation.name == "Werk SE")).one()
        own = make.need(session, utc_now(), werk, title="Gerüst stellen")
        foreign = make.need(session, utc_now(), title="Fremder Bedarf")
        session.flush()
        refs = own.ref, foreign.ref
    first, second = packages(sessions)
    page = bea.get(f"{place}/packages/{first.ref}").text
    assert "Gerüst stellen" in page
    assert "Fremder Bedarf" not in page
    assert bea.post(f"{place}/packages/{first.ref}", data={"title": "Gerüst", "need": refs[1]}).status_code == 422
    assert bea.post(f"{place}/packages/{first.ref}", data={"title": "Gerüst", "need": refs[0]}).status_code == 303
    assert bea.post(f"{place}/packages/{second.ref}", data={"title": "Kran", "need": refs[0]}).status_code == 422
    assert f"/me/needs/{refs[0]}" in bea.get(place).text


def test_deadlines_and_decisions_stand_in_their_order(bea: TestClient, sessions: Sessions) -> None:
    place = begun(bea, "Gerüst", "Kran")
    today = local_day(utc_now())
    with sessions.begin() as session:
        werk = session.scalars(select(Organisation).where(Organisation.name == "Werk SE")).one()
        out = make.need(session, utc_now(), werk, title="Gerüst stellen")
        late = make.need(session, utc_now(), werk, title="Kran", stage="closed", decision_by=today - timedelta(days=1))
        first, second = session.scalars(select(WorkPackage).order_by(WorkPackage.place))
        first.need, second.need = out, late
    page = bea.get(place).text
    coming = page[page.index('id="h-next"') :]
    assert re.findall(r"<strong>(.*?):", coming) == ["Entscheidung spätestens", "Gebote bis"]
    assert "überfällig" in coming
    refused = bea.post(place, data={"do": "close"})
    assert refused.status_code == 409
    assert "läuft noch" in refused.text


def test_a_closed_project_is_read_and_not_changed(bea: TestClient, sessions: Sessions) -> None:
    place = begun(bea, "Gerüst")
    package = packages(sessions)[0]
    assert bea.post(place, data={"do": "close"}).status_code == 303
    assert bea.post(place, data={"do": "close"}).status_code == 409
    for path, form in (
        (f"{place}/edit", PROJECT | {"name": "Anders"}),
        (f"{place}/packages/new", {"title": "Kran"}),
        (f"{place}/packages/{package.ref}", {"title": "Kran"}),
        (f"{place}/packages/{package.ref}/act", {"do": "remove"}),
        (f"{place}/packages/{package.ref}/act", {"do": "draft", "procedure": "tender"}),
    ):
        refused = bea.post(path, data=form)
        assert refused.status_code == 409, path
        assert "Öffnen Sie es wieder" in refused.text
    assert f"{place}/edit" not in bea.get(place).text
    assert bea.post(place, data={"do": "reopen"}).status_code == 303
    assert bea.post(f"{place}/packages/new", data={"title": "Kran"}).status_code == 303


def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(bea: TestClient) -> None:
    wrong = {"name": "", "place": "Nirgendwohausen", "starts_on": day(9), "ends_on": day(2), "contact": "999999"}
    answer = bea.post("/me/projects/new", data=PROJECT | wrong)
    assert answer.status_code == 422
    assert 'id="name-error"' in answer.text
    answer = bea.post("/me/projects/new", data=PROJECT | wrong | {"name": "Stillstand"})
    for field in ("place", "ends_on", "contact"):
        assert f'id="{field}-error"' in answer.text
    assert "Nirgendwohausen" in answer.text


def test_the_older_of_two_windows_decides_before_it_overwrites(bea: TestClient, sessions: Sessions) -> None:
    place = begun(bea, "Gerüst")
    for path, field in ((f"{place}/edit", "name"), (f"{place}/packages/{packages(sessions)[0].ref}", "title")):
        seen = re.search(r'name="seen" value="(\w+)"', bea.get(path).text)
        assert seen
        assert bea.post(path, data=PROJECT | {field: "Zuerst", "seen": seen[1]}).status_code == 303
        late = bea.post(path, data=PROJECT | {field: "Danach", "seen": seen[1]})
        assert late.status_code == 409
        assert "Danach" in late.text
        assert "<dd>Zuerst</dd>" in late.text
        decided = re.search(r'name="seen" value="(\w+)"', late.text)
        assert decided
        assert bea.post(path, data=PROJECT | {field: "Danach", "seen": decided[1]}).status_code == 303


def test_nobody_else_learns_of_a_project(
    bea: TestClient, enter: Callable[..., TestClient], window: Callable[[], TestClient], sessions: Sessions
) -> None:
    place = begun(bea, "Gerüst")
    package = f"{place}/packages/{packages(sessions)[0].ref}"
    other = enter("ole@hafen.example", "admin", firm="Hafen AG", is_partner=True)
    firm = enter("fia@firma.example", "admin", firm="Firma GmbH")
    reader = enter("rita@werk.example", "reader", firm="Werk SE")
    for path in (place, f"{place}/edit", package, f"{place}/packages/new"):
        assert [who.get(path).status_code for who in (other, firm)] == [404, 404]
        assert window().get(path).status_code == 303
    assert other.post(f"{package}/act", data={"do": "remove"}).status_code == 404
    assert "Sommerstillstand" not in other.get("/me/projects").text
    mixed = begun(other, "Kran")
    assert other.get(f"{mixed}/packages/{package.rpartition('/')[2]}").status_code == 404
    assert reader.get(place).status_code == 200
    assert [reader.get(path).status_code for path in (f"{place}/edit", package)] == [403, 403]
    assert reader.post(place, data={"do": "close"}).status_code == 403


def test_the_contact_is_told_of_and_forgotten(bea: TestClient, sessions: Sessions) -> None:
    with sessions() as session:
        person = session.scalars(select(Person.id).where(Person.email == "bea@werk.example")).one()
    begun(bea)
    with sessions.begin() as session:
        kept: Any = session.scalars(select(Project)).one()
        kept.contact_id = person
        session.flush()
        known = session.get(Person, person)
        assert known is not None
        assert personal.about(session, known)["contact_of_projects"][0]["name"] == "Sommerstillstand"
        personal.forget(session, known)
        session.expire_all()
        assert kept.contact_id is None
