"""`/me/opening-key`: the key with which somebody opens bids, under a passphrase only this person knows."""

from typing import Any, Final

from pydantic import ValidationInfo, field_validator
from sqlalchemy import exists, select
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts import step_up
from market.accounts.me import TODOS, WAITED_FOR, Todo, own
from market.accounts.models import Organisation, Person
from market.bids import opening_keys
from market.bids.models import OpeningKey
from market.bids.rules import may_hold_key
from market.bids.sealing import NotOpened
from market.errors import NotFound
from market.i18n import N_
from market.needs.lifecycle import SEALED
from market.needs.models import Need, Role
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled, Form, read

LEAST: Final = 14
MOST: Final = 200
LETTERS: Final = 6
"""Different ones at least: a key held down is no passphrase."""
WRONG: Final = N_("This is not the passphrase of your key. Please type it once more; capitals and spaces count.")


class NewPassphrase(Form):
    """A passphrase twice, so that a slip of the finger locks nobody out."""

    passphrase: str
    again: str

    @field_validator("passphrase")
    @classmethod
    def is_hard_to_guess(cls, value: str) -> str:
        if not LEAST <= len(value) <= MOST:
            raise ValueError(N_("Take 14 to 200 characters: four or five words that do not belong together do well."))
        if len(set(value.casefold())) < LETTERS:
            raise ValueError(N_("Take more different characters, four or five words for example."))
        return value

    @field_validator("again")
    @classmethod
    def is_the_same(cls, value: str, info: ValidationInfo) -> str:
        if value != info.data.get("passphrase", value):
            raise ValueError(N_("The two are not the same. Please type the passphrase twice."))
        return value


class ChangedPassphrase(NewPassphrase):
    old: str


def show(call: Call) -> Response:
    return _page(call, _holder(call), call.request.query_params.get("do", ""))


def _holder(call: Call) -> Person:
    """The viewer, as somebody who may have a key. Raises SignInFirst, NotFound."""
    if not may_hold_key(call.viewer, own(call)):
        raise NotFound("only openers of partners have such a key")
    return call.session.get_one(Person, call.viewer.person_id)


def _page(call: Call, person: Person, do: str = "", filled: Filled[Any] | None = None) -> Response:
    """`do` is the step whose form is shown. What was typed is never shown again."""
    key = opening_keys.of_person(call.session, person.id)
    do = "make" if key is None else "replace" if do == "replace" else "change"
    running = opening_keys.running(call.session, person.id)
    return call.render(
        "bids/opening_key.html",
        status=422 if filled else 200,
        key=key,
        do=do,
        running=running,
        older=[seal for seal, held in running if key is None or held.id != key.id],
        confirmed=step_up.is_fresh(call.session, call.viewer, call.now),
        here=_here(call, do),
        filled=Filled({}, filled.errors) if filled else Filled(),
        least=LEAST,
    )


def _here(call: Call, do: str) -> str:
    return call.link("opening_key", {"do": do} if do == "replace" else None)


def change(call: Call) -> Response:
    """`do`: make the first key, change its passphrase, or replace it by another."""
    person = _holder(call)
    do = str(call.form.get("do", ""))
    step_up.confirmed(call, _here(call, do))
    key = opening_keys.of_person(call.session, person.id)
    if do not in (("change", "replace") if key else ("make",)):
        raise NotFound("no such step")
    model = ChangedPassphrase if do == "change" else NewPassphrase
    filled: Filled[Any] = read(call.form, model, call.words)
    if filled.data is None:
        return _page(call, person, do, filled)
    given = filled.data
    if key is None or do == "replace":
        opening_keys.make(call.session, call.viewer, person, given.passphrase, call.now, call.outside)
        return call.redirect("opening_key")
    opening_keys.refuse_too_many(call.session, call.viewer, key, call.now)
    try:
        opening_keys.change(call.session, call.viewer, key, given.old, given.passphrase, call.now, call.outside)
    except NotOpened:
        opening_keys.note_wrong(call.session, call.viewer, key, call.now)
        return _page(call, person, do, filled.refuse("old", call.words(WRONG)))
    return call.redirect("opening_key")


def todos(call: Call, organisation: Organisation) -> list[Todo]:
    """Drafts that name this person as opener, who has no key yet: they wait for it."""
    if not may_hold_key(call.viewer, organisation):
        return []
    keyless = ~exists().where(OpeningKey.person_id == call.viewer.person_id, OpeningKey.replaced_at.is_(None))
    drafts = select(Need).join(Role, Role.need_id == Need.id).where(Need.organisation_id == organisation.id, keyless)
    drafts = drafts.where(Role.role == "opener", Role.person_id == call.viewer.person_id, Need.procedure.in_(SEALED))
    waiting = list(call.session.scalars(drafts.where(Need.stage.in_(("draft", "approval"))).order_by(Need.id)))
    if not waiting:
        return []
    text = call.words.ngettext(
        "%(num)s tender waits for your opening key", "%(num)s tenders wait for your opening key", len(waiting)
    )
    href = call.link("opening_key")
    return [Todo(len(waiting), text % {"num": len(waiting)}, waiting[0].title, href, WAITED_FOR)]


TODOS.append(todos)

routes: list[BaseRoute] = [
    Route("/me/opening-key", endpoint(show), name="opening_key", methods=["GET"]),
    Route("/me/opening-key", endpoint(change), name="opening_key:change", methods=["POST"]),
]
