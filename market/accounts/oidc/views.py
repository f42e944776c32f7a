"""To the provider and back, out again, and its word that somebody signed out there."""

import logging
import secrets
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from market import journal
from market.accounts import people, providers, sessions, vault
from market.accounts.models import Member, Person
from market.accounts.oidc import checks, states, trial
from market.accounts.oidc.client import AWAY, FAULTS, PartnerApp
from market.accounts.providers import IdentityProvider
from market.accounts.sessions import BrowserSession
from market.accounts.step_up import page as step_up_page
from market.errors import BadRequest, Forbidden, NotFound
from market.i18n import language_of
from market.viewer import Viewer
from market.web.cookies import cookie, set_cookie
from market.web.endpoint import Ask, live
from market.web.forms import safe_path

log = logging.getLogger("market.accounts")
BROWSER = "journey"
"""Cookie that ties a journey to the browser."""
NO_STORE = {"cache-control": "no-store"}


def app_of(ask: Ask, provider: IdentityProvider) -> PartnerApp:
    """The client for a provider, made anew when its row changes."""
    settings = ask.request.app.state.settings
    made: dict[int, tuple[datetime, PartnerApp]] = ask.request.app.state.provider_apps
    if provider.id not in made or made[provider.id][0] != provider.updated_at:
        secret = vault.take_out(settings.secret, provider.client_secret)
        app = PartnerApp(
            provider.key,
            provider.issuer,
            provider.client_id,
            secret,
            provider.scope,
            local=not settings.production,
        )
        made[provider.id] = (provider.updated_at, app)
    return made[provider.id][1]


async def _provider(ask: Ask, *, key: str = "", ref: str = "", closed_too: bool = False) -> IdentityProvider:
    """An open provider with its organisation. Raises NotFound."""

    def read(session: Session) -> IdentityProvider | None:
        if closed_too:
            found = session.scalar(select(IdentityProvider).where(IdentityProvider.ref == ref))
        else:
            found = providers.by_key(session, key) if key else providers.by_ref(session, ref)
        if found is not None:
            _ = found.organisation.name  # loaded while the session is open
        return found

    found = await ask.in_database(read)
    if found is None:
        raise NotFound("no such provider")
    return found


def callback_url(ask: Ask, provider: IdentityProvider) -> str:
    """Fixed by MARKET_BASE_URL, never by what the request says its host is."""
    return ask.pages.base_url + ask.pages.links.path("oidc:callback", "de", ref=provider.ref)


async def start(ask: Ask, key: str) -> Response:
    """Leave for the provider. A GET, because our policy lets no form lead to another site."""
    provider = await _provider(ask, key=key)
    onward = safe_path(ask.request.query_params.get("next", "")) or ask.link("me")
    return await depart(ask, provider, {"next": onward})


async def step_up(ask: Ask) -> Response:
    """Prove again who one is, before something that cannot be undone.

    Whoever came by link uses a passkey or gets a new link.
    """
    onward = safe_path(ask.request.query_params.get("next", "")) or ask.link("me")
    if ask.viewer.session_id is None:
        return RedirectResponse(ask.link("accounts:sign_in", {"next": onward}), 303)
    session_id = ask.viewer.session_id
    by = "passkey" if ask.request.query_params.get("by") == "passkey" else ""
    row = await ask.in_database(lambda session: session.get_one(BrowserSession, session_id))
    if row.method != "oidc" or by:
        shows = await ask.in_database(lambda session: step_up_page(session, ask.viewer, onward, by=by))
        return ask.render("accounts/step_up.html", **shows)
    key = await ask.in_database(lambda session: _key_of(session, row.issuer))
    provider = await _provider(ask, key=key)
    return await depart(ask, provider, {"next": onward, "step_up": session_id, "max_age": 0}, max_age=0)


def _key_of(session: Session, issuer: str) -> str:
    found = session.scalar(providers.open_ones().where(IdentityProvider.issuer == issuer))
    if found is None:
        raise NotFound("the provider is closed")
    return found.key


async def depart(ask: Ask, provider: IdentityProvider, more: dict[str, Any], **extra: Any) -> Response:
    browser = cookie(ask.request, BROWSER) or secrets.token_urlsafe(32)
    back = callback_url(ask, provider)
    try:
        journey = await app_of(ask, provider).leave(back, ui_locales=ask.language, **extra)
    except FAULTS as fault:
        return _fault(ask, provider, fault)
    url, state = journey.pop("url"), journey.pop("state")
    kept = {"nonce": journey["nonce"], "code_verifier": journey["code_verifier"], "redirect_uri": back, **more}
    kept["language"] = ask.language
    await ask.in_transaction(lambda session: states.keep(session, provider.ref, browser, state, kept, ask.now))
    response = RedirectResponse(url, 303, NO_STORE)
    set_cookie(ask.request, response, BROWSER, browser, 3600)
    return response


def _fault(ask: Ask, provider: IdentityProvider, fault: Exception) -> Response:
    """A page that says who is at fault and what to do; the rest goes to the log."""
    away = isinstance(fault, AWAY)
    code = getattr(fault, "error", None) or type(fault).__name__
    log.warning("sign-in with %s: %s (%s)", provider.key, code, fault)
    return ask.render(
        "accounts/provider_fault.html",
        status=503 if away else 403,
        firm=provider.organisation.name,
        away=away,
        denied=code == "access_denied",
        code=str(code)[:60],
        again=ask.link("oidc:start", key=provider.key),
    )


def _refuse_closed(provider: IdentityProvider) -> None:
    if not provider.enabled or provider.organisation.suspended_at is not None:
        raise NotFound("the provider is closed")


async def callback(ask: Ask, ref: str) -> Response:
    provider = await _provider(ask, ref=ref, closed_too=True)
    app = app_of(ask, provider)
    try:
        query = parse_qsl(ask.request.url.query, keep_blank_values=True)
        said = checks.way_back(query, provider.issuer, says_iss=await _says_iss(app))
        browser, state = cookie(ask.request, BROWSER), said.get("state", "")
        kept = await ask.in_transaction(lambda s: states.take(s, provider.ref, browser, state, ask.now))
        checks.demand(kept is not None, "unknown_state", "too old, used, or begun in another browser")
        assert kept is not None
        ask.speak(language_of(kept.get("language")))  # the way back is one address for all languages
        if kept.get("trial"):
            return await _tried(ask, provider, kept, said)
        _refuse_closed(provider)
        if "error" in said:
            raise checks.Refused(said["error"][:60], "the provider said no")
        checks.demand(said.get("code"), "no_code")
        claims, raw = await app.come_back(kept, said["code"])
        checks.tenant(claims, provider.required_claims)
    except FAULTS as fault:
        _refuse_closed(provider)
        return _fault(ask, provider, fault)
    try:
        token, seconds = await ask.in_transaction(lambda session: arrive(ask, session, provider, claims, raw, kept))
    except Forbidden as refusal:
        return _fault(ask, provider, checks.Refused(str(refusal), "no access here"))
    response = RedirectResponse(kept["next"], 303, NO_STORE)
    set_cookie(ask.request, response, sessions.COOKIE, token, seconds)
    return response


async def _tried(ask: Ask, provider: IdentityProvider, kept: dict[str, Any], said: dict[str, str]) -> Response:
    """The operator tries the provider: what came is kept for the page that shows it, and nobody is signed in."""
    if not ask.viewer.is_operator:
        raise NotFound("only operators try providers")
    found = await trial.arrival(app_of(ask, provider), provider, kept, said)
    browser, key = cookie(ask.request, BROWSER), secrets.token_urlsafe(24)
    where = trial.place(provider)
    await ask.in_transaction(lambda session: states.keep(session, where, browser, key, found, ask.now))
    return RedirectResponse(f"{kept['next']}?trial={key}", 303, NO_STORE)


async def _says_iss(app: PartnerApp) -> bool:
    metadata = await app.load_server_metadata()
    return bool(metadata.get("authorization_response_iss_parameter_supported"))


def arrive(
    ask: Ask, session: Session, provider: IdentityProvider, claims: dict[str, Any], raw: str, kept: dict[str, Any]
) -> tuple[str, int]:
    """The person with the roles the claims give, signed in under a new token. Raises Forbidden with a short reason."""
    provider = session.get_one(IdentityProvider, provider.id)
    person, member = _recognise(session, provider, claims, ask.language, ask.now)
    if kept.get("step_up") is not None and person.id != ask.viewer.person_id:
        raise Forbidden("another_person")
    if ask.viewer.session_id is not None:
        sessions.end(session, ask.viewer.session_id)
    agent = ask.request.headers.get("user-agent", "")
    more = {"issuer": provider.issuer, "sid": str(claims.get("sid") or "")[:255], "id_token": raw}
    token, row = sessions.start(session, person, "oidc", ask.now, agent=agent, **more)
    row.member = member
    at = claims.get("auth_time")
    if checks.is_number(at):
        row.authenticated_at = min(ask.now, datetime.fromtimestamp(float(at), UTC))  # type: ignore[arg-type]
    return token, int((row.expires_at - ask.now).total_seconds())


def _recognise(
    session: Session, provider: IdentityProvider, claims: dict[str, Any], language: str, now: datetime
) -> tuple[Person, Member]:
    """`(issuer, sub)` is the person; the first sign-in makes the member, each one brings its roles up to date."""
    person = people.by_subject(session, provider.issuer, claims["sub"])
    name, email = str(claims.get("name") or "")[:120], str(claims.get("email") or "")[:254]
    who = Viewer(f"provider:{provider.key}", "system")
    if person is None:
        named = {"issuer": provider.issuer, "subject": claims["sub"], "name": name, "language": language}
        person = people.create(session, who, now, email, **named)
    elif person.erased_at is not None:
        raise Forbidden("erased")
    person.name, person.email = name or person.name, email or person.email
    member = people.member_of(session, person, provider.organisation)
    if member is None:
        member = people.join(session, who, person, provider.organisation, providers.roles(provider, claims), now)
    elif member.ended_at is not None:
        raise Forbidden("membership_ended")
    else:
        people.give(session, who, member, providers.roles(provider, claims), now, even_the_last_admin=True)
    return person, member


async def leave(ask: Ask) -> Response:
    """After signing out here: out at the company's provider as well."""
    journey = ask.request.query_params.get("journey", "")
    kept = await ask.in_transaction(
        lambda s: states.take(s, "sign-out", cookie(ask.request, BROWSER), journey, ask.now)
    )
    if kept is None:
        return RedirectResponse(ask.link("home"), 303)
    provider = await _provider(ask, key=kept["provider"])
    app = app_of(ask, provider)
    try:
        away = await app.create_logout_url(
            post_logout_redirect_uri=ask.pages.base_url + ask.pages.links.path("accounts:signed_out", "de"),
            id_token_hint=kept["id_token"],
            client_id=provider.client_id,
            ui_locales=ask.language,
            state=f"{ask.language}.{secrets.token_urlsafe(15)}",
        )
    except FAULTS:
        return RedirectResponse(ask.link("accounts:signed_out"), 303)
    return RedirectResponse(away["url"], 303, NO_STORE)


async def backchannel(ask: Ask, ref: str) -> Response:
    """The provider says that somebody signed out there. Answers as OIDC Back-Channel Logout 1.0, 2.8 says."""
    provider = await _provider(ask, ref=ref)
    app = app_of(ask, provider)
    form = await ask.request.form(max_fields=5, max_files=0)
    raw = form.get("logout_token")
    try:
        checks.demand(isinstance(raw, str) and raw, "no_logout_token")
        token = await app.decode(str(raw))
        now = ask.now.timestamp()
        subject, sid, jti = checks.logout_token(token.header, token.claims, provider.issuer, provider.client_id, now)
    except FAULTS as fault:
        log.warning("back-channel logout of %s refused: %s", provider.key, fault)
        raise BadRequest("invalid logout_token") from fault

    def end(session: Session) -> int:
        if not states.is_new(session, provider.issuer, jti, ask.now):
            raise BadRequest("this logout_token came before")
        which = BrowserSession.sid == sid if sid else BrowserSession.person_id.in_(_ids(session, provider, subject))
        gone = delete(BrowserSession).where(BrowserSession.issuer == provider.issuer, which)
        ended = len(session.execute(gone.returning(BrowserSession.id)).all())
        who = Viewer(f"provider:{provider.key}", "system")
        data: dict[str, object] = {"ended": ended}
        own = session.get_one(IdentityProvider, provider.id)
        journal.record(session, who, "accounts.signed_out_by_provider", own, ask.now, tell=(), data=data)
        return ended

    return JSONResponse({"ended": await ask.in_transaction(end)}, headers=NO_STORE)


def _ids(session: Session, provider: IdentityProvider, subject: str) -> list[int]:
    person = people.by_subject(session, provider.issuer, subject)
    return [person.id] if person else []


routes: list[BaseRoute] = [
    Route("/sign-in/step-up", live(step_up), name="oidc:step_up", methods=["GET"]),
    Route("/sign-out/leave", live(leave), name="oidc:leave", methods=["GET"]),
    Route("/sign-in/{key:str}", live(start), name="oidc:start", methods=["GET"]),
    Route("/auth/{ref}/callback", live(callback), name="oidc:callback", methods=["GET"]),
    Route("/api/oidc/{ref}/backchannel", live(backchannel), name="oidc:backchannel", methods=["POST"]),
]
