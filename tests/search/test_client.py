"""The hot path when the server hangs, dies and comes back."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from search import indexes, query, write
from search.client import FIRST_PAUSE, LONGEST_PAUSE, Breaker, Client, admin
from search.criteria import Criteria
from search.documents import INDEXES
from search.errors import SearchUnavailable
from search.geo import Near
from search.words import HELPERS
from tests.search.conftest import TODAY, document
from tests.support.lateness import holds
from tests.support.meili import free_port, start_meilisearch


def test_a_hanging_server_costs_its_time_limit_once() -> None:
    """A socket that accepts and never answers: the first call waits, the next ones fail at once."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"

        async def ask() -> list[float]:
            spent = []
            async with Client(url, "", timeout=0.2) as client:
                for _ in range(5):
                    start = time.perf_counter()
                    with pytest.raises(SearchUnavailable):
                        await query.find(client, "offerings", Criteria(q="rohr"), TODAY)
                    spent.append(time.perf_counter() - start)
            return spent

        holds(lambda: asyncio.run(ask()), lambda spent: 0.15 < spent[0] < 0.6 and max(spent[1:]) < 0.05)


def test_nobody_listening_fails_at_once() -> None:
    async def ask() -> None:
        async with Client(f"http://127.0.0.1:{free_port()}", "") as client:
            await query.find(client, "offerings", Criteria(), TODAY)

    with pytest.raises(SearchUnavailable):
        asyncio.run(ask())


def test_a_killed_server_is_found_again_when_it_is_back(tmp_path: Path) -> None:
    url, key, process = start_meilisearch(tmp_path)
    port = int(url.rsplit(":", 1)[1])
    try:
        write.rebuild(admin(url, key), "offerings", indexes.settings("offerings"), [document("a")])  # type: ignore[list-item]

        async def story() -> None:
            nonlocal process
            async with Client(url, key) as client:
                one = await query.find(client, "offerings", Criteria(), TODAY, with_counts=False)
                assert one[0].total == 1
                process.kill()
                process.wait()
                with pytest.raises(SearchUnavailable):
                    await query.find(client, "offerings", Criteria(), TODAY, with_counts=False)
                process = start_meilisearch(tmp_path, port, key)[2]
                for _ in range(60):
                    try:
                        again = await query.find(client, "offerings", Criteria(), TODAY, with_counts=False)
                        assert again[0].total == 1
                        return
                    except SearchUnavailable:
                        await asyncio.sleep(0.1)
                pytest.fail("the client did not come back")

        asyncio.run(story())
    finally:
        process.kill()
        process.wait()


def test_the_breaker_lets_one_call_try_and_forgets_when_it_works() -> None:
    breaker = Breaker()
    assert breaker.enter() is False
    breaker.bad(False)
    with pytest.raises(SearchUnavailable):
        breaker.enter()
    breaker.open_until = 0
    assert breaker.enter() is True
    with pytest.raises(SearchUnavailable):  # somebody is trying already
        breaker.enter()
    breaker.given_up(False)  # another call, under way since before
    with pytest.raises(SearchUnavailable):
        breaker.enter()
    breaker.given_up(True)
    assert breaker.enter() is True
    breaker.good()
    assert breaker.enter() is False


def test_the_pause_grows_with_each_try_not_with_each_call() -> None:
    breaker = Breaker()
    for _ in range(20):  # all under way when the server went
        breaker.bad(False)
    assert breaker.pause == FIRST_PAUSE
    pauses = []
    for _ in range(6):
        breaker.open_until = 0
        breaker.bad(breaker.enter())
        pauses.append(breaker.pause)
    assert pauses == sorted(pauses)
    assert pauses[0] == 2 * FIRST_PAUSE
    assert pauses[-1] == LONGEST_PAUSE


Answer = Callable[[str], Awaitable[bytes]]
"""From the request's path to everything that is sent back."""


@asynccontextmanager
async def server_of(answer: Answer) -> AsyncIterator[str]:
    """A server on a real socket; gives its address."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            writer.write(await answer(head.split()[1]))
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def http(body: bytes, status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body


@pytest.mark.parametrize(
    "answer",
    [
        b"hello",
        http(b"hello"),
        http(b"[]"),
        http(b"{}"),
        http(b'{"indexes": {"offerings": 1}}'),
        http(b'{"indexes": []}'),
        http(b'{"message": "no"}', "403 Forbidden"),
        http(b"bad gateway", "502 Bad Gateway"),
        b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{",
        b"",
    ],
)
def test_anything_else_is_no_answer(answer: bytes) -> None:
    async def say(path: str) -> bytes:
        return answer

    async def story() -> None:
        async with server_of(say) as url, Client(url, "") as client:
            for _ in range(2):
                with pytest.raises(SearchUnavailable):
                    await query.find(client, "offerings", Criteria(), TODAY)

    asyncio.run(story())


def test_answers_short_of_a_result_are_no_answer() -> None:
    """Fewer results than questions would mix up the counts."""
    stats = b'{"lastUpdate": "x", "indexes": {"offerings": {"numberOfDocuments": 1, "fieldDistribution": {}}}}'

    async def say(path: str) -> bytes:
        return http(stats if path == "/stats" else b'{"results": []}')

    async def story() -> None:
        async with server_of(say) as url, Client(url, "") as client:
            with pytest.raises(SearchUnavailable):
                await query.find(client, "offerings", Criteria(), TODAY)

    asyncio.run(story())


def test_failing_answers_open_the_breaker_refusals_do_not() -> None:
    statuses = ["500 Internal Server Error", "400 Bad Request"]

    async def say(path: str) -> bytes:
        return http(b'{"message": "m"}', statuses[0])

    async def story() -> list[float]:
        pauses = []
        async with server_of(say) as url:
            while statuses:
                async with Client(url, "") as client:
                    with pytest.raises(SearchUnavailable):
                        await client.multi_search([{"indexUid": "offerings"}])
                    pauses.append(client.breaker.pause)
                statuses.pop(0)
        return pauses

    assert asyncio.run(story()) == [FIRST_PAUSE, 0.0]


def test_a_slow_server_costs_one_time_limit_however_many_requests_a_question_takes() -> None:
    """Every single answer comes in time, but state, circle and hits together would not."""
    stats = json.dumps(
        {
            "lastUpdate": "x",
            "indexes": {
                name: {"numberOfDocuments": 1, "fieldDistribution": dict.fromkeys(HELPERS, 1)} for name in INDEXES
            },
        }
    ).encode()

    async def say(path: str) -> bytes:
        await asyncio.sleep(0.3)
        return http(stats if path == "/stats" else b'{"results": [{"hits": [], "totalHits": 0}]}')

    async def story() -> float:
        async with server_of(say) as url, Client(url, "", timeout=0.4) as client:
            began = time.perf_counter()
            with pytest.raises(SearchUnavailable):
                await query.find(client, "offerings", Criteria(near=Near(52, 14), radius_km=10), TODAY)
            spent = time.perf_counter() - began
            with pytest.raises(SearchUnavailable):  # and at once from now on
                await asyncio.wait_for(client.multi_search([{"indexUid": "offerings"}]), 0.05)
            return spent

    holds(lambda: asyncio.run(story()), lambda spent: 0.25 < spent < 0.55)


def test_a_caller_that_goes_away_breaks_nothing(meili: tuple[str, str], fill: Callable[..., None]) -> None:
    fill(offerings=[document("a")])

    async def story() -> int:
        async with Client(*meili, timeout=5) as client:
            for wait in (0, 0.0001, 0.001, 0.002):
                with suppress(TimeoutError):
                    await asyncio.wait_for(query.find(client, "offerings", Criteria(), TODAY), wait)
            return (await query.find(client, "offerings", Criteria(), TODAY))[0].total

    assert asyncio.run(story()) == 1


def test_one_asks_for_the_state_while_the_others_go_on(meili: tuple[str, str], fill: Callable[..., None]) -> None:
    fill(offerings=[document("a")])

    async def story() -> tuple[int, list[int]]:
        async with Client(*meili, timeout=5) as client:
            first = await client.size("offerings")
            return first, list(await asyncio.gather(*(client.size("offerings") for _ in range(50))))

    assert asyncio.run(story()) == (1, [1] * 50)


def test_a_missing_index_says_so(meili: tuple[str, str]) -> None:
    async def story() -> None:
        async with Client(*meili, timeout=5) as client:
            await client.size("nowhere")

    with pytest.raises(SearchUnavailable):
        asyncio.run(story())


def test_a_client_that_is_not_open_says_so() -> None:
    with pytest.raises(SearchUnavailable):
        asyncio.run(Client("http://127.0.0.1:1", "").multi_search([{"indexUid": "offerings"}]))
