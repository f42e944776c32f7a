"""Refuses writes that come from another site, by Sec-Fetch-Site first and Origin as the fallback.

A browser sends at least one of them with every form; neither present is refused, except under `/api/`, where no
cookie is read and a token decides.
"""

from collections.abc import Mapping

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def from_own_site(method: str, path: str, headers: Mapping[str, str], origin: str) -> bool:
    """Whether the request may change something. `origin` is scheme, host and port of our public address."""
    if method in SAFE or path.startswith("/api/"):
        return True
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return headers.get("origin") == origin
