"""One client a provider, on Authlib, with what it leaves open closed (the cases of tests/accounts/oidc).

Pinned issuer and algorithms, https endpoints, no redirects, short timeouts; metadata kept an hour and keys ten minutes,
so that a withdrawn key is out in ten minutes and a swapped one heals at the next token.
"""

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import StarletteIntegration, StarletteOAuth2App
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from market.accounts.oidc import checks
from market.accounts.oidc.checks import LEEWAY_SECONDS, Refused
from market.accounts.providers import LOOPBACK

ALGORITHMS: Final = frozenset({"RS256", "PS256", "ES256", "EdDSA"})
METADATA_SECONDS: Final = 3600.0
KEYS_SECONDS: Final = 600.0
KEYS_AGAIN_SECONDS: Final = 30.0
"""An unknown key makes us look again, at most this often."""
PATIENCE_SECONDS: Final = 6.0
ANSWER_BYTES: Final = 65_536
ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")
FAULTS: Final = (OAuthError, JoseError, httpx2.HTTPError, KeyError, ValueError, TypeError, RuntimeError, TimeoutError)
"""All that a provider's answer can make go wrong."""
AWAY: Final = (httpx2.HTTPError, TimeoutError)
"""Of these: it does not answer, or not as a provider does."""


def key_set(keys: dict[str, Any]) -> KeySet:
    return KeySet.import_key_set(keys)  # type: ignore[arg-type]  # checked there


class PartnerApp(StarletteOAuth2App):  # type: ignore[misc]
    """The client for one provider."""

    def __init__(self, name: str, issuer: str, client_id: str, client_secret: str, scope: str, *, local: bool) -> None:
        super().__init__(
            StarletteIntegration(name),
            name,
            client_id=client_id,
            client_secret=client_secret,
            server_metadata_url=issuer.rstrip("/") + "/.well-known/openid-configuration",
            client_kwargs={
                "scope": scope,
                "code_challenge_method": "S256",
                "timeout": httpx2.Timeout(5, connect=3),
                "follow_redirects": False,
            },
        )
        self.server_metadata: dict[str, Any]
        self.metadata_url = issuer.rstrip("/") + "/.well-known/openid-configuration"
        self.issuer = issuer
        self.local = local
        self._metadata_until = self._keys_until = self._keys_again = 0.0
        self._lock = asyncio.Lock()

    async def load_server_metadata(self) -> dict[str, Any]:
        # Those who wait for the lock count as well: a provider that hangs holds nobody longer than the first.
        async with asyncio.timeout(PATIENCE_SECONDS), self._lock:
            if time.monotonic() < self._metadata_until:
                return dict(self.server_metadata)
            found = await self.get_json(self._server_metadata_url)
            self.refuse_other_issuer(found)
            for name in ENDPOINTS:
                self.refuse_unsafe(found.get(name))
            found["id_token_signing_alg_values_supported"] = self.algorithms(found)
            keys = self.server_metadata.get("jwks")
            self.server_metadata = {**found, "_loaded_at": time.time(), **({"jwks": keys} if keys else {})}
            self._metadata_until = time.monotonic() + METADATA_SECONDS
            return dict(self.server_metadata)

    def refuse_other_issuer(self, found: Mapping[str, Any]) -> None:
        if found.get("issuer") != self.issuer:
            raise Refused("issuer_mismatch", "the metadata name another issuer")

    def algorithms(self, found: Mapping[str, Any]) -> list[str]:
        """Of those the metadata name, the ones we take; Refused where there is none."""
        allowed = ALGORITHMS & set(found.get("id_token_signing_alg_values_supported") or ("RS256",))
        if not allowed:
            raise Refused("no_algorithm", "the provider signs with none of our algorithms")
        return sorted(allowed)

    def refuse_unsafe(self, url: object) -> None:
        parts = urlsplit(url if isinstance(url, str) else "")
        if parts.scheme != "https" and not (self.local and parts.hostname in LOOPBACK):
            raise Refused("unsafe_endpoint", "an endpoint is missing or not https")

    async def get_json(self, url: str) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE_SECONDS), self._get_session() as client:
            answer = await client.request("GET", url, withhold_token=True)
        answer.raise_for_status()
        if answer.status_code != 200 or len(answer.content) > ANSWER_BYTES:
            raise Refused("bad_answer", f"status {answer.status_code}, {len(answer.content)} bytes")
        found = answer.json()
        if not isinstance(found, dict):
            raise Refused("bad_answer", "no JSON object")
        return found

    async def fetch_jwk_set(self, force: bool = False) -> dict[str, Any]:
        metadata = await self.load_server_metadata()
        now = time.monotonic()
        fresh = now < (self._keys_again if force else self._keys_until)
        if not fresh or "jwks" not in metadata:
            metadata["jwks"] = self.server_metadata["jwks"] = await self.get_json(metadata["jwks_uri"])
            self._keys_until, self._keys_again = now + KEYS_SECONDS, now + KEYS_AGAIN_SECONDS
        keys: dict[str, Any] = metadata["jwks"]
        return keys

    async def decode(self, raw: str) -> jwt.Token:
        """A signed token of this provider. A key we do not know, or that was swapped under its name, is looked up anew.

        Raises JoseError for all others.
        """
        if len(raw) > 16_384:
            raise Refused("too_long", "the token is too long")
        metadata = await self.load_server_metadata()
        registry = JWSRegistry(algorithms=metadata["id_token_signing_alg_values_supported"], strict_check_header=False)
        try:
            return jwt.decode(raw, key_set(await self.fetch_jwk_set()), registry=registry)
        except (InvalidKeyIdError, BadSignatureError):
            return jwt.decode(raw, key_set(await self.fetch_jwk_set(force=True)), registry=registry)

    async def leave(self, redirect_uri: str, **extra: Any) -> dict[str, Any]:
        """Address to send the browser to, with `state`, `nonce` and `code_verifier` to keep meanwhile."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            journey: dict[str, Any] = await self.create_authorization_url(redirect_uri, **extra)
            return journey

    async def come_back(self, kept: Mapping[str, Any], code: str) -> tuple[dict[str, Any], str]:
        """Redeem the code: the claims of a token that passed every check, and the token itself.

        Raises one of FAULTS.
        """
        async with asyncio.timeout(PATIENCE_SECONDS):
            answer, raw = await self.redeem(kept, code)
            token = await self.decode(raw)
            await self.believe(answer, kept)
            checks.id_token(token.header, token.claims, kept, self.issuer, self.client_id, time.time())
            return dict(token.claims), raw

    async def redeem(self, kept: Mapping[str, Any], code: str) -> tuple[dict[str, Any], str]:
        """The answer of the token endpoint, and the id_token in it, not looked at yet."""
        answer = await self.fetch_access_token(
            redirect_uri=kept["redirect_uri"], code=code, code_verifier=kept["code_verifier"]
        )
        raw = answer.get("id_token") if isinstance(answer, dict) else None
        if not isinstance(raw, str):
            raise Refused("no_id_token", "the answer holds no id_token")
        return answer, raw

    async def believe(self, answer: dict[str, Any], kept: Mapping[str, Any]) -> None:
        """Authlib looks at the claims it knows, at_hash among them; we look at all of them afterwards."""
        essential = {name: {"essential": True} for name in ("sub", "exp", "iat", "nonce")}
        options = essential | {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": self.client_id},
        }
        await self.parse_id_token(answer, nonce=kept["nonce"], claims_options=options, leeway=LEEWAY_SECONDS)
