"""A marketplace of its own in a temporary folder, used from outside: its commands and its JSON, nothing else."""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

from tests.support.meili import ROOT, free_port, start_meilisearch

Row = dict[str, Any]
ASKED_AT_ONCE = 2
TRIES = 8
PATIENCE = 1200
"""Seconds one command may take."""


class Refused(RuntimeError):
    """A command of the product did not end well."""


class Market:
    """One database, one Meilisearch, one web process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.search_url, self.search_key, self._meili = start_meilisearch(folder)
        self.port = free_port()
        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("MARKET_")},
            "MARKET_VAR": str(folder / "var"),
            "MARKET_DATABASE_URL": f"sqlite:///{folder / 'market.db'}",
            "MARKET_SEARCH_URL": self.search_url,
            "MARKET_SEARCH_KEY": self.search_key,
            "MARKET_BASE_URL": f"http://127.0.0.1:{self.port}",
            "PORT": str(self.port),
        }
        self._web: subprocess.Popen[bytes] | None = None
        self._files = 0
        self.limited = 0
        """Answers that came from the database, and were asked for again."""

    # -- commands

    def run(self, *arguments: str, refused: bool = False) -> str:
        """`market VERB ...`: what it prints. Raises Refused unless it ends with 0 (or 1, where records may be)."""
        done = subprocess.run(
            [sys.executable, "-m", "market", *arguments],
            **{"cwd": ROOT, "env": self.env, "capture_output": True, "text": True, "timeout": PATIENCE},
        )
        if done.returncode and not (refused and done.returncode == 1):
            raise Refused(f"market {' '.join(arguments)}: {done.returncode}\n{done.stderr[-2000:]}")
        return done.stdout

    def verbs(self) -> set[str]:
        """Commands this version of the product has."""
        return {line.split()[0] for line in self.run("--help").splitlines() if line.startswith("    ") and line.split()}

    def file(self, rows: Iterable[Row]) -> str:
        self._files += 1
        path = self.folder / f"{self._files}.jsonl"
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        return str(path)

    def rows(self, *arguments: str) -> list[Row]:
        """What a command prints as JSONL."""
        return [json.loads(line) for line in self.run(*arguments).splitlines() if line.strip()]

    def build(self, cpv: Path | None, ewc: Path | None) -> None:
        """The database in its shape, with the official lists."""
        self.run("migrate")
        for name, path in (("cpv", cpv), ("ewc", ewc)):
            if path is not None:
                self.run("load-taxonomy", name, str(path))

    def bring(self, what: str, rows: Iterable[Row]) -> dict[str, str]:
        """Import and index records; the external id of each reference."""
        self.run("import", what, self.file(rows))
        self.run("reindex")
        return {row["ref"]: row["external_id"] for row in self.rows("export", what)}

    # -- the web

    def serve(self) -> None:
        log = (self.folder / "serve.log").open("ab")
        self._web = subprocess.Popen(
            [sys.executable, "-m", "market", "serve"], cwd=ROOT, env=self.env, stdout=log, stderr=log
        )
        for _ in range(600):
            try:
                self.get("/healthz")
                return
            except (urllib.error.URLError, OSError):
                if self._web.poll() is not None:
                    break
                time.sleep(0.05)
        raise Refused(f"no web: {(self.folder / 'serve.log').read_text()[-2000:]}")

    def get(self, path: str, **parameters: Any) -> Row:
        address = f"http://127.0.0.1:{self.port}{path}"
        if parameters:
            address += "?" + urlencode(parameters, doseq=True)
        with urllib.request.urlopen(address, timeout=60) as answer:
            body = answer.read()
        found: Row = json.loads(body) if body[:1] in (b"{", b"[") else {}
        return found

    def search(self, tab: str, text: str, limit: int = 50, **parameters: Any) -> list[Row]:
        """Hits of the public search. Raises Refused where only the database answers, time and again."""
        for _ in range(TRIES):
            answer = self.get(f"/api/v1/search/{tab}", q=text, limit=limit, **parameters)
            if not answer["limited"]:
                break
            self.limited += 1
            time.sleep(1)  # a busy machine: the search server is left alone for a moment
        else:
            raise Refused(f"the search server did not answer {text!r}")
        hits: list[Row] = answer["hits"]
        return hits

    def search_all(self, tab: str, texts: Mapping[str, str], limit: int = 50) -> dict[str, list[Row]]:
        """Hits of many questions by their id."""
        with ThreadPoolExecutor(ASKED_AT_ONCE) as pool:
            found = pool.map(lambda text: self.search(tab, text, limit), texts.values())
            return dict(zip(texts, found, strict=True))

    def close(self) -> None:
        for process in (self._web, self._meili):
            if process is not None:
                process.terminate()
                process.wait(20)


M = TypeVar("M", bound=Market)


@contextmanager
def market(kind: type[M] = Market) -> Iterator[M]:  # type: ignore[assignment]
    with tempfile.TemporaryDirectory(prefix="market-quality-") as folder:
        house = kind(Path(folder))
        try:
            yield house
        finally:
            house.close()
