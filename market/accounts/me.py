"""`/me`: where somebody who signed in begins. Slices above add what they have to say to `TODOS`."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from market.accounts import people, sessions
from market.accounts.models import Member, Organisation
from market.errors import NotFound, SignInFirst
from market.web.endpoint import Ask, Call, endpoint

MOST = 5
"""Things to do that are shown at once; the others stand below, folded, with their number."""
WAITED_FOR, RUNS_OUT, SOON, LATER = range(4)
"""How urgent: somebody waits for an answer; something is lost without one; it helps; nothing is lost by waiting."""


@dataclass(frozen=True)
class Todo:
    """One thing to do today: a count, what it is and where to do it."""

    count: int | str
    """`?` where it could not be counted in time."""
    text: str
    more: str
    href: str
    urgency: int = SOON


TODOS: list[Callable[[Call, Organisation], list[Todo]]] = []


def signed_in(call: Call) -> None:
    """Send somebody who is not signed in to the sign-in page, and back here afterwards. Raises SignInFirst."""
    if not call.viewer.is_signed_in:
        raise SignInFirst


def own(call: Call) -> Organisation:
    """The organisation the viewer acts for. Raises SignInFirst, and NotFound for somebody without one."""
    signed_in(call)
    organisation = call.session.get(Organisation, call.viewer.organisation_id or 0)
    if organisation is None:
        raise NotFound("you act for no organisation")
    return organisation


def operator_only(ask: Ask) -> None:
    """The operator's pages are not there for anybody else. Raises NotFound."""
    if not ask.viewer.is_operator:
        raise NotFound("no such page")


def me(call: Call) -> Response:
    signed_in(call)
    assert call.viewer.person_id is not None
    organisation = call.session.get(Organisation, call.viewer.organisation_id or 0)
    todos = [todo for more in TODOS for todo in more(call, organisation)] if organisation else []
    todos.sort(key=lambda todo: todo.urgency)
    return call.render(
        "accounts/me.html",
        organisation=organisation,
        memberships=people.memberships(call.session, call.viewer.person_id),
        todos=todos[:MOST],
        further=todos[MOST:],
        hot=WAITED_FOR,
    )


def act_for(call: Call) -> Response:
    """Act for another of one's organisations."""
    signed_in(call)
    query = select(Member).join(Member.organisation)
    member = call.session.scalar(
        query.where(
            Member.person_id == call.viewer.person_id,
            Member.ended_at.is_(None),
            Organisation.ref == str(call.form.get("organisation", "")),
        )
    )
    if member is None:
        raise NotFound("no such organisation of yours")
    assert call.viewer.session_id is not None
    sessions.act_for(call.session, call.viewer.session_id, member)
    return RedirectResponse(call.link("me"), 303)


routes: list[BaseRoute] = [
    Route("/me", endpoint(me), name="me", methods=["GET"]),
    Route("/me/organisation", endpoint(act_for), name="me:act_for", methods=["POST"]),
]
