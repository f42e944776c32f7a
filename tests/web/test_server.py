"""What only the real server shows: heads too large, words that are no HTTP, and a stop that answers what it began."""

import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.lateness import within
from tests.support.town import Town, town


@pytest.fixture(scope="module")
def place(sqlite_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town(tmp_path_factory.mktemp("server"), sqlite_url, warm=True) as built:
        built.start("serve")
        yield built


def talk(place: Town, *parts: bytes) -> bytes:
    """Send bytes as they are and read until the server closes."""
    with socket.create_connection(("127.0.0.1", place.port), timeout=20) as line:
        answer = b""
        try:
            for part in parts:
                line.sendall(part)
            while more := line.recv(65_536):
                answer += more
        except OSError:
            pass
    return answer


HEAD = b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n"


@pytest.mark.parametrize(
    ("more", "status"),
    [
        (b"cookie: " + b"a=b; " * 3_000 + b"\r\n\r\n", 200),
        (b"cookie: " + b"a=b; " * 12_000 + b"\r\n\r\n", 400),
        (b"".join(b"x-%d: y\r\n" % n for n in range(4_000)) + b"\r\n", 400),
        (b"cookie: " + b"a" * 400_000, 400),
    ],
    ids=["15 KB", "60 KB", "many", "without end"],
)
def test_a_head_has_a_limit(place: Town, more: bytes, status: int) -> None:
    answer = within(2, lambda: talk(place, HEAD, *(more[at : at + 8_192] for at in range(0, len(more), 8_192))))
    # The server closes while we still send: then the refusal itself may not reach us.
    assert answer.startswith(b"HTTP/1.1 %d" % status) or (status == 400 and answer == b"")
    assert place.ask("/healthz") == (200, b"ok\n")


def test_a_long_address_is_refused_and_a_large_form_is_not_mistaken_for_a_head(place: Town) -> None:
    answer = talk(place, b"GET /search?q=" + b"x" * 20_000 + b" HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400") or answer == b""
    body = b"email=" + b"x" * 60_000
    head = b"POST /sign-in HTTP/1.1\r\nhost: 127.0.0.1\r\nsec-fetch-site: same-origin\r\nconnection: close\r\n"
    head += b"content-type: application/x-www-form-urlencoded\r\ncontent-length: %d\r\n\r\n" % len(body)
    assert talk(place, head + body).startswith(b"HTTP/1.1 422")


def test_many_requests_on_one_line_are_counted_each_for_itself(place: Town) -> None:
    one = b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\ncookie: " + b"a" * 5_000 + b"\r\n\r\n"
    answer = talk(place, *[one] * 12, HEAD + b"\r\n")
    assert answer.count(b"HTTP/1.1 200") == 13


@pytest.mark.parametrize(
    "words", [b"\x16\x03\x01\x02\x00\x01", b"HELLO\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\r\n" * 9]
)
def test_what_is_no_http_is_refused_quietly(place: Town, words: bytes) -> None:
    answer = talk(place, words, HEAD + b"\r\n")
    assert answer == b"" or answer.startswith(b"HTTP/1.1 ")
    assert b"Traceback" not in answer
    assert place.ask("/healthz") == (200, b"ok\n")


@pytest.mark.parametrize("asked", [b"OPTIONS * HTTP/1.1", b"GET //nothing HTTP/1.1", b"GET /%00 HTTP/1.1"])
def test_an_address_of_no_page_is_refused_with_a_page(place: Town, asked: bytes) -> None:
    answer = talk(place, asked + b"\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n")
    assert answer.startswith((b"HTTP/1.1 404", b"HTTP/1.1 405"))
    assert b"content-security-policy" in answer


def test_an_end_lets_the_answer_begun_go_out(sqlite_url: str, tmp_path: Path) -> None:
    with town(tmp_path / "var", sqlite_url, warm=True) as place:
        place.start("serve")
        with socket.create_connection(("127.0.0.1", place.port), timeout=10) as line:
            head = b"POST /sign-in HTTP/1.1\r\nhost: 127.0.0.1\r\nsec-fetch-site: same-origin\r\nconnection: close\r\n"
            head += b"content-type: application/x-www-form-urlencoded\r\ncontent-length: 8\r\n"
            line.sendall(head + b"expect: 100-continue\r\n\r\n")
            assert line.recv(65_536).startswith(b"HTTP/1.1 100")  # from here on it is begun
            place.children["serve"].signal(signal.SIGTERM)
            line.sendall(b"email=no")
            answer = b""
            while more := line.recv(65_536):
                answer += more
        assert answer.startswith(b"HTTP/1.1 422")
        assert answer.rstrip().endswith(b"</html>")
        process = place.children["serve"].process
        assert process is not None
        assert process.wait(10) in (0, -signal.SIGTERM)
