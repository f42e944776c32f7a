"""The hot path when the server hangs, dies and comes back."""

import asyncio
import socket
import time
from pathlib import Path

import pytest

from search import indexes, query, write
from search.client import FIRST_PAUSE, LONGEST_PAUSE, Breaker, Client, admin
from search.criteria import Criteria
from search.errors import SearchUnavailable
from tests.search.conftest import TODAY, document
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

        spent = asyncio.run(ask())
    assert 0.15 < spent[0] < 0.6
    assert max(spent[1:]) < 0.05


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


def test_garbage_is_no_answer() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello")
        await writer.drain()
        writer.close()

    async def story() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server, Client(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", "") as client:
            with pytest.raises(SearchUnavailable):
                await query.find(client, "offerings", Criteria(), TODAY, with_counts=False)

    asyncio.run(story())
