"""Needs and words as nobody writes them: the API answers or refuses, as described, and never breaks."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from market.exchange.records import NeedRecord

QUIET = settings(
    max_examples=80, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(
        ["", "Schweißer", "Guben", "2027-05-03", "de", "iso-9001", "45231100", "x" * 5000, "9" * 400, "\x00"]
    ),
)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner)
)
FIELDS = st.one_of(st.sampled_from(list(NeedRecord.model_fields)), st.text(max_size=8))


def test_any_need_may_be_asked(seeded: TestClient, conforms: Callable[[str, Any], None]) -> None:
    @QUIET
    @given(st.dictionaries(FIELDS, ANYTHING, max_size=6), st.booleans())
    def ask(need: dict[str, Any], titled: bool) -> None:
        body = json.dumps(need | ({"title": "Rohrleitungen schweißen"} if titled else {}))
        answer = seeded.post("/api/v1/match", content=body.encode("utf-8", "surrogatepass"))
        assert answer.status_code in (200, 400, 422), (body, answer.text)
        conforms("/api/v1/match", answer)

    ask()


NO_NEED = [b"", b"null", b"[]", b'"need"', b"{", b"{}", b"\xff", b"[" * 100_000, b'{"a":' * 50_000, b"1" * 100_000]
NO_NEED += [b'{"title": "\\ud800"}']
CLUMSY = [
    b'{"title": "a", "title": "b"}',
    b'{"title": "Kran \\ud800"}',
    b'\n {"title": "x"}\n',
    b'{"title": "x", "lat": null}',
]


@pytest.mark.parametrize("body", NO_NEED + CLUMSY, ids=lambda body: repr(body[:20]))
def test_a_body_that_is_no_need_is_refused_and_a_clumsy_one_is_taken(
    seeded: TestClient, conforms: Callable[[str, Any], None], body: bytes
) -> None:
    answer = seeded.post("/api/v1/match", content=body)
    assert answer.status_code in ((200,) if body in CLUMSY else (400, 422)), answer.text
    conforms("/api/v1/match", answer)


@pytest.mark.parametrize(("path", "name"), [("/api/v1/suggest", "q"), ("/api/v1/categories/suggest", "text")])
def test_any_words_may_be_typed(seeded: TestClient, conforms: Callable[[str, Any], None], path: str, name: str) -> None:
    @QUIET
    @given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
    def ask(text: str) -> None:
        answer = seeded.get(path, params={name: text})
        assert answer.status_code in (200, 400), text
        conforms(path, answer)

    ask()
