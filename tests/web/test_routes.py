"""Every address there is, with whatever may stand in it: never a crash, never a word of the inside."""

import re
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from market.app import ROUTES

SURROGATES: Any = ["Cs"]
PARTS = st.one_of(
    st.text(st.characters(exclude_categories=SURROGATES), min_size=1, max_size=20),
    st.sampled_from(
        ["1", "-1", "0", "x" * 300, "%00", "\x00", "..", "a/b", "'", "9" * 40, "ä", "\u202e", "{ref}", "null"]
    ),
)
VALUES = st.one_of(
    st.text(st.characters(exclude_categories=SURROGATES), max_size=20), st.sampled_from(["\x00", "9" * 40])
)
NAMES = st.sampled_from(
    ["q", "page", "next", "tab", "email", "near", "code", "state", "iss", "name", "ref", "x", "d", "_"]
)
OWN = {"sec-fetch-site": "same-origin"}


def plain(routes: Any) -> list[Route]:
    found: list[Route] = []
    for route in routes:
        if isinstance(route, Mount):
            found += plain(route.routes)
        elif isinstance(route, Route):
            found.append(route)
    return found


ALL = plain(ROUTES)
READ = [route for route in ALL if "GET" in (route.methods or ())]
WRITE = [route for route in ALL if "POST" in (route.methods or ())]
QUIET = settings(
    max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None
)


def path_of(route: Route, parts: list[str]) -> str:
    """The address with its parts filled in."""
    names = iter(parts * 3)
    return re.sub(
        r"{(\w+)(?::(\w+))?}", lambda found: quote(next(names), safe="/" if found[2] == "path" else ""), route.path
    )


def fine(answer: Any, what: object) -> None:
    assert answer.status_code < 500 or answer.status_code == 503, (what, answer.status_code, answer.text[:300])
    assert "Traceback (most recent" not in answer.text, what


@pytest.mark.parametrize("route", READ, ids=lambda route: route.name)
def test_any_address_may_be_looked_at(seeded: TestClient, route: Route) -> None:
    @QUIET
    @given(
        st.sampled_from(["", "/en", "/pl"]),
        st.lists(PARTS, min_size=4, max_size=4),
        st.dictionaries(NAMES, VALUES, max_size=4),
    )
    def look(prefix: str, parts: list[str], params: dict[str, str]) -> None:
        path = prefix + path_of(route, parts)
        fine(seeded.get(path, params=params, follow_redirects=False), (path, params))

    look()


@pytest.mark.parametrize("route", WRITE, ids=lambda route: f"{route.name}")
def test_any_form_may_be_sent(client: TestClient, route: Route) -> None:
    """On each database: forms of other pages, half of one, no form at all, files where texts belong."""
    forms = st.dictionaries(NAMES, VALUES, max_size=6)

    @QUIET
    @given(st.lists(PARTS, min_size=4, max_size=4), forms, st.integers(0, 4))
    def send(parts: list[str], form: dict[str, str], shape: int) -> None:
        path = path_of(route, parts)
        shapes: list[dict[str, Any]] = [
            {"data": form},
            {"json": form},
            {"content": b"\xff\xfe\x00" * 20, "headers": {"content-type": "application/x-www-form-urlencoded"}},
            {"content": b"--x\r\nnonsense", "headers": {"content-type": "multipart/form-data; boundary=x"}},
            {"data": form, "files": {"file": ("a.pdf", b"%PDF-", "application/pdf"), "email": ("b", b"c")}},
        ]
        given_ = dict(shapes[shape])
        given_["headers"] = OWN | given_.get("headers", {})
        fine(client.post(path, follow_redirects=False, **given_), (path, form, shape))

    send()


@pytest.mark.parametrize("route", [*WRITE], ids=lambda route: f"{route.name}")
def test_no_form_from_another_site_is_taken(seeded: TestClient, route: Route) -> None:
    """Programs have tokens and no cookies; every other address wants its own pages."""
    path = path_of(route, ["1"] * 4)
    answer = seeded.post(path, headers={"sec-fetch-site": "cross-site"}, follow_redirects=False)
    if path.startswith("/api/"):
        assert "set-cookie" not in answer.headers
    else:
        assert answer.status_code == 403, path
