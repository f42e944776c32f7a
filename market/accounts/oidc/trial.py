"""A provider tried out: each check by itself, and a real sign-in whose token is taken apart; nobody is signed in."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from market.accounts import providers
from market.accounts.oidc import checks
from market.accounts.oidc.client import ENDPOINTS, FAULTS, PATIENCE_SECONDS, PartnerApp, key_set
from market.accounts.providers import IdentityProvider

T = TypeVar("T")
Check = dict[str, Any]
"""`name`, `ok` and `said`: what was found, or the short name of the fault."""


class Stopped(Exception):
    """A check failed on which all later ones rest."""


class Steps:
    """What was looked at, in order."""

    def __init__(self) -> None:
        self.done: list[Check] = []

    async def take(self, name: str, step: Callable[[], Awaitable[T]]) -> T:
        """A step the later ones need. Raises Stopped."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                found = await step()
        except FAULTS as fault:
            self._failed(name, fault)
            raise Stopped from fault
        self.done.append({"name": name, "ok": True, "said": ""})
        return found

    def judge(self, name: str, look: Callable[[], object]) -> None:
        """A step that stands for itself; what it returns is shown."""
        try:
            said = look()
        except FAULTS as fault:
            self._failed(name, fault)
            return
        self.done.append({"name": name, "ok": True, "said": "" if said is None else str(said)[:300]})

    def _failed(self, name: str, fault: Exception) -> None:
        short = str(getattr(fault, "error", None) or type(fault).__name__)
        more = str(getattr(fault, "description", None) or fault).removeprefix(short).strip(": ")
        self.done.append({"name": name, "ok": False, "said": f"{short}: {more}"[:300] if more else short})


def place(provider: IdentityProvider) -> str:
    """Where the finding of a trial waits for its page."""
    return f"trial {provider.ref}"


async def metadata(app: PartnerApp) -> list[Check]:
    """What the provider says of itself, and its keys: read anew, nothing remembered."""
    steps = Steps()
    try:
        found = await steps.take("reachable", lambda: app.get_json(app.metadata_url))
        steps.judge("issuer", lambda: app.refuse_other_issuer(found))
        for name in ENDPOINTS:
            steps.judge(name, lambda name=name: _safe(app, found.get(name)))  # type: ignore[misc]
        steps.judge("algorithms", lambda: ", ".join(app.algorithms(found)))
        steps.judge("pkce", lambda: _pkce(found))
        keys = await steps.take("keys", lambda: _keys(app, found))
        steps.done[-1]["said"] = str(keys)
        steps.judge("logout", lambda: found.get("end_session_endpoint") or "-")
    except Stopped:
        pass
    return steps.done


async def _keys(app: PartnerApp, found: Mapping[str, Any]) -> int:
    return len(key_set(await app.get_json(str(found.get("jwks_uri")))).keys)


def _safe(app: PartnerApp, url: object) -> object:
    app.refuse_unsafe(url)
    return url


def _pkce(found: Mapping[str, Any]) -> str:
    """Some providers know it and do not say so."""
    said = found.get("code_challenge_methods_supported")
    checks.demand(said is None or "S256" in said, "no_pkce", "the provider names its methods, and S256 is none")
    return "S256" if said else "-"


async def arrival(
    app: PartnerApp, provider: IdentityProvider, kept: Mapping[str, Any], said: Mapping[str, str]
) -> dict[str, Any]:
    """`checks`, and when the token can be read its `claims` and the `roles` they give."""
    steps, claims = Steps(), dict[str, Any]()
    try:
        await steps.take("said_yes", lambda: _said_yes(said))
        answer, raw = await steps.take("redeemed", lambda: app.redeem(kept, said.get("code", "")))
        token = await steps.take("signature", lambda: app.decode(raw))
        claims = dict(token.claims)
        parts = checks.id_token_parts(token.header, claims, kept, app.issuer, app.client_id, time.time())
        for name, look in parts:
            steps.judge(name, look)
        for name, value in provider.required_claims.items():
            steps.judge(f"claim {name}", lambda name=name, value=value: checks.tenant(claims, {name: value}))  # type: ignore[misc]
        await steps.take("authlib", lambda: app.believe(answer, kept))
    except Stopped:
        pass
    return {"checks": steps.done, "claims": claims, "roles": list(providers.roles(provider, claims)) if claims else []}


async def _said_yes(said: Mapping[str, str]) -> None:
    if "error" in said:
        raise checks.Refused(said["error"][:60], said.get("error_description", "")[:200])
    checks.demand(said.get("code"), "no_code")
