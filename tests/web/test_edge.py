"""The edge: who may write, what goes with every answer, and what nobody learns when something breaks."""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from market.config import Settings
from market.db import Sessions
from market.web.bodies import MOST_BYTES, MOST_BYTES_OF_WORDS
from market.web.headers import HEADERS
from market.web.static import Static
from tests.web.conftest import SECRET, count

OWN = "http://testserver"
WRITES: list[tuple[dict[str, str], bool]] = [
    ({}, False),
    ({"sec-fetch-site": "same-origin"}, True),
    ({"sec-fetch-site": "same-site"}, False),
    ({"sec-fetch-site": "cross-site"}, False),
    ({"sec-fetch-site": "none"}, False),
    ({"sec-fetch-site": ""}, False),
    ({"origin": OWN}, True),
    ({"origin": "http://testserver:81"}, False),
    ({"origin": "https://testserver"}, False),
    ({"origin": "http://testserver.evil.example"}, False),
    ({"origin": "null"}, False),
    ({"origin": ""}, False),
    ({"sec-fetch-site": "cross-site", "origin": OWN}, False),
    ({"sec-fetch-site": "same-origin", "origin": "http://evil.example"}, True),
    ({"referer": f"{OWN}/"}, False),
    ({"host": "testserver:x/api/"}, False),
    ({"host": "testserver:80/api/", "sec-fetch-site": "cross-site"}, False),
]


@pytest.mark.parametrize(("headers", "taken"), WRITES, ids=lambda value: str(value))
def test_a_write_has_to_come_from_our_own_pages(
    probe: TestClient, sessions: Sessions, headers: dict[str, str], taken: bool
) -> None:
    """By Sec-Fetch-Site; Origin counts only where a browser is too old to send that."""
    answer = probe.post("/probe/write", headers=headers)
    assert answer.status_code in ((200,) if taken else (400, 403))
    assert count(sessions) == (1 if taken else 0)


@pytest.mark.parametrize("prefix", ["", "/en", "/pl"])
def test_the_rule_holds_in_every_language(probe: TestClient, sessions: Sessions, prefix: str) -> None:
    assert probe.post(f"{prefix}/probe/write", headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert count(sessions) == 0


def test_the_change_is_kept_before_the_answer_goes_out(probe: TestClient, sessions: Sessions) -> None:
    answer = probe.post("/probe/write", headers={"sec-fetch-site": "same-origin"})
    assert (answer.status_code, answer.text) == (200, "1")


@pytest.mark.parametrize(("then", "status"), [("crash", 500), ("refuse", 409), ("break the promise", 500)])
def test_what_fails_leaves_nothing_behind(probe: TestClient, sessions: Sessions, then: str, status: int) -> None:
    answer = probe.post("/probe/write", data={"then": then}, headers={"sec-fetch-site": "same-origin"})
    assert answer.status_code == status
    assert count(sessions) == 0


@pytest.mark.parametrize("path", ["/probe/crash", "/en/probe/crash", "/probe/crash-live", "/api/probe/crash"])
def test_a_crash_tells_the_log_and_not_the_visitor(
    probe: TestClient, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    answer = probe.get(path)
    assert answer.status_code == 500
    for word in (SECRET, "Traceback", "RuntimeError", "market/web"):
        assert word not in answer.text
    assert SECRET in caplog.text
    if path.startswith("/api/"):
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json() == {"type": "about:blank", "title": "Something broke on our side", "status": 500}
    else:
        assert answer.headers["content-type"].startswith("text/html")


def test_crashes_give_their_connections_back(probe: TestClient) -> None:
    """More of them than either pool has connections."""
    for _ in range(45):
        assert probe.get("/probe/crash").status_code == 500
    assert probe.get("/categories").status_code == 200


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/probe/write", "application/x-www-form-urlencoded"), ("/api/v1/match", "application/json")],
)
def test_what_is_too_large_is_refused_while_it_comes(
    probe: TestClient, sessions: Sessions, path: str, kind: str
) -> None:
    """With its size said before, and as a stream without end that says nothing."""
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while sent < 20_000_000:
            sent += 1_000_000
            yield b"&a=" + b"x" * 999_997

    headers = {"sec-fetch-site": "same-origin", "content-type": kind}
    for content in (b"x" * (MOST_BYTES_OF_WORDS + 1), endless()):
        answer = probe.post(path, content=content, headers=headers)
        assert answer.status_code == 413
        problem = path.startswith("/api/")
        assert answer.headers["content-type"] == ("application/problem+json" if problem else "text/html; charset=utf-8")
        guarded(answer.headers)
    assert count(sessions) == 0


def test_files_may_be_larger_than_words_and_have_their_limit_too(probe: TestClient, sessions: Sessions) -> None:
    own = {"sec-fetch-site": "same-origin"}
    fits = {"file": ("plan.pdf", b"x" * (MOST_BYTES_OF_WORDS + 1), "application/pdf")}
    assert probe.post("/probe/write", files=fits, headers=own).status_code == 200
    larger = {"file": ("plan.pdf", b"x" * MOST_BYTES, "application/pdf")}
    answer = probe.post("/pl/probe/write", files=larger, headers=own)
    assert (answer.status_code, answer.headers["content-language"]) == (413, "pl")
    assert "To jest za duże" in answer.text
    assert count(sessions) == 1


ANSWERS: list[tuple[str, str, int, dict[str, str]]] = [
    ("GET", "/", 200, {}),
    ("HEAD", "/", 200, {}),
    ("GET", "/en/search?q=x", 200, {}),
    ("GET", "/api/v1/search/offerings", 200, {}),
    ("GET", "/healthz", 200, {}),
    ("GET", "/robots.txt", 200, {}),
    ("GET", "/", 400, {"host": "evil.example"}),
    ("GET", "/api/v1/search/offerings?limit=0", 400, {}),
    ("POST", "/probe/write", 403, {}),
    ("GET", "/nowhere", 404, {}),
    ("GET", "/static/nowhere.css", 404, {}),
    ("GET", "/api/v1/nowhere", 404, {}),
    ("DELETE", "/", 405, {}),
    ("GET", "/probe/refuse/409", 409, {}),
    ("GET", "/probe/refuse/410", 410, {}),
    ("GET", "/probe/refuse/422", 422, {}),
    ("GET", "/probe/crash", 500, {}),
    ("GET", "/probe/refuse/503", 503, {}),
]


@pytest.mark.parametrize(("method", "path", "status", "headers"), ANSWERS)
def test_every_answer_carries_the_security_headers(
    probe: TestClient, method: str, path: str, status: int, headers: dict[str, str]
) -> None:
    answer = probe.request(method, path, headers=headers)
    assert answer.status_code == status
    guarded(answer.headers)
    assert "strict-transport-security" not in answer.headers, "no https here to insist on"


def guarded(headers: object) -> None:
    for name, value in HEADERS.items():
        assert headers[name] == value  # type: ignore[index]
    assert headers["cache-control"]  # type: ignore[index]
    assert "server" not in headers  # type: ignore[operator]


def test_static_files_and_what_has_not_changed_carry_them_too(probe: TestClient) -> None:
    address = next(url for name, url in Static().urls.items() if name.endswith(".css"))
    whole = probe.get(address)
    guarded(whole.headers)
    assert "immutable" in whole.headers["cache-control"]
    known = {"if-modified-since": whole.headers["last-modified"]} | (
        {"if-none-match": whole.headers["etag"]} if "etag" in whole.headers else {}
    )
    again = probe.get(address, headers=known)
    assert again.status_code == 304
    guarded(again.headers)
    tagged = probe.get("/api/v1/openapi.json")
    again = probe.get("/api/v1/openapi.json", headers={"if-none-match": tagged.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    guarded(again.headers)


def test_production_insists_on_https(production: TestClient) -> None:
    for path in ("/", "/nowhere", "/api/v1/search/offerings", next(iter(Static().urls.values()))):
        assert production.get(path).headers["strict-transport-security"] == "max-age=63072000; includeSubDomains"


def test_the_cookies_of_production_are_for_this_host_alone(production: TestClient) -> None:
    answer = production.post(
        "/sign-in",
        data={"email": "ute@probe.example"},
        headers={"sec-fetch-site": "same-origin"},
        follow_redirects=False,
    )
    assert answer.status_code == 303
    name, *flags = (part.strip().lower() for part in answer.headers["set-cookie"].split(";"))
    assert name.startswith("__host-window=")
    assert {"secure", "httponly", "samesite=lax", "path=/"} <= set(flags)
    assert not any(flag.startswith("domain") for flag in flags)


def test_pages_run_no_script_and_style_of_their_own(probe: TestClient) -> None:
    """What the policy forbids would silently not work."""
    for path in ("/", "/search?q=x", "/nowhere", "/sign-in"):
        page = probe.get(path).text
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"|javascript:", page), path
        for script in re.findall(r"<script[^>]*>", page):
            assert "src=" in script or "application/" in script, script


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("testserver", 200),
        ("testserver:8000", 200),
        ("127.0.0.1:8000", 200),
        ("localhost", 200),
        ("evil.example", 400),
        ("testserver.evil.example", 400),
        ("", 400),
    ],
)
def test_only_our_own_names_are_answered(probe: TestClient, host: str, status: int) -> None:
    answer = probe.get("/", headers={"host": host})
    assert answer.status_code == status
    assert host == "" or host not in answer.text or status == 200


@pytest.mark.parametrize("host", ["testserver", "localhost", "127.0.0.1", "www.werkplatz.example"])
def test_production_answers_to_one_name(production: TestClient, host: str) -> None:
    assert production.get("/").status_code == 200
    assert production.get("/", headers={"host": host}).status_code == 400


@pytest.mark.parametrize(
    ("path", "status", "language"),
    [
        ("/", 200, "de"),
        ("/en", 200, "en"),
        ("/en/", 200, "en"),
        ("/pl/categories", 200, "pl"),
        ("/fr/", 404, "de"),
        ("/de/", 404, "de"),
        ("/english", 404, "de"),
        ("/en/pl/", 404, "en"),
        ("/EN/", 404, "de"),
        ("/en/nowhere", 404, "en"),
        ("//evil.example/", 404, "de"),
        ("/pl/%2e%2e/etc/passwd", 404, "pl"),
    ],
)
def test_the_first_part_of_an_address_is_its_language(probe: TestClient, path: str, status: int, language: str) -> None:
    answer = probe.get(f"http://testserver{path}")
    assert (answer.status_code, answer.headers["content-language"]) == (status, language)
    assert f'<html lang="{language}"' in answer.text


@pytest.mark.parametrize("status", [400, 403, 404, 409, 410, 422, 503])
def test_refusals_are_a_page_for_people_and_a_problem_for_programs(probe: TestClient, status: int) -> None:
    page = probe.get(f"/pl/probe/refuse/{status}")
    assert page.status_code == status
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert '<meta name="robots" content="noindex">' in page.text
    assert f"no, {status}" not in page.text
    answer = probe.get(f"/api/probe/refuse/{status}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["type"], problem["status"], problem["detail"]) == ("about:blank", status, f"no, {status}")
    assert problem["title"]


def test_head_is_get_without_its_body(probe: TestClient) -> None:
    for path in ("/", "/search?q=x", "/categories", "/api/v1/search/offerings", "/nowhere", "/healthz"):
        whole, head = probe.get(path), probe.head(path)
        assert (head.status_code, head.content) == (whole.status_code, b"")
        assert head.headers["content-type"] == whole.headers["content-type"]


def test_a_method_not_known_is_refused_with_those_that_are(probe: TestClient) -> None:
    answer = probe.delete("/categories")
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}
    assert answer.headers["content-type"].startswith("text/html")
    refused = probe.post("/api/v1/search/offerings")
    assert (refused.status_code, refused.headers["content-type"]) == (405, "application/problem+json")


def test_a_database_that_is_away_is_503_and_search_pages_of_errors_still_stand(
    settings: Settings, engine: Engine
) -> None:
    from dataclasses import replace

    from market.app import create_app

    nowhere = {
        "sqlite": "sqlite:////proc/none/market.db?mode=ro&uri=true",
        "postgresql": "postgresql+psycopg://nobody@127.0.0.1:9/none",
    }
    broken = replace(settings, database_url=nowhere[engine.dialect.name])
    if engine.dialect.name == "sqlite":
        broken = replace(settings, database_url=f"sqlite:///{settings.var / 'a-folder'}")
        (settings.var / "a-folder").mkdir()
    with TestClient(create_app(broken), raise_server_exceptions=False) as client:
        answer = client.get("/en/categories")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        assert "We will be right back" in answer.text
        assert client.get("/healthz").status_code == 200
        ready = client.get("/readyz")
        assert (ready.status_code, ready.json()["database"]) == (503, {"state": "away"})
