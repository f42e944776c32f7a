"""`/me/account`: one's own name and language, the browsers signed in, one's data to take along, and the end of it."""

import json
import secrets
from collections.abc import Callable
from typing import Any, Literal

from pydantic import field_validator
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from market import journal
from market.accounts import claims, people, sessions, step_up
from market.accounts.me import signed_in
from market.accounts.models import MAIL, Person
from market.accounts.passkeys import ceremony
from market.accounts.passkeys import models as passkeys
from market.errors import Conflict, NotFound
from market.i18n import N_
from market.journal import Entry
from market.mail.models import Letter
from market.web.cookies import drop_cookie
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled, Form, read

ABOUT: list[Callable[[Session, Person], dict[str, Any]]] = []
"""What higher slices add to the personal export, by its key."""
FORGET: list[Callable[[Session, Person], None]] = []
"""What higher slices do when a person goes."""


class AccountForm(Form):
    name: str
    language: Literal["de", "en", "pl"]

    @field_validator("name")
    @classmethod
    def is_short(cls, value: str) -> str:
        if len(value) > 120:
            raise ValueError(N_("Please write it shorter, with at most 120 characters."))
        return value


def _me(call: Call) -> Person:
    signed_in(call)
    return call.session.get_one(Person, call.viewer.person_id)


def account(call: Call) -> Response:
    person = _me(call)
    return page(call, person)


def page(
    call: Call, person: Person, filled: Filled[AccountForm] | None = None, *, said: str = "", status: int = 200
) -> Response:
    """`said` is what went wrong with a passkey."""
    return call.render(
        "accounts/account.html",
        status=status,
        person=person,
        filled=filled or Filled({"name": person.name, "language": person.language}),
        by_link=person.issuer == MAIL,
        passkeys=passkeys.of_person(call.session, person.id),
        takes_passkeys=ceremony.site_of(call.request.app.state.settings) is not None,
        confirmed=step_up.is_fresh(call.session, call.viewer, call.now),
        said=said,
        browsers=sessions.of_person(call.session, person.id, call.now),
    )


def change(call: Call) -> Response:
    person = _me(call)
    filled = read(call.form, AccountForm, call.words)
    if filled.data is None:
        return page(call, person, filled, status=422)
    if (person.name, person.language) != (filled.data.name, filled.data.language):
        person.name, person.language = filled.data.name, filled.data.language
        journal.record(call.session, call.viewer, "accounts.person_changed", person, call.now, tell=())
    return call.redirect("account")


def end_browser(call: Call, number: int) -> Response:
    """Sign one browser out; somebody else's looks like none."""
    person = _me(call)
    if number not in {row.id for row in sessions.of_person(call.session, person.id, call.now)}:
        raise NotFound("no such browser of yours")
    sessions.end(call.session, number)
    return call.redirect("account")


def end_all(call: Call) -> Response:
    """Sign out everywhere else."""
    person = _me(call)
    ended = sessions.end_all(call.session, person.id, but=call.viewer.session_id)
    data: dict[str, object] = {"ended": ended}
    journal.record(call.session, call.viewer, "accounts.signed_out_everywhere", person, call.now, tell=(), data=data)
    return call.redirect("account")


def export(call: Call) -> Response:
    """Everything kept about the person, as JSON."""
    person = _me(call)
    text = json.dumps(about(call, person), ensure_ascii=False, indent=2)
    headers = {"content-disposition": 'attachment; filename="werkplatz-my-data.json"'}
    return Response(text, media_type="application/json", headers=headers)


def about(call: Call, person: Person) -> dict[str, Any]:
    entries = call.session.scalars(select(Entry).where(Entry.actor == f"person:{person.ref}").order_by(Entry.id))
    letters = call.session.scalars(select(Letter).where(Letter.to == person.email).order_by(Letter.id))
    return {
        "person": {
            "reference": person.ref,
            "name": person.name,
            "email": person.email,
            "language": person.language,
            "signs_in_with": person.issuer,
            "since": person.created_at.isoformat(),
            "last_signed_in": person.signed_in_at.isoformat() if person.signed_in_at else None,
        },
        "memberships": [
            {"organisation": m.organisation.name, "roles": list(m.roles), "since": m.created_at.isoformat()}
            for m in people.memberships(call.session, person.id)
        ],
        "take_overs": [
            {
                "organisation": claim.organisation.name,
                "asked": claim.created_at.isoformat(),
                "note": claim.note,
                "decided": claim.decided_at.isoformat() if claim.decided_at else None,
                "granted": claim.granted,
                "reason": claim.reason,
            }
            for claim in claims.of_person(call.session, person.id)
        ],
        "passkeys": [
            {
                "name": passkey.name,
                "since": passkey.created_at.isoformat(),
                "last_used": passkey.used_at.isoformat() if passkey.used_at else None,
            }
            for passkey in passkeys.of_person(call.session, person.id)
        ],
        "browsers": [
            {"browser": row.agent, "since": row.created_at.isoformat(), "last_seen": row.seen_at.isoformat()}
            for row in sessions.of_person(call.session, person.id, call.now)
        ],
        "letters": [{"subject": x.subject, "at": x.created_at.isoformat(), "state": x.state} for x in letters],
        "journal": [
            {"at": e.at.isoformat(), "what": e.verb, "record": f"{e.subject} {e.subject_id}", "data": e.data}
            for e in entries
        ],
        **{name: value for more in ABOUT for name, value in more(call.session, person).items()},
    }


def erase(call: Call) -> Response:
    """Says what goes and what stays (GET), then forgets the person (POST)."""
    person = _me(call)
    said = ""
    if call.request.method == "POST":
        try:
            with call.session.begin_nested():
                forget(call, person)
        except Conflict:
            said = call.words(
                N_("You are the last admin of an organisation with other members. Make somebody else admin first.")
            )
        else:
            response = RedirectResponse(call.link("accounts:signed_out"), 303)
            drop_cookie(call.request, response, sessions.COOKIE)
            return response
    return call.render("accounts/erase.html", status=409 if said else 200, person=person, said=said)


def forget(call: Call, person: Person) -> None:
    """Name, address and sign-in go; the journal keeps a reference that leads to nobody any more.

    Raises Conflict for the last admin of an organisation that has other members.
    """
    for member in people.memberships(call.session, person.id):
        if people.number_in(call.session, member.organisation_id, but=member):
            people.leave(call.session, call.viewer, member, call.now)
        else:
            member.ended_at = call.now
            people.reach_changed(call.session, member.organisation, call.now)
    claims.forget(call.session, call.viewer, person, call.now)
    for also in FORGET:
        also(call.session, person)
    journal.record(call.session, call.viewer, "accounts.erased", person, call.now, tell=())
    for letter in call.session.scalars(select(Letter).where(Letter.to == person.email)):
        letter.to, letter.text, letter.html = "", "", ""
        letter.bounced_at = letter.bounced_at or (None if letter.sent_at else call.now)
    passkeys.forget(call.session, person.id)
    person.name = person.email = ""
    person.subject = f"erased:{secrets.token_hex(8)}"
    person.is_operator = False
    person.erased_at = call.now
    sessions.end_all(call.session, person.id)


routes: list[BaseRoute] = [
    Route("/me/account", endpoint(account), name="account", methods=["GET"]),
    Route("/me/account", endpoint(change), name="account:change", methods=["POST"]),
    Route("/me/account/browsers/{number:int}/end", endpoint(end_browser), name="account:end_browser", methods=["POST"]),
    Route("/me/account/browsers/end", endpoint(end_all), name="account:end_all", methods=["POST"]),
    Route("/me/account/data.json", endpoint(export), name="account:export", methods=["GET"]),
    Route("/me/account/erase", endpoint(erase), name="account:erase", methods=["GET", "POST"]),
]
