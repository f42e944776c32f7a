"""Where the bytes lie: a folder of this machine, or a bucket that speaks S3. Keys are random."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import unquote, urlsplit

from market.errors import Unavailable

CHUNK = 262_144


class Missing(Unavailable):
    """The store answers, and has no such file."""


class Store(Protocol):
    """Every method raises Unavailable when the store is away, full or refuses."""

    def put(self, key: str, content: BinaryIO) -> None:
        """Keep it for good before returning."""

    def read(self, key: str) -> Iterator[bytes]:
        """In pieces; the first is fetched before this returns, so that a missing file fails at once."""

    def drop(self, key: str) -> None:
        """Forget it; one that is not there is no fault."""


class Folder:
    """A folder. A file is there whole or not at all: written beside, synced, renamed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def _place(self, key: str) -> Path:
        return self.path / key[:2] / key

    def put(self, key: str, content: BinaryIO) -> None:
        place = self._place(key)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as beside:
                try:
                    shutil.copyfileobj(content, beside, CHUNK)
                    beside.flush()
                    os.fsync(beside.fileno())
                    os.replace(beside.name, place)
                except OSError:
                    Path(beside.name).unlink(missing_ok=True)
                    raise
        except OSError as error:
            raise Unavailable(f"the file could not be kept: {error.strerror}") from error

    def read(self, key: str) -> Iterator[bytes]:
        try:
            file = self._place(key).open("rb")
        except FileNotFoundError as error:
            raise Missing(f"the file cannot be read: {error.strerror}") from error
        except OSError as error:
            raise Unavailable(f"the file cannot be read: {error.strerror}") from error
        return _pieces(file)

    def drop(self, key: str) -> None:
        try:
            self._place(key).unlink(missing_ok=True)
        except OSError as error:
            raise Unavailable(f"the file cannot be removed: {error.strerror}") from error


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(CHUNK):
            yield piece


class Bucket:
    """A bucket, by the settings AWS tools know (AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL, ...)."""

    def __init__(self, name: str, prefix: str) -> None:
        # Some 30 MB of memory that nobody without a bucket should pay for.
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError, ClientError

        self.name = name
        self.prefix = prefix.strip("/")
        # A store that hangs must not hold the page for longer than people wait.
        # "Total", because `max_attempts` counts the tries after the first.
        patience = Config(connect_timeout=2, read_timeout=6, retries={"total_max_attempts": 2, "mode": "standard"})
        self.client = boto3.client("s3", config=patience)
        self.faults = (BotoCoreError, ClientError)

    def _place(self, key: str) -> str:
        return f"{self.prefix}/{key}" if self.prefix else key

    def put(self, key: str, content: BinaryIO) -> None:
        try:
            self.client.put_object(Bucket=self.name, Key=self._place(key), Body=content)
        except self.faults as error:
            raise Unavailable(f"the file could not be kept: {error}") from error

    def read(self, key: str) -> Iterator[bytes]:
        try:
            answer = self.client.get_object(Bucket=self.name, Key=self._place(key))
        except self.client.exceptions.NoSuchKey as error:
            raise Missing(f"the file cannot be read: {error}") from error
        except self.faults as error:
            raise Unavailable(f"the file cannot be read: {error}") from error
        pieces: Iterator[bytes] = answer["Body"].iter_chunks(CHUNK)
        return pieces

    def drop(self, key: str) -> None:
        try:
            self.client.delete_object(Bucket=self.name, Key=self._place(key))
        except self.faults as error:
            raise Unavailable(f"the file cannot be removed: {error}") from error


def store_at(url: str) -> Store:
    """The store of MARKET_FILES_URL: `file:PATH` or `s3://bucket/prefix`."""
    parts = urlsplit(url)
    if parts.scheme == "s3":
        return Bucket(parts.netloc, unquote(parts.path))
    return Folder(Path(unquote(parts.path)))
