"""A whole town of real processes: web, relay and Meilisearch on one database, killed and started again at will."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from market.processes import Child
from market.run import answers, free_port, search_child
from tests.support.meili import binary
from tests.support.warm import WarmChild

KEY = "a-key-only-these-tests-know"
UNWANTED = ("MARKET_", "MEILI_", "PORT", "PROMETHEUS_")


def until(true: Callable[[], object], seconds: float, what: str) -> None:
    """Wait for something to come true; AssertionError naming it when the time is over."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"waited {seconds:.0f} s for {what}"
        time.sleep(0.02)


class Town:
    """Children by name: `serve`, `relay`, `keys`, `meilisearch`. The first three are `warm` where only what they do
    after their start counts."""

    def __init__(self, folder: Path, database_url: str, search_port: int | None = None, *, warm: bool = False) -> None:
        self.folder, self.made = folder, WarmChild if warm else Child
        self.port, self.search_port = free_port(), search_port or free_port()
        self.search_url = f"http://127.0.0.1:{self.search_port}"
        environ = {name: value for name, value in os.environ.items() if not name.startswith(UNWANTED)}
        self.env = environ | {
            "MARKET_DATABASE_URL": database_url,
            "MARKET_SEARCH_URL": self.search_url,
            "MARKET_SEARCH_KEY": KEY,
            "MARKET_VAR": str(folder),
            "PORT": str(self.port),
            "PYTHONUNBUFFERED": "1",
        }
        (folder / "meili").mkdir(parents=True, exist_ok=True)
        search = search_child(binary(), folder / "meili" / "data", KEY, self.search_port)
        self.children = {name: self.verb(name) for name in ("serve", "relay", "keys")} | {"meilisearch": search}

    def verb(self, verb: str, *options: str) -> Child:
        command = [sys.executable, "-m", "market", verb, *options]
        return self.made(verb, command, self.env, self.folder / f"{verb}.log")

    def start(self, *names: str) -> None:
        """All at once, then wait for those that answer."""
        for name in names:
            self.children[name].start()
        if "meilisearch" in names:
            until(lambda: answers(self.search_port, "/health"), 60, "Meilisearch")
        if "serve" in names:
            until(lambda: answers(self.port, "/healthz"), 60, "the web process")

    def kill(self, *names: str) -> None:
        """SIGKILL, to processes that must have been alive."""
        children = [self.children[name] for name in names]
        for child in children:
            assert child.ended() is None, f"{child.name} had ended by itself: {child.last_words()}"
        for child in children:
            child.signal(signal.SIGKILL)
        for child in children:
            assert child.process is not None
            assert child.process.wait() == -signal.SIGKILL

    def ask(
        self, path: str, body: str | None = None, headers: dict[str, str] | None = None, source: str = "127.0.0.1"
    ) -> tuple[int, bytes] | None:
        """Status and body; None where nobody answered."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20, source_address=(source, 0))
        try:
            connection.request("GET" if body is None else "POST", path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, HTTPException):
            return None
        finally:
            connection.close()

    def stop(self) -> None:
        for child in self.children.values():
            child.signal(signal.SIGKILL)
            if child.process is not None:
                child.process.wait()


@contextmanager
def town(folder: Path, database_url: str, search_port: int | None = None, *, warm: bool = False) -> Iterator[Town]:
    """Nothing is started yet; everything is stopped at the end."""
    built = Town(folder, database_url, search_port, warm=warm)
    try:
        yield built
    finally:
        built.stop()
