"""Sign in by a link, register a firm, sign out."""

import secrets
from ipaddress import IPv6Address, ip_address, ip_network
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from market.accounts import links, people, providers, registration, sessions
from market.accounts.forms import CodeForm, EmailForm, RegisterForm
from market.accounts.models import Person
from market.accounts.oidc import states
from market.accounts.oidc.views import BROWSER
from market.accounts.passkeys import ceremony
from market.accounts.providers import IdentityProvider
from market.errors import SignInFirst, TooMany
from market.i18n import N_, language_of
from market.mail import letters
from market.taxonomy import trades
from market.taxonomy.places import Gazetteer, Spot
from market.web.cookies import cookie, drop_cookie, set_cookie
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled, read, safe_path

WINDOW = "window"
"""Cookie that ties a link to the window in which it was asked for."""


def client_of(request: Request) -> str:
    """Whom the limits count: the address, of IPv6 the network a household or firm is given."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return str(ip_network(f"{address}/64", strict=False)) if isinstance(address, IPv6Address) else host


def sign_in(call: Call) -> Response:
    """The page to sign in; whoever is signed in already goes on."""
    onward = safe_path(call.request.query_params.get("next", ""))
    if call.viewer.is_signed_in:
        return RedirectResponse(onward or call.link("me"), 303)
    return sign_in_page(call, Filled({"email": "", "next": onward}))


def sign_in_page(call: Call, filled: Filled[EmailForm], status: int = 200, *, said: str = "") -> Response:
    """`said` is why a passkey did not let somebody in."""
    return call.render(
        "accounts/sign_in.html",
        status=status,
        filled=filled,
        partners=list(call.session.scalars(providers.open_ones())),
        takes_passkeys=ceremony.site_of(call.request.app.state.settings) is not None,
        said=said,
    )


def ask_link(call: Call) -> Response:
    """The same answer for every address, whether it is known or not."""
    filled = read(call.form, EmailForm, call.words)
    if filled.data is None:
        return sign_in_page(call, filled, 422)
    if provider := providers.for_address(call.session, filled.data.email):
        onward = call.link("oidc:start", {"next": safe_path(filled.data.next)}, key=provider.key)
        return call.render("accounts/to_provider.html", firm=provider.organisation.name, onward=onward)
    person = people.by_address(call.session, filled.data.email)
    event = "accounts/sign_in" if person else "accounts/not_known"
    return send_link(call, filled.data.email, event, purpose="sign-in", next_=safe_path(filled.data.next))


def send_link(call: Call, email: str, event: str, *, purpose: str, next_: str = "", **data: str) -> Response:
    """Write the letter, tie the link to this window, and show the page that waits for it."""
    try:
        asked = links.ask(
            call.session,
            email,
            client_of(call.request),
            call.now,
            browser=cookie(call.request, WINDOW),
            purpose=purpose,
            data=data,
            next_=next_,
        )
    except TooMany as refusal:
        minutes = -(-int(str(refusal.details["seconds"])) // 60)
        return call.render("accounts/too_many.html", status=429, minutes=minutes)
    letters.write(
        call.session,
        call.now,
        email,
        call.language,
        event,
        secret=True,
        link=call.pages.base_url + call.link("accounts:open_link", token=asked.token),
        code=f"{asked.code[:4]}-{asked.code[4:]}",
        register=call.pages.base_url + call.link("accounts:register"),
        firm=data.get("firm", ""),
        expires_at=call.now + links.LASTS,
    )
    response = RedirectResponse(call.link("accounts:sent") + "?" + urlencode({"to": email}), 303)
    set_cookie(call.request, response, WINDOW, asked.browser, 3600)
    return response


def ask_step_up(call: Call) -> Response:
    """A fresh link to one's own address, before something that cannot be undone."""
    if call.viewer.person_id is None:
        raise SignInFirst
    person = call.session.get_one(Person, call.viewer.person_id)
    onward = safe_path(str(call.form.get("next", "")))
    return send_link(call, person.email, "accounts/sign_in", purpose="step-up", next_=onward)


def sent(call: Call) -> Response:
    """Waits for the letter; on another device its code is typed here."""
    to = call.request.query_params.get("to", "")
    local = not call.request.app.state.settings.production
    return call.render("accounts/sent.html", to=letters.postable(to) or "", filled=Filled({"code": ""}), local=local)


def enter_code(call: Call) -> Response:
    filled = read(call.form, CodeForm, call.words)
    link = None
    if filled.data is not None:
        link = links.redeem_code(call.session, cookie(call.request, WINDOW), filled.data.code, call.now)
        if link is None:
            filled.refuse("code", call.words(N_("This code does not fit, or it is older than ten minutes.")))
    if link is None:
        local = not call.request.app.state.settings.production
        return call.render("accounts/sent.html", status=422, to="", filled=filled, local=local)
    return _enter(call, link)


def open_link(call: Call, token: str) -> Response:
    """The page behind the link. It changes nothing, so a scanner may look at it."""
    here = bool(cookie(call.request, WINDOW))
    usable = links.is_open(call.session, token, call.now)
    return call.render("accounts/link.html", status=200 if usable else 410, token=token, here=here, usable=usable)


def use_link(call: Call, token: str) -> Response:
    link = links.redeem(call.session, token, cookie(call.request, WINDOW), call.now)
    if link is None:
        usable = links.is_open(call.session, token, call.now)
        return call.render("accounts/link.html", status=403 if usable else 410, token=token, here=False, usable=usable)
    return _enter(call, link)


def _enter(call: Call, link: links.SignInLink) -> Response:
    person = registration.redeemed(call.session, link, call.language, call.now)
    if person is None:  # an address we do not know: its letter held no link, so somebody guessed or the person is gone
        return call.render("accounts/link.html", status=410, token="", here=True, usable=False)
    return enter(call, person, "link", safe_path(link.next) or call.link("me"))


def enter(call: Call, person: Person, method: str, onward: str, **more: object) -> Response:
    """Sign this browser in, always under a new token, and go on."""
    agent = call.request.headers.get("user-agent", "")
    token, row = sessions.start(call.session, person, method, call.now, agent=agent, **more)
    if call.viewer.session_id is not None:
        sessions.succeed(call.session, call.viewer.session_id, row)
    response = RedirectResponse(onward, 303)
    set_cookie(call.request, response, sessions.COOKIE, token, int((row.expires_at - call.now).total_seconds()))
    drop_cookie(call.request, response, WINDOW)
    return response


def register(call: Call) -> Response:
    if call.request.method != "POST":
        return _register_page(call, Filled(dict.fromkeys(RegisterForm.model_fields, "")))
    filled = read(call.form, RegisterForm, call.words)
    spot = _spot(call, filled)
    if filled.data is None or spot is None:
        return _register_page(call, filled, 422)
    form = filled.data
    return send_link(
        call,
        form.email,
        "accounts/register",
        purpose="register",
        firm=form.firm,
        name=form.name,
        trades=";".join(trade.id for trade in trades.find(form.trade, 1)),
        postcode=spot.postcode,
        town=spot.town,
        country=spot.country,
        district=spot.district,
        lat=str(spot.lat),
        lon=str(spot.lon),
    )


def _spot(call: Call, filled: Filled[RegisterForm]) -> Spot | None:
    """The place meant; what we do not know is said at the field, with names that come near."""
    if not filled.values["place"]:
        return None
    gazetteer = Gazetteer.load(call.session)
    spot = gazetteer.locate(filled.values["place"])
    if spot is None:
        filled.refuse("place", call.words(N_("We do not know this place. Give a postcode or a town of the region.")))
    return spot


def _register_page(call: Call, filled: Filled[RegisterForm], status: int = 200) -> Response:
    names = [trade.names[call.language] for trade in trades.by_id().values()]
    return call.render("accounts/register.html", status=status, filled=filled, trade_names=sorted(names))


def sign_out(call: Call) -> Response:
    """Out here; somebody who came through a company's provider is then led out there, too."""
    leave = ""
    if call.viewer.session_id is not None:
        leave = _journey_out(call, call.viewer.session_id)
        sessions.end(call.session, call.viewer.session_id)
    response = RedirectResponse(call.link("accounts:signed_out", {"journey": leave}), 303)
    drop_cookie(call.request, response, sessions.COOKIE)
    return response


def _journey_out(call: Call, session_id: int) -> str:
    """What the provider wants to know at its own sign-out, kept for the next request of this browser."""
    row = call.session.get_one(sessions.BrowserSession, session_id)
    provider = call.session.scalar(providers.open_ones().where(IdentityProvider.issuer == row.issuer))
    browser = cookie(call.request, BROWSER)
    if provider is None or not browser:
        return ""
    journey = secrets.token_urlsafe(24)
    states.keep(
        call.session, "sign-out", browser, journey, {"provider": provider.key, "id_token": row.id_token}, call.now
    )
    return journey


def signed_out(call: Call) -> Response:
    journey, state = (call.request.query_params.get(name, "") for name in ("journey", "state"))
    begun = language_of(state.partition(".")[0])
    if state and begun != call.language:  # the company's provider knows one address for all languages
        return RedirectResponse(call.pages.links.path("accounts:signed_out", begun), 303)
    onward = call.link("oidc:leave", {"journey": journey}) if journey and not call.viewer.is_signed_in else ""
    return call.render("accounts/signed_out.html", onward=onward)


routes: list[BaseRoute] = [
    Route("/sign-in", endpoint(sign_in), name="accounts:sign_in", methods=["GET"]),
    Route("/sign-in", endpoint(ask_link), name="accounts:ask_link", methods=["POST"]),
    Route("/sign-in/step-up", endpoint(ask_step_up), name="accounts:ask_step_up", methods=["POST"]),
    Route("/sign-in/sent", endpoint(sent), name="accounts:sent", methods=["GET"]),
    Route("/sign-in/code", endpoint(enter_code), name="accounts:enter_code", methods=["POST"]),
    Route("/sign-in/link/{token}", endpoint(open_link), name="accounts:open_link", methods=["GET"]),
    Route("/sign-in/link/{token}", endpoint(use_link), name="accounts:use_link", methods=["POST"]),
    Route("/register", endpoint(register), name="accounts:register", methods=["GET", "POST"]),
    Route("/signed-out", endpoint(signed_out), name="accounts:signed_out", methods=["GET"]),
    Route("/sign-out", endpoint(sign_out), name="accounts:sign_out", methods=["POST"]),
]
