"""Add, rename and remove passkeys; sign in and confirm with one. The browser's part is `js/passkey.js`."""

import secrets
from typing import Any

from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy import select
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from market import journal
from market.accounts import account, providers, sessions, step_up
from market.accounts import views as accounts
from market.accounts.links import PER_CLIENT
from market.accounts.me import signed_in
from market.accounts.models import MAIL, Person
from market.accounts.passkeys import ceremony
from market.accounts.passkeys.ceremony import Refused, Site
from market.accounts.passkeys.models import Passkey, of_person
from market.accounts.sessions import BrowserSession
from market.errors import NotFound, TooMany
from market.i18n import N_, language_of
from market.mail import letters
from market.web.cookies import cookie, set_cookie
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled, safe_path

BROWSER = "passkey"
"""Cookie that ties a challenge to the browser."""
NOT_TAKEN = N_("This passkey could not be used here. Please try again, or take the link by e-mail.")
NOT_ADDED = N_("The passkey was not added. Please try again.")
KNOWN = N_("This passkey is in use here already.")
MANY = N_("Twenty passkeys are the most. Remove one you do not use any more first.")
OF_A_COMPANY = N_("You sign in with your company's sign-in. A passkey only confirms what you do here.")
LONGEST_NAME = 60


def _site(call: Call) -> Site:
    site = ceremony.site_of(call.request.app.state.settings)
    if site is None:
        raise NotFound("no passkeys at an address without a name")
    return site


def _browser(call: Call) -> str:
    return cookie(call.request, BROWSER)


def _asked(call: Call, browser: str, options: Any) -> Response:
    response = JSONResponse(options, headers={"cache-control": "no-store"})
    set_cookie(call.request, response, BROWSER, browser, 3600)
    return response


def _new_browser(call: Call) -> str:
    """The browser's own value, so that a second tab does not end what the first one began."""
    known = _browser(call)
    return known if 40 <= len(known) <= 64 else secrets.token_urlsafe(32)


def _answer(call: Call) -> str:
    return str(call.form.get("credential", ""))


def _home(call: Call) -> str:
    return call.link("account") + "#passkeys"


def ask_add(call: Call) -> Response:
    site, browser = _site(call), _new_browser(call)
    step_up.confirmed(call, _home(call))
    person = call.session.get_one(Person, call.viewer.person_id)
    return _asked(call, browser, ceremony.creation(call.session, site, call.viewer, person, browser, call.now))


def add(call: Call) -> Response:
    site = _site(call)
    step_up.confirmed(call, _home(call))
    person = call.session.get_one(Person, call.viewer.person_id)
    here = call.session.get_one(BrowserSession, call.viewer.session_id)
    name = here.browser[:LONGEST_NAME] or "Passkey"
    try:
        passkey = ceremony.add(call.session, site, call.viewer, person, _browser(call), _answer(call), name, call.now)
    except Refused as refusal:
        sentence = {"known": KNOWN, "many": MANY}.get(str(refusal), NOT_ADDED)
        return account.page(call, person, said=call.words(sentence), status=422)
    _tell(call, person, passkey, "accounts/passkey_added")
    return RedirectResponse(_home(call), 303)


def _tell(call: Call, person: Person, passkey: Passkey, event: str) -> None:
    """Whoever it was, the person learns of it."""
    if letters.postable(person.email):
        where = call.pages.base_url + call.pages.links.path("account", language_of(person.language))
        letters.write(
            call.session, call.now, person.email, person.language, event, name=passkey.name, at=call.now, account=where
        )


def _mine(call: Call, ref: str) -> Passkey:
    """Somebody else's looks like none. Raises SignInFirst, NotFound."""
    signed_in(call)
    query = select(Passkey).where(Passkey.ref == ref, Passkey.person_id == call.viewer.person_id)
    passkey = call.session.scalar(query)
    if passkey is None:
        raise NotFound(f"no passkey {ref} of yours")
    return passkey


def rename(call: Call, ref: str) -> Response:
    passkey = _mine(call, ref)
    name = " ".join(str(call.form.get("name", "")).split())
    if not name or len(name) > LONGEST_NAME:
        said = call.words(N_("Give the passkey a name of at most 60 characters."))
        return account.page(call, passkey.person, said=said, status=422)
    if name != passkey.name:
        passkey.name = name
        journal.record(call.session, call.viewer, "accounts.passkey_renamed", passkey, call.now, tell=())
    return RedirectResponse(_home(call), 303)


def remove(call: Call, ref: str) -> Response:
    """Asks first (GET), then removes it (POST)."""
    passkey = _mine(call, ref)
    if call.request.method != "POST":
        return call.render("accounts/passkey_remove.html", passkey=passkey, by_link=passkey.person.issuer == MAIL)
    _tell(call, passkey.person, passkey, "accounts/passkey_removed")
    journal.record(call.session, call.viewer, "accounts.passkey_removed", passkey, call.now, tell=())
    call.session.delete(passkey)
    return RedirectResponse(_home(call), 303)


def _refuse_too_many(call: Call) -> None:
    """Thrice the limits of sign-in links, as no letter goes out; counted in this process. Raises TooMany."""
    state = call.request.app.state
    if not hasattr(state, "passkey_questions"):
        state.passkey_questions = MovingWindowRateLimiter(MemoryStorage())
    client = accounts.client_of(call.request)
    for most, span in PER_CLIENT:
        seconds = int(span.total_seconds())
        if not state.passkey_questions.hit(RateLimitItemPerSecond(3 * most, seconds), "passkey", client):
            raise TooMany("Too many passkeys were asked for.", seconds=seconds)


def ask_enter(call: Call) -> Response:
    """Open to everybody and kept in the database, so nobody asks without end."""
    site, browser = _site(call), _new_browser(call)
    _refuse_too_many(call)
    options = ceremony.question(call.session, site, "sign-in", call.viewer, browser, call.now, among=())
    return _asked(call, browser, options)


def enter(call: Call) -> Response:
    """People of a company are not let in by a passkey: whom the company lets go is to be out here, too."""
    site, onward = _site(call), safe_path(str(call.form.get("next", "")))
    try:
        passkey = ceremony.shown(call.session, site, "sign-in", call.viewer, _browser(call), _answer(call), call.now)
    except Refused:
        return _not_entered(call, onward, NOT_TAKEN)
    person = passkey.person
    if person.issuer != MAIL or providers.for_address(call.session, person.email) is not None:
        return _not_entered(call, onward, OF_A_COMPANY)
    return accounts.enter(call, person, "passkey", onward or call.link("me"), passkey_at=call.now)


def _not_entered(call: Call, onward: str, sentence: str) -> Response:
    filled = Filled[Any]({"email": "", "next": onward})
    return accounts.sign_in_page(call, filled, 403, said=call.words(sentence))


def ask_confirm(call: Call) -> Response:
    signed_in(call)
    site, browser = _site(call), _new_browser(call)
    own = of_person(call.session, call.viewer.person_id or 0)
    if not own:
        raise NotFound("you have no passkey")
    options = ceremony.question(call.session, site, "confirm", call.viewer, browser, call.now, among=own)
    return _asked(call, browser, options)


def confirm(call: Call) -> Response:
    """The passkey of a company's person is a second proof beside the provider's word, and does not renew that."""
    signed_in(call)
    site, onward = _site(call), safe_path(str(call.form.get("next", "")))
    try:
        passkey = ceremony.shown(call.session, site, "confirm", call.viewer, _browser(call), _answer(call), call.now)
    except Refused:
        by = "passkey" if call.form.get("by") == "passkey" else ""
        shows = step_up.page(call.session, call.viewer, onward, by=by, said=call.words(NOT_TAKEN))
        return call.render("accounts/step_up.html", status=403, **shows)
    assert call.viewer.session_id is not None
    sessions.confirm(call.session, call.viewer.session_id, call.now, person_too=passkey.person.issuer == MAIL)
    return RedirectResponse(onward or call.link("me"), 303)


routes: list[BaseRoute] = [
    Route("/me/account/passkeys/options", endpoint(ask_add), name="passkeys:ask_add", methods=["POST"]),
    Route("/me/account/passkeys", endpoint(add), name="passkeys:add", methods=["POST"]),
    Route("/me/account/passkeys/{ref}", endpoint(rename), name="passkeys:rename", methods=["POST"]),
    Route("/me/account/passkeys/{ref}/remove", endpoint(remove), name="passkeys:remove", methods=["GET", "POST"]),
    Route("/sign-in/passkey/options", endpoint(ask_enter), name="passkeys:ask_enter", methods=["POST"]),
    Route("/sign-in/passkey", endpoint(enter), name="passkeys:enter", methods=["POST"]),
    Route("/sign-in/step-up/passkey/options", endpoint(ask_confirm), name="passkeys:ask_confirm", methods=["POST"]),
    Route("/sign-in/step-up/passkey", endpoint(confirm), name="passkeys:confirm", methods=["POST"]),
]
