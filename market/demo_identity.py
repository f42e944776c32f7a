"""The demo's identity provider: two companies whose people sign in by choosing their name. Loopback only.

A development OpenID provider: code flow with PKCE, exact redirect addresses, single-use codes, `max_age`, RP-initiated
and back-channel logout; `faults` (tests only) makes it misbehave as real ones have. Production refuses to start it.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus, urlencode

import httpx2
import yaml
from jinja2 import Environment, FileSystemLoader
from joserfc import jwk, jwt
from joserfc.jws import JWSRegistry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

from market.i18n import language_of, words

ROOT = Path(__file__).parents[1]
COMPANIES = ROOT / "seeds" / "data" / "identity.yaml"
SECRET = "only-for-the-demo-on-this-machine-0123456789"
CLIENT = "werkplatz"
NO_STORE = {"cache-control": "no-store"}
CODE_SECONDS = 60
_pages = Environment(loader=FileSystemLoader(ROOT / "templates"), autoescape=True, trim_blocks=True)


def companies() -> list[dict[str, Any]]:
    """`key`, `organisation` (external id), `name`, `domains`, `roles` (group -> role), `people`.

    A person's `passphrase` is that of the demo's opening key; the page shows it, and the marketplace is not told.
    """
    found: list[dict[str, Any]] = yaml.safe_load(COMPANIES.read_text())
    return found


def demo_ref(key: str) -> str:
    """Reference of a demo provider, known before the marketplace knows the provider."""
    return f"demo-{key}"


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Client:
    """The marketplace as this provider knows it."""

    redirect_uris: list[str]
    after_logout: list[str]
    backchannel: str
    secret: str = SECRET


@dataclass
class Company:
    """One company's provider under `/KEY`, all in memory."""

    key: str
    name: str
    issuer: str
    people: dict[str, dict[str, Any]]
    client: Client
    keys: list[jwk.RSAKey] = field(default_factory=list)
    codes: dict[str, dict[str, Any]] = field(default_factory=dict)
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    faults: dict[str, Any] = field(default_factory=dict)
    told: list[int | str] = field(default_factory=list)
    """Status of each back-channel logout sent."""

    def __post_init__(self) -> None:
        self.keys = [new_key()]

    def routes(self) -> list[Route]:
        return [
            Route("/.well-known/openid-configuration", self.discovery),
            Route("/jwks", self.jwks),
            Route("/authorize", self.authorize, methods=["GET", "POST"]),
            Route("/token", self.token, methods=["POST"]),
            Route("/logout", self.logout),
        ]

    async def discovery(self, request: Request) -> Response:
        await self._stumble("discovery")
        if self.faults.get("down"):
            return Response("<html>bad gateway", 502)
        if self.faults.get("list"):
            return JSONResponse([])
        if self.faults.get("moved") and not request.url.query:
            return RedirectResponse("?here", 302)
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
                "end_session_endpoint": f"{self.issuer}/logout",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic"],
                "scopes_supported": ["openid", "profile", "email"],
                "authorization_response_iss_parameter_supported": True,
                "backchannel_logout_supported": True,
                "backchannel_logout_session_supported": True,
                **self.faults.get("metadata", {}),
            }
        )

    async def jwks(self, request: Request) -> Response:
        if self.faults.get("down"):
            return Response("bad gateway", 502)
        return JSONResponse({"keys": [key.as_dict(private=False) for key in self.keys]})

    async def _stumble(self, where: str) -> None:
        if self.faults.get("slow") == where:
            await asyncio.sleep(float(self.faults.get("seconds", 30)))

    # -- the browser

    async def authorize(self, request: Request) -> Response:
        query = dict(request.query_params)
        if query.get("client_id") != CLIENT or query.get("redirect_uri") not in self.client.redirect_uris:
            return HTMLResponse("Unknown client or redirect_uri", 400)
        if query.get("response_type") != "code" or query.get("code_challenge_method") != "S256":
            return self._back(query, error="invalid_request")
        cookie = f"demo_identity_{self.key}"
        sid = request.cookies.get(cookie, "")
        session = self.sessions.get(sid)
        if request.method == "POST":
            form = await request.form(max_fields=5, max_files=0)
            if form.get("cancel"):
                return self._back(query, error="access_denied")
            chosen = str(form.get("person", ""))
            if chosen not in self.people:
                return self._page(query)
            sid, session = secrets.token_urlsafe(16), {"person": chosen, "at": int(time.time())}
            self.sessions[sid] = session
        elif session is None or self._too_old(session, query.get("max_age", "")):
            return self._page(query)
        code = secrets.token_urlsafe(32)
        self.codes[code] = {"query": query, "session": session, "sid": sid, "ends": time.time() + CODE_SECONDS}
        answer = self._back(query, code=code)
        answer.set_cookie(cookie, sid, httponly=True, samesite="lax", path=f"/{self.key}")
        return answer

    @staticmethod
    def _too_old(session: dict[str, Any], max_age: str) -> bool:
        return max_age.isdigit() and time.time() - session["at"] >= int(max_age)

    def _back(self, query: dict[str, str], **answer: str) -> RedirectResponse:
        said = answer | {"state": query.get("state", ""), "iss": self.issuer} | self.faults.get("response", {})
        pairs = urlencode({name: value for name, value in said.items() if value is not None})
        return RedirectResponse(f"{query['redirect_uri']}?{pairs}", 303, NO_STORE)

    def _page(self, query: dict[str, str]) -> Response:
        html = _pages.get_template("dev/identity.html").render(
            company=self.name,
            people=self.people,
            action="?" + urlencode(query),
            _=words(language_of(query.get("ui_locales"))),
        )
        return HTMLResponse(html, headers=NO_STORE)

    async def logout(self, request: Request) -> Response:
        sid = request.cookies.get(f"demo_identity_{self.key}", "")
        session = self.sessions.pop(sid, None)
        if session is not None:
            await self.tell_logout(self.people[session["person"]]["sub"], sid)
        onward = request.query_params.get("post_logout_redirect_uri")
        if onward not in self.client.after_logout:
            return HTMLResponse("Signed out")
        state = request.query_params.get("state", "")
        return RedirectResponse(f"{onward}?{urlencode({'state': state})}", 303)

    # -- the marketplace's server

    async def token(self, request: Request) -> Response:
        await self._stumble("token")
        if self.faults.get("token_down"):
            return Response("<html>oops", 503)
        form = await request.form(max_fields=20, max_files=0)
        if not self._is_client(request.headers.get("authorization", "")):
            return JSONResponse({"error": "invalid_client"}, 401)
        grant = self.codes.pop(str(form.get("code", "")), None)
        if grant is None or not self._redeems(grant, dict(form)):
            return JSONResponse({"error": "invalid_grant"}, 400)
        access = secrets.token_urlsafe(24)
        answer: dict[str, Any] = {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": 300,
            "id_token": self.sign(self._claims(grant, access)),
        }
        if self.faults.get("no_id_token"):
            del answer["id_token"]
        return JSONResponse(answer, headers=NO_STORE)

    def _is_client(self, authorization: str) -> bool:
        kind, _, given = authorization.partition(" ")
        if kind.lower() != "basic":
            return False
        try:
            name, _, secret = base64.b64decode(given).decode().partition(":")
        except ValueError:
            return False
        right = hmac.compare_digest(unquote_plus(secret).encode(), self.client.secret.encode())
        return unquote_plus(name) == CLIENT and right

    @staticmethod
    def _redeems(grant: dict[str, Any], form: dict[str, Any]) -> bool:
        query = grant["query"]
        challenge = _b64(hashlib.sha256(str(form.get("code_verifier", "")).encode()).digest())
        return bool(
            grant["ends"] > time.time()
            and query["redirect_uri"] == form.get("redirect_uri")
            and challenge == query.get("code_challenge")
        )

    def _claims(self, grant: dict[str, Any], access: str) -> dict[str, Any]:
        now = int(time.time())
        person = self.people[grant["session"]["person"]]
        return {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": grant["query"].get("nonce"),
            "auth_time": grant["session"]["at"],
            "sid": grant["sid"],
            "at_hash": _b64(hashlib.sha256(access.encode()).digest()[:16]),
            **{name: value for name, value in person.items() if name != "passphrase"},
        }

    def sign(self, claims: dict[str, Any], typ: str = "JWT") -> str:
        """A signed token, or what a fault makes of it."""
        claims = {name: value for name, value in (claims | self.faults.get("claims", {})).items() if value is not None}
        key = self.keys[0]
        match self.faults.get("alg"):
            case "none":
                return _b64(b'{"alg":"none","typ":"JWT"}') + "." + _b64(json.dumps(claims).encode()) + "."
            case "HS256":
                head = _b64(json.dumps({"alg": "HS256", "kid": key.kid}).encode())
                body = f"{head}.{_b64(json.dumps(claims).encode())}"
                mac = hmac.new(key.as_pem(private=False), body.encode(), hashlib.sha256).digest()
                return f"{body}.{_b64(mac)}"
        if self.faults.get("forge"):
            key = new_key(key.kid)
        header = {"alg": "RS256", "kid": key.kid, "typ": self.faults.get("typ", typ)}
        return jwt.encode(header, claims, key, registry=JWSRegistry(algorithms=["RS256"]))

    async def tell_logout(self, subject: str, sid: str) -> None:
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 120, "jti": secrets.token_urlsafe(12)}
        event: dict[str, object] = {"http://schemas.openid.net/event/backchannel-logout": {}}
        token = self.sign(claims | {"sub": subject, "sid": sid, "events": event}, "logout+jwt")
        try:
            async with httpx2.AsyncClient(timeout=3) as http:
                answer = await http.post(self.client.backchannel, data={"logout_token": token})
                self.told.append(answer.status_code)
        except httpx2.HTTPError as fault:
            self.told.append(type(fault).__name__)


def new_key(kid: str | None = None) -> jwk.RSAKey:
    return jwk.RSAKey.generate_key(2048, {"kid": kid or secrets.token_hex(4), "use": "sig", "alg": "RS256"})


def build(base: str, market: str, refs: dict[str, str], found: list[dict[str, Any]] | None = None) -> list[Company]:
    """The companies under `base`, for the marketplace at `market`; `refs` are its providers' references by key."""
    return [
        Company(
            key=one["key"],
            name=one["name"],
            issuer=f"{base}/{one['key']}",
            people={person["sub"]: person for person in one["people"]},
            client=Client(
                redirect_uris=[f"{market}/auth/{refs[one['key']]}/callback"],
                after_logout=[f"{market}/signed-out"],
                backchannel=f"{market}/api/oidc/{refs[one['key']]}/backchannel",
            ),
        )
        for one in (companies() if found is None else found)
        if one["key"] in refs
    ]


def application(companies: list[Company]) -> Starlette:
    return Starlette(routes=[Mount(f"/{company.key}", routes=company.routes()) for company in companies])
