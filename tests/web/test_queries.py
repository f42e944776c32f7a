"""What being signed in costs before a page asks anything of its own; for anybody else it costs nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import Engine, event, select, update
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from market import app
from market.accounts import people
from market.accounts.models import Organisation, Person
from market.accounts.sessions import BrowserSession
from market.db import Sessions
from market.values import utc_now
from market.viewer import OPERATOR
from market.web.endpoint import Ask, Call, endpoint, live
from tests import factories as make
from tests.matrix.test_matrix import starlette_of

MOST = 3


def bare(call: Call) -> Response:
    """A whole page, with head and menu, that asks the database nothing."""
    return call.render("errors/show.html", code=200, title="Leer", text="Leer")


async def bare_live(ask: Ask) -> Response:
    return ask.render("errors/show.html", code=200, title="Leer", text="Leer")


ROUTES = [
    Route("/probe/bare", endpoint(bare), name="probe:bare"),
    Route("/probe/bare-live", live(bare_live), name="probe:bare_live"),
]


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """Statements, without the beginnings and ends of transactions."""
    said: list[str] = []

    def before(connection: object, cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            said.append(statement)

    event.listen(engine, "before_cursor_execute", before)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", before)


@pytest.fixture
def routes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "ROUTES", [*ROUTES, *app.ROUTES])


@pytest.mark.parametrize("path", ["/probe/bare", "/probe/bare-live"])
def test_a_signed_in_page_costs_three_queries_at_most_before_its_own(
    routes: None, enter: Callable[..., TestClient], sessions: Sessions, path: str
) -> None:
    member = enter("adm@probe.example", "admin", "editor")
    with sessions.begin() as session:  # two more firms, and things kept in two of them
        person = session.scalars(select(Person)).one()
        for number in range(2):
            other = make.organisation(session, utc_now(), name=f"Zweite {number}")
            people.join(session, OPERATOR, person, other, ("reader",), utc_now())
        firm = session.scalars(select(Organisation).where(Organisation.name == "Probe GmbH")).one()
        offering = make.offering(session, utc_now(), firm)
    assert member.post("/shortlists/keep", data={"item": f"o{offering.ref}"}).status_code < 500
    member.get(path)
    with counted(starlette_of(member.app).state.engine) as said:
        page = member.get(path)
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store", "it knew who asks"
    assert 1 <= len(said) <= MOST, said


def test_the_page_that_notes_the_visit_changes_one_row_afterwards(
    routes: None, enter: Callable[..., TestClient], sessions: Sessions
) -> None:
    member = enter("adm@probe.example", "admin")
    with sessions.begin() as session:
        session.execute(update(BrowserSession).values(seen_at=utc_now() - timedelta(hours=1)))
    with counted(starlette_of(member.app).state.engine) as said:
        assert member.get("/probe/bare").status_code == 200
    writes = [statement for statement in said if not statement.lstrip().upper().startswith("SELECT")]
    assert len(writes) == 1, said
    assert len(said) <= MOST + 2, said


@pytest.mark.parametrize("path", ["/probe/bare", "/probe/bare-live"])
def test_without_a_cookie_no_query_is_made(routes: None, window: Callable[[], TestClient], path: str) -> None:
    stranger = window()
    with counted(starlette_of(stranger.app).state.engine) as said:
        assert stranger.get(path).status_code == 200
    assert said == []
