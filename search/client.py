"""Two ways to the server: a small async wrapper for the hot path, the official client for everything that waits.

Measured (docs/search-settings.md): with `Accept-Encoding: gzip` an answer comes in two writes and costs 43 ms; the
official client opens a connection a call and may not be shared between threads.
"""

import asyncio
import json
import time
from types import TracebackType
from typing import Any

import aiohttp
import meilisearch

from search.errors import SearchUnavailable

TIMEOUT = 0.6
"""Seconds for one answer: the database still has to answer within the second."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 4.0


class Breaker:
    """After a failure the next calls fail at once for a while; then one call tries, and its luck is everybody's."""

    def __init__(self) -> None:
        self.pause = 0.0
        self.open_until = 0.0
        self.probing = False

    def enter(self) -> None:
        """Raises SearchUnavailable while the pause lasts or another call is trying."""
        if self.pause and (time.monotonic() < self.open_until or self.probing):
            raise SearchUnavailable("the search server failed a moment ago")
        self.probing = bool(self.pause)

    def good(self) -> None:
        self.pause, self.probing = 0.0, False

    def bad(self) -> None:
        self.pause = min(LONGEST_PAUSE, self.pause * 2 or FIRST_PAUSE)
        self.open_until = time.monotonic() + self.pause
        self.probing = False

    def neither(self) -> None:
        """The call was given up by its caller: nothing was learnt."""
        self.probing = False


class Client:
    """The hot path. Open it with `async with`, one per process."""

    def __init__(self, url: str, key: str, timeout: float = TIMEOUT) -> None:
        self.url = url
        self.headers = {"Accept-Encoding": "identity", "Content-Type": "application/json"}
        if key:
            self.headers["Authorization"] = f"Bearer {key}"
        self.timeout = aiohttp.ClientTimeout(total=timeout)
        self.breaker = Breaker()
        self._session: aiohttp.ClientSession | None = None
        self._sizes: dict[str, tuple[float, int]] = {}

    async def __aenter__(self) -> "Client":
        connector = aiohttp.TCPConnector(limit=64, keepalive_timeout=60, force_close=False)
        self._session = aiohttp.ClientSession(connector=connector, headers=self.headers, timeout=self.timeout)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def multi_search(self, queries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Several searches in one request, answers in their order. Raises SearchUnavailable."""
        answer = await self._ask("POST", "/multi-search", {"queries": queries})
        results = answer.get("results")
        if not isinstance(results, list) or len(results) != len(queries):
            raise SearchUnavailable("the search server answered something else")
        return results

    async def size(self, index: str) -> int:
        """Documents in an index, as of at most two seconds ago. Raises SearchUnavailable."""
        known = self._sizes.get(index)
        if known is None or time.monotonic() - known[0] > 2:
            answer = await self._ask("GET", f"/indexes/{index}/stats", None)
            known = (time.monotonic(), int(answer.get("numberOfDocuments", 0)))
            self._sizes[index] = known
        return known[1]

    async def _ask(self, method: str, path: str, body: object) -> dict[str, Any]:
        if self._session is None:
            raise SearchUnavailable("the client is not open")
        self.breaker.enter()
        try:
            data = None if body is None else json.dumps(body).encode()
            async with self._session.request(method, self.url + path, data=data) as response:
                raw = await response.read()
            answer = json.loads(raw)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            self.breaker.bad()
            raise SearchUnavailable(f"{type(error).__name__}: {error}") from error
        except asyncio.CancelledError:
            self.breaker.neither()
            raise
        self.breaker.good()
        if response.status >= 300 or not isinstance(answer, dict):
            reason = str(answer.get("message", "")) if isinstance(answer, dict) else ""
            raise SearchUnavailable(f"status {response.status}: {reason[:300]}")
        return answer


def admin(url: str, key: str, timeout: int = 10) -> meilisearch.Client:
    """The official client with a time limit in seconds. One per thread."""
    return meilisearch.Client(url, key or None, timeout=timeout)
