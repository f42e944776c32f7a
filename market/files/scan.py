"""Asks ClamAV whether an upload is clean: clamd's INSTREAM. Whatever is not a clear yes keeps the upload out.

Our own few lines, because the client on PyPI has a limit per packet only, reads answers of any length and is GPL.
"""

import re
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, Final
from urllib.parse import unquote, urlsplit

from market.errors import Unavailable
from market.files.checks import Unfit
from market.files.stores import CHUNK, Store
from market.i18n import N_

PATIENCE: Final = 15.0
"""Seconds for one file in all; clamd takes one or two for the largest we let in."""
LONGEST: Final = 1024
"""Bytes of an answer; more is no answer of clamd's."""
PORT: Final = 3310
FOUND: Final = N_("The virus scanner objects to this file. Please check your device and take another file.")
AWAY: Final = N_(
    "The file could not be checked for viruses just now, so it was not taken. Please try again in a minute."
)


class NotScanned(Unavailable):
    """The scanner is away, hangs or says what we do not understand."""


class Clamd:
    """clamd at `clamd://host:port` or `clamd+unix:/path`."""

    def __init__(self, url: str, patience: float = PATIENCE) -> None:
        parts = urlsplit(url)
        self.unix = parts.scheme == "clamd+unix"
        self.path = unquote(parts.path)
        self.host, self.port = parts.hostname or "", parts.port or PORT
        self.patience = patience

    def scan(self, content: BinaryIO) -> None:
        """Returns where the content is clean. Raises Unfit where something was found, NotScanned without an answer."""
        with self._talking() as (line, end):
            line.sendall(b"zINSTREAM\0")
            while piece := content.read(CHUNK):
                line.settimeout(_left(end))
                line.sendall(struct.pack("!L", len(piece)) + piece)
            line.sendall(struct.pack("!L", 0))
            answer = _answer(line, end)
        if re.fullmatch(r"stream: .+ FOUND", answer):
            raise Unfit(FOUND)
        if answer != "stream: OK":
            raise NotScanned(f"clamd answered {answer!r}")

    def version(self) -> str:
        """Raises NotScanned."""
        with self._talking() as (line, end):
            line.sendall(b"zVERSION\0")
            answer = _answer(line, end)
        if not answer.startswith("ClamAV "):
            raise NotScanned(f"clamd answered {answer!r}")
        return answer

    @contextmanager
    def _talking(self) -> Iterator[tuple[socket.socket, float]]:
        """A connection, and the moment at which we stop waiting."""
        end = time.monotonic() + self.patience
        try:
            with self._connect() as line:
                yield line, end
        except OSError as error:
            raise NotScanned(f"clamd does not answer: {error}") from error

    def _connect(self) -> socket.socket:
        if not self.unix:
            return socket.create_connection((self.host, self.port), timeout=self.patience)
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(self.patience)
        try:
            line.connect(self.path)
        except OSError:
            line.close()
            raise
        return line


def _left(end: float) -> float:
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError("no answer in time")
    return left


def _answer(line: socket.socket, end: float) -> str:
    """Up to the zero byte that ends it."""
    said = b""
    while not said.endswith(b"\0"):
        line.settimeout(_left(end))
        piece = line.recv(LONGEST)
        said += piece
        if not piece or len(said) > LONGEST:
            raise NotScanned(f"clamd answered {said[:80]!r}")
    return said[:-1].decode("utf-8", "replace").strip()


class Scanned:
    """A store that keeps nothing the scanner has not found clean: no way of taking files in leads past it."""

    def __init__(self, store: Store, clamd: Clamd) -> None:
        self.store, self.clamd = store, clamd

    def put(self, key: str, content: BinaryIO) -> None:
        self.clamd.scan(content)
        content.seek(0)
        self.store.put(key, content)

    def read(self, key: str) -> Iterator[bytes]:
        return self.store.read(key)

    def drop(self, key: str) -> None:
        self.store.drop(key)


def guarded(store: Store, scan_url: str) -> Store:
    """The store itself where no scanner is set."""
    return Scanned(store, Clamd(scan_url)) if scan_url else store


def unguarded(store: Store) -> Store:
    """The store behind the scanner, for what is encrypted already and was looked at before."""
    return store.store if isinstance(store, Scanned) else store


def look_through(store: Store, content: BinaryIO) -> None:
    """What `put` would ask the scanner, for what is kept encrypted. Raises Unfit and NotScanned."""
    if isinstance(store, Scanned):
        store.clamd.scan(content)
        content.seek(0)
