"""No upload leads past the virus scanner, and without its clear yes none is kept."""

import io
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from market.errors import Unavailable
from market.files.checks import Unfit
from market.files.scan import Clamd, NotScanned, Scanned
from market.files.stores import Folder
from tests.support.clamd import EICAR, Scanner, clamd
from tests.support.lateness import within

KEY = "ab" * 20


@pytest.fixture
def scanner() -> Iterator[Scanner]:
    with clamd() as server:
        yield server


def kept(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


def test_what_is_clean_is_kept_whole(scanner: Scanner, tmp_path: Path) -> None:
    store = Scanned(Folder(tmp_path), Clamd(scanner.url))
    content = b"%PDF-1.7" + b"x" * 900_000
    store.put(KEY, io.BytesIO(content))
    assert b"".join(store.read(KEY)) == content
    store.drop(KEY)
    assert kept(tmp_path) == 0


def test_a_virus_is_refused_wherever_it_stands(scanner: Scanner, tmp_path: Path) -> None:
    store = Scanned(Folder(tmp_path), Clamd(scanner.url))
    with pytest.raises(Unfit, match="virus scanner objects"):
        store.put(KEY, io.BytesIO(b"%PDF-1.7" + b"x" * 400_000 + EICAR))
    assert kept(tmp_path) == 0


@pytest.mark.parametrize("manner", ["hangs", "garbage", "endless", "limit"])
def test_without_a_clear_yes_nothing_is_kept(scanner: Scanner, tmp_path: Path, manner: str) -> None:
    scanner.manner = manner

    def put() -> None:
        with pytest.raises(NotScanned):
            Scanned(Folder(tmp_path), Clamd(scanner.url, patience=0.5)).put(KEY, io.BytesIO(b"%PDF-1.7"))

    within(3, put)
    assert kept(tmp_path) == 0


def test_a_scanner_that_is_away_keeps_everything_out(tmp_path: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        for url in (f"clamd://127.0.0.1:{nobody.getsockname()[1]}", f"clamd+unix:{tmp_path}/no.sock"):
            with pytest.raises(Unavailable):
                Scanned(Folder(tmp_path), Clamd(url)).put(KEY, io.BytesIO(b"%PDF-1.7"))
            with pytest.raises(NotScanned):
                Clamd(url).version()
    assert kept(tmp_path) == 0


def test_a_socket_in_the_file_system_is_one_too(scanner: Scanner, tmp_path: Path) -> None:
    path = str(tmp_path / "clamd.sock")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()

        def answer() -> None:
            line, _ = server.accept()
            with line:
                assert line.recv(100) == b"zVERSION\0"
                line.sendall(b"ClamAV 1.4.3\0")

        thread = threading.Thread(target=answer)
        thread.start()
        assert Clamd(f"clamd+unix:{path}").version() == "ClamAV 1.4.3"
        thread.join(5)
    assert Clamd(scanner.url).version().startswith("ClamAV ")
