"""What must be true of a provider's tokens, claim by claim. Silence refuses. Times are seconds since 1970."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from authlib.integrations.base_client import OAuthError

LEEWAY_SECONDS: Final = 60
OLDEST_SECONDS: Final = 600
"""An id_token older than this was not made for this sign-in."""
LONGEST_SECONDS: Final = 86_400
LOGOUT_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"

Claims = Mapping[str, Any]


class Refused(OAuthError):  # type: ignore[misc]  # Authlib has no types
    """An answer we do not believe; `error` is a short name for the log and the support desk."""


def demand(true: object, name: str, said: str = "") -> None:
    if not true:
        raise Refused(name, said)


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def id_token(header: Claims, claims: Claims, kept: Claims, issuer: str, client_id: str, now: float) -> None:
    """Everything Authlib does not look at. `kept` is what we remembered when the browser left. Raises Refused."""
    for _, look in id_token_parts(header, claims, kept, issuer, client_id, now):
        look()


def id_token_parts(
    header: Claims, claims: Claims, kept: Claims, issuer: str, client_id: str, now: float
) -> list[tuple[str, Callable[[], None]]]:
    """The same, each thing by its name; each raises Refused by itself."""
    return [
        ("typ", lambda: _typ(header)),
        ("iss", lambda: demand(claims.get("iss") == issuer, "bad_iss")),
        ("aud", lambda: _audience(claims.get("aud"), client_id)),
        ("azp", lambda: _handed_to(claims, client_id)),
        ("sub", lambda: _subject(claims.get("sub"))),
        ("nonce", lambda: demand(claims.get("nonce") == kept["nonce"], "bad_nonce")),
        ("times", lambda: _times(claims, now)),
        ("auth_time", lambda: _fresh(claims, kept, now)),
    ]


def _typ(header: Claims) -> None:
    demand(str(header.get("typ", "JWT")).upper() in ("JWT", "ID_TOKEN"), "bad_typ", "not an id_token")


def _audience(audience: object, client_id: str) -> None:
    ours = audience == client_id or (isinstance(audience, list) and client_id in audience)
    demand(ours, "bad_aud", "made for somebody else")


def _handed_to(claims: Claims, client_id: str) -> None:
    alone = claims.get("aud") in (client_id, [client_id])
    demand(alone or claims.get("azp") == client_id, "bad_azp", "several audiences and not for us")
    demand(claims.get("azp", client_id) == client_id, "bad_azp", "handed out to somebody else")


def _subject(subject: object) -> None:
    demand(isinstance(subject, str) and 1 <= len(subject) <= 255, "bad_sub")


def _fresh(claims: Claims, kept: Claims, now: float) -> None:
    if kept.get("max_age") is not None:
        at, oldest = claims.get("auth_time"), now - kept["max_age"] - LEEWAY_SECONDS
        demand(is_number(at) and at >= oldest, "stale_auth_time", "signed in too long ago")


def _times(claims: Claims, now: float) -> None:
    made, ends = claims.get("iat"), claims.get("exp")
    demand(is_number(made) and is_number(ends), "bad_time", "iat and exp are numbers")
    assert isinstance(made, int | float)
    assert isinstance(ends, int | float)
    demand(now - OLDEST_SECONDS <= made <= now + LEEWAY_SECONDS, "bad_iat", "not made now")
    demand(ends > now - LEEWAY_SECONDS, "expired")
    demand(ends - made <= LONGEST_SECONDS, "bad_exp", "lasts for too long")


def tenant(claims: Claims, required: Mapping[str, str]) -> None:
    """The claims the operator demands, such as the tenant. Raises Refused."""
    for name, value in required.items():
        demand(claims.get(name) == value, "wrong_tenant", f"{name} is not the one agreed on")


def way_back(query: list[tuple[str, str]], issuer: str, *, says_iss: bool) -> dict[str, str]:
    """The parameters of the callback, each once, with the right `iss` (RFC 9207). Raises Refused."""
    names = [name for name, _ in query]
    demand(len(names) == len(set(names)), "twice", "a parameter comes twice")
    given = dict(query)
    demand(given.get("iss", issuer) == issuer, "bad_response_iss", "another provider answers")
    demand(not says_iss or "iss" in given, "no_response_iss", "the provider promised to name itself")
    return given


def logout_token(header: Claims, claims: Claims, issuer: str, client_id: str, now: float) -> tuple[str, str, str]:
    """`sub`, `sid` and `jti` of a back-channel logout token (OIDC Back-Channel Logout 1.0, 2.6). Raises Refused."""
    demand(str(header.get("typ", "")).lower() == "logout+jwt", "bad_typ")
    demand(claims.get("iss") == issuer, "bad_iss")
    audience = claims.get("aud")
    demand(audience == client_id or (isinstance(audience, list) and client_id in audience), "bad_aud")
    made, ends = claims.get("iat"), claims.get("exp")
    demand(is_number(made) and now - 300 < made < now + LEEWAY_SECONDS, "bad_iat")  # type: ignore[operator]
    demand(is_number(ends) and ends > now - LEEWAY_SECONDS, "expired")  # type: ignore[operator]
    events = claims.get("events")
    demand(isinstance(events, dict) and isinstance(events.get(LOGOUT_EVENT), dict), "bad_events")
    demand("nonce" not in claims, "nonce_in_logout")
    subject, sid, jti = claims.get("sub", ""), claims.get("sid", ""), claims.get("jti")
    demand(isinstance(subject, str) and isinstance(sid, str) and (subject or sid), "nobody")
    demand(isinstance(jti, str) and 1 <= len(jti) <= 255, "bad_jti")
    return subject, sid, str(jti)
