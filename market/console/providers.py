"""`/operator/providers`: the sign-in of each partner: add, edit, switch on and off, try out."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts import providers, vault
from market.accounts.models import Organisation
from market.accounts.oidc import states, trial
from market.accounts.oidc import views as oidc
from market.accounts.providers import IdentityProvider
from market.accounts.team import ROLE_NAMES
from market.console import provider_form
from market.console.gate import live_page, page
from market.console.provider_form import ProviderForm
from market.errors import Conflict, Invalid, NotFound
from market.i18n import N_
from market.web.cookies import cookie
from market.web.endpoint import Ask, Call
from market.web.forms import Filled, read

LABELS = {
    "organisation": N_("Organisation"),
    "key": N_("Short name in the address"),
    "issuer": N_("Issuer"),
    "client_id": N_("Client ID"),
    "client_secret": N_("Client secret"),
    "scope": N_("OIDC scope"),
    "required_claims": N_("Claims that must be so"),
    "role_claim": N_("Claim with the roles"),
    "role_map": N_("Which value gives which role"),
    "domains": N_("E-mail domains"),
    "note": N_("Note beside its button"),
}
CHECKS = {
    "reachable": N_("Its metadata can be read"),
    "issuer": N_("It names itself as entered here"),
    "authorization_endpoint": N_("The address to sign in is safe (https)"),
    "token_endpoint": N_("The address for tokens is safe (https)"),
    "jwks_uri": N_("The address of its keys is safe (https)"),
    "algorithms": N_("It signs in a way we accept"),
    "pkce": N_("It knows PKCE with S256"),
    "keys": N_("Its keys can be read"),
    "logout": N_("It can sign people out"),
    "said_yes": N_("It let the person in"),
    "redeemed": N_("It gave a token for the code"),
    "signature": N_("The signature is of one of its keys"),
    "typ": N_("It is a token for signing in"),
    "iss": N_("It was issued by this provider"),
    "aud": N_("It was made for us"),
    "azp": N_("It was handed out to us"),
    "sub": N_("It names a person"),
    "nonce": N_("It answers this very question"),
    "times": N_("It is fresh and does not last too long"),
    "auth_time": N_("The moment of signing in fits"),
    "authlib": N_("The library's own checks"),
}


@dataclass(frozen=True)
class Shown:
    """One check as the page says it."""

    ok: bool
    name: str
    said: str


def found(session: Session, ref: str) -> IdentityProvider:
    """Raises NotFound."""
    provider = session.scalar(select(IdentityProvider).where(IdentityProvider.ref == ref))
    if provider is None:
        raise NotFound(f"no provider {ref}")
    _ = provider.organisation.name  # loaded while the session is open
    return provider


def listing(call: Call) -> Response:
    return _list_page(call)


def _list_page(call: Call, said: str = "", status: int = 200) -> Response:
    query = select(IdentityProvider).join(IdentityProvider.organisation)
    rows = list(call.session.scalars(query.order_by(Organisation.name, IdentityProvider.id)))
    used = {row.id for row in rows if providers.in_use(call.session, row)}
    return call.render("console/providers.html", status=status, providers=rows, used=used, said=said)


def add(call: Call) -> Response:
    """The form, and what it adds: switched off until it was tried."""
    if call.request.method != "POST":
        chosen = call.request.query_params.get("organisation", "")
        empty = dict.fromkeys(ProviderForm.model_fields, "") | {"organisation": chosen}
        return _form(call, Filled(empty | {"scope": "openid email profile", "role_claim": "groups"}))
    filled = read(call.form, ProviderForm, call.words)
    filled.values["organisation"] = str(call.form.get("organisation", ""))
    organisation = call.session.scalar(
        select(Organisation).where(Organisation.ref == filled.values["organisation"], Organisation.is_partner)
    )
    if organisation is None:
        filled.refuse("organisation", call.words(N_("Please choose one of the options.")))
    if not filled.values["client_secret"]:
        filled.refuse("client_secret", call.words(N_("Please fill in this field.")))
    provider = None
    if filled.data is not None and organisation is not None:
        local, secret = not call.request.app.state.settings.production, _locked(call, filled.data.client_secret)
        fields = filled.data.fields() | {"client_secret": secret, "enabled": False}
        try:
            provider = providers.add(call.session, call.viewer, organisation, call.now, local=local, **fields)
        except Invalid as refusal:
            _refuse(call, filled, refusal)
    if provider is None:
        return _form(call, filled, 422)
    return call.redirect("operator:provider_trial", ref=provider.ref)


def _locked(call: Call, secret: str) -> str:
    return vault.lock_away(call.request.app.state.settings.secret, secret)


def _refuse(call: Call, filled: Filled[ProviderForm], refusal: Invalid) -> None:
    fields: Any = refusal.details["fields"]
    for name, sentence in fields.items():
        filled.refuse(name, call.words(sentence))


def _form(
    call: Call, filled: Filled[ProviderForm], status: int = 200, provider: IdentityProvider | None = None
) -> Response:
    """Everything typed is kept but the secret, which is never shown again."""
    retype = bool(filled.values.get("client_secret"))
    filled.values["client_secret"] = ""
    partners = call.session.scalars(select(Organisation).where(Organisation.is_partner).order_by(Organisation.name))
    return call.render(
        "console/provider_form.html",
        status=status,
        filled=filled,
        provider=provider,
        retype=retype,
        labels={name: call.words(label) for name, label in LABELS.items()},
        partners=[("", call.words(N_("Please choose"))), *((firm.ref, firm.name) for firm in partners)],
        callback=oidc.callback_url(call, provider) if provider else "",
        backchannel=call.pages.base_url + f"/api/oidc/{provider.ref}/backchannel" if provider else "",
    )


def edit(call: Call, ref: str) -> Response:
    provider = found(call.session, ref)
    if call.request.method != "POST":
        return _form(call, Filled(dict(provider_form.shown(provider))), provider=provider)
    filled = read(call.form, ProviderForm, call.words)
    if filled.data and filled.data.issuer != provider.issuer and providers.in_use(call.session, provider):
        sentence = N_("People sign in with this issuer already. Add another provider instead and switch this one off.")
        filled.refuse("issuer", call.words(sentence))
    if filled.data is not None:
        fields = filled.data.fields()
        if filled.data.client_secret:
            fields["client_secret"] = _locked(call, filled.data.client_secret)
        local = not call.request.app.state.settings.production
        try:
            providers.change(call.session, call.viewer, provider, call.now, local=local, **fields)
        except Invalid as refusal:
            _refuse(call, filled, refusal)
    if filled.data is None:
        return _form(call, filled, 422, provider)
    return call.redirect("operator:providers")


def switch(call: Call, ref: str) -> Response:
    provider = found(call.session, ref)
    try:
        providers.switch(call.session, call.viewer, provider, call.now, on=call.form.get("on") == "1")
    except Conflict:
        sentence = N_(
            "%(firm)s signs in with this provider alone, and people use it. Add another one and switch that on first."
        )
        return _list_page(call, call.words(sentence, firm=provider.organisation.name), 409)
    return call.redirect("operator:providers")


async def try_out(ask: Ask, ref: str) -> Response:
    """Each check by itself, read anew; after a real sign-in also what its token says."""
    provider = await ask.in_database(lambda session: found(session, ref))
    key, browser = ask.request.query_params.get("trial", ""), cookie(ask.request, oidc.BROWSER)
    where = trial.place(provider)
    arrived = await ask.in_database(lambda s: states.look(s, where, browser, key, ask.now)) if key else None
    looked = await trial.metadata(oidc.app_of(ask, provider))
    return ask.render(
        "console/provider_trial.html",
        provider=provider,
        looked=[_shown(ask, check) for check in looked],
        arrived=arrived,
        token=[_shown(ask, check) for check in (arrived or {}).get("checks", ())],
        roles=[ask.words(ROLE_NAMES[role]) for role in (arrived or {}).get("roles", ())],
        over=bool(key) and arrived is None,
    )


def _shown(ask: Ask, check: trial.Check) -> Shown:
    name = check["name"]
    if name.startswith("claim "):
        said = ask.words(N_("The claim %(claim)s is as agreed"), claim=name.removeprefix("claim "))
    else:
        said = ask.words(CHECKS[name])
    return Shown(check["ok"], said, check["said"])


async def sign_in(ask: Ask, ref: str) -> Response:
    """Leave for the provider to see what comes back. A GET, because no form may lead to another site."""
    provider = await ask.in_database(lambda session: found(session, ref))
    onward = ask.link("operator:provider_trial", ref=ref)
    return await oidc.depart(ask, provider, {"next": onward, "trial": True})


routes: list[BaseRoute] = [
    Route("/operator/providers", page(listing), name="operator:providers", methods=["GET"]),
    Route("/operator/providers/new", page(add), name="operator:provider_add", methods=["GET", "POST"]),
    Route("/operator/providers/{ref}", page(edit), name="operator:provider", methods=["GET", "POST"]),
    Route("/operator/providers/{ref}/switch", page(switch), name="operator:provider_switch", methods=["POST"]),
    Route("/operator/providers/{ref}/trial", live_page(try_out), name="operator:provider_trial", methods=["GET"]),
    Route(
        "/operator/providers/{ref}/trial/sign-in", live_page(sign_in), name="operator:provider_sign_in", methods=["GET"]
    ),
]
