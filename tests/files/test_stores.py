"""A folder and a bucket behave alike; the bucket is a real S3-speaking server."""

import io
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from market.errors import Unavailable
from market.files.stores import Bucket, Folder, Store, store_at

KEY = "ab" * 20


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    yield f"http://127.0.0.1:{port}"
    server.stop()


@pytest.fixture
def bucket(s3: str, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    for name, value in {
        "AWS_ENDPOINT_URL": s3,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "eu-central-1",
    }.items():
        monkeypatch.setenv(name, value)
    store = store_at("s3://werkplatz/files")
    assert isinstance(store, Bucket)
    where = {"LocationConstraint": "eu-central-1"}
    if "werkplatz" not in {b["Name"] for b in store.client.list_buckets()["Buckets"]}:
        store.client.create_bucket(Bucket="werkplatz", CreateBucketConfiguration=where)
    return store


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "folder":
        return store_at(f"file:{tmp_path}")
    found: Store = request.getfixturevalue("bucket")
    return found


def test_what_is_kept_comes_back_and_goes(store: Store) -> None:
    content = os.urandom(600_000)
    store.put(KEY, io.BytesIO(content))
    assert b"".join(store.read(KEY)) == content
    store.drop(KEY)
    store.drop(KEY)
    with pytest.raises(Unavailable):
        store.read(KEY)


def test_a_folder_that_cannot_be_written_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(Unavailable, match="could not be kept"):
        Folder(blocked).put(KEY, io.BytesIO(b"x"))


def test_a_full_disk_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    class Full(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(28, "No space left on device")

    with pytest.raises(Unavailable, match="No space left"):
        Folder(tmp_path).put(KEY, Full())
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_bucket_that_is_away_says_so(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{nobody.getsockname()[1]}")
        away = store_at("s3://werkplatz")
        with pytest.raises(Unavailable, match="could not be kept"):
            away.put(KEY, io.BytesIO(b"x"))
        with pytest.raises(Unavailable, match="cannot be read"):
            away.read(KEY)
    with pytest.raises(Unavailable):
        store_at("s3://no-such-bucket").read(KEY)
