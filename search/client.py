"""Two ways to the server: a small async wrapper for the hot path, the official client for everything that waits.

Measured (docs/search-settings.md): with `Accept-Encoding: gzip` an answer comes in two writes and costs 43 ms; the
official client opens a connection a call and may not be shared between threads.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import aiohttp
import meilisearch
import orjson

from search.errors import SearchUnavailable

TIMEOUT = 0.6
"""Seconds for one answer, and for one question: the database still has to answer within the second."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 4.0
STATE_SECONDS = 1.0


class Breaker:
    """After a failure the next calls fail at once for a while; then one call tries, and its luck is everybody's."""

    def __init__(self) -> None:
        self.pause = 0.0
        self.open_until = 0.0
        self.probing = False

    def enter(self) -> bool:
        """True for the one call that tries. Raises SearchUnavailable during the pause and while that call runs."""
        if not self.pause:
            return False
        if self.probing or time.monotonic() < self.open_until:
            raise SearchUnavailable("the search server failed a moment ago")
        self.probing = True
        return True

    def good(self) -> None:
        self.pause, self.probing = 0.0, False

    def bad(self, tried: bool) -> None:
        """The pause grows once for each try, however many calls were under way when the server went."""
        if tried or not self.pause:
            self.pause = min(LONGEST_PAUSE, self.pause * 2 or FIRST_PAUSE)
            self.open_until = time.monotonic() + self.pause
        if tried:
            self.probing = False

    def given_up(self, tried: bool) -> None:
        """The caller did not wait for the answer: nothing was learnt."""
        if tried:
            self.probing = False


@dataclass(frozen=True)
class State:
    """What the server holds. `version` changes with every write to any index."""

    version: str
    sizes: Mapping[str, int]
    """Documents by index."""
    fields: Mapping[str, frozenset[str]]
    """Names of the fields that occur in the documents of an index."""


class Client:
    """The hot path. Open it with `async with`, one per process. The key has to allow searching and `stats.get`."""

    def __init__(self, url: str, key: str, timeout: float = TIMEOUT) -> None:
        self.url = url
        self.headers = {"Accept-Encoding": "identity", "Content-Type": "application/json"}
        if key:
            self.headers["Authorization"] = f"Bearer {key}"
        self.seconds = timeout
        self.breaker = Breaker()
        self._session: aiohttp.ClientSession | None = None
        self._state: State | None = None
        self._state_until = 0.0

    async def __aenter__(self) -> "Client":
        timeout = aiohttp.ClientTimeout(total=self.seconds)
        connector = aiohttp.TCPConnector(limit=64, keepalive_timeout=60, force_close=False)
        self._session = aiohttp.ClientSession(
            connector=connector, headers=self.headers, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    @asynccontextmanager
    async def limited(self) -> AsyncIterator[None]:
        """One time limit for several requests that answer one question together. Raises SearchUnavailable."""
        try:
            async with asyncio.timeout(self.seconds):
                yield
        except TimeoutError as error:
            self.breaker.bad(False)
            raise SearchUnavailable(f"no answer within {self.seconds} s") from error

    async def multi_search(self, queries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Several searches in one request, answers in their order. Raises SearchUnavailable."""
        if not queries:
            return []
        answer = await self._ask("POST", "/multi-search", {"queries": queries})
        results = answer.get("results")
        if not isinstance(results, list) or len(results) != len(queries):
            raise SearchUnavailable("the search server answered something else")
        return results

    async def state(self, *, fresh: bool = False) -> State:
        """What the server holds, as of at most a second ago unless `fresh`. Raises SearchUnavailable.

        While one caller asks anew the others go on with what is known.
        """
        if self._state is None or fresh or time.monotonic() > self._state_until:
            self._state_until = time.monotonic() + STATE_SECONDS
            self._state = _state(await self._ask("GET", "/stats", None))
        return self._state

    async def size(self, index: str) -> int:
        """Documents in an index, as of at most a second ago. Raises SearchUnavailable, also without that index."""
        sizes = (await self.state()).sizes
        if index not in sizes:
            raise SearchUnavailable(f"there is no index {index}")
        return sizes[index]

    async def _ask(self, method: str, path: str, body: object) -> dict[str, Any]:
        if self._session is None:
            raise SearchUnavailable("the client is not open")
        tried = self.breaker.enter()
        try:
            data = None if body is None else json.dumps(body).encode()
            async with self._session.request(method, self.url + path, data=data) as response:
                raw = await response.read()
            if response.status >= 500:
                raise SearchUnavailable(f"status {response.status}: {raw[:200]!r}")
            answer = orjson.loads(raw)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            self.breaker.bad(tried)
            raise SearchUnavailable(f"{type(error).__name__}: {error}") from error
        except SearchUnavailable:
            self.breaker.bad(tried)
            raise
        except asyncio.CancelledError:
            self.breaker.given_up(tried)
            raise
        self.breaker.good()
        if response.status >= 300 or not isinstance(answer, dict):
            reason = str(answer.get("message", "")) if isinstance(answer, dict) else ""
            raise SearchUnavailable(f"status {response.status}: {reason[:300]}")
        return answer


def _state(answer: dict[str, Any]) -> State:
    try:
        indexes = answer["indexes"]
        sizes = {name: int(index["numberOfDocuments"]) for name, index in indexes.items()}
        fields = {name: frozenset(index["fieldDistribution"]) for name, index in indexes.items()}
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise SearchUnavailable(f"the search server told something else of itself: {error!r}") from error
    return State(f"{answer.get('lastUpdate')} {indexes}", sizes, fields)


def admin(url: str, key: str, timeout: int = 10) -> meilisearch.Client:
    """The official client with a time limit in seconds. One per thread."""
    return meilisearch.Client(url, key or None, timeout=timeout)
