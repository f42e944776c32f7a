"""A PostgreSQL cluster of the tests' own: made in a temporary folder, reached by a socket, gone afterwards."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def _binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        raise RuntimeError("PostgreSQL's initdb is missing; `make test` installs it on Debian.")
    return Path(on_path).resolve().parent


@contextmanager
def cluster() -> Iterator[str]:
    """Start a server and give the address of an empty database; PostgreSQL refuses to run as root."""
    become = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    folder = Path(tempfile.mkdtemp(prefix="market-pg-"))
    folder.chmod(0o777)
    data, bin_ = folder / "data", _binaries()

    def run(*command: str) -> None:
        done = subprocess.run([*become, *command], capture_output=True, text=True, cwd=folder, check=False)
        if done.returncode:
            raise RuntimeError(f"{command[0]}: {done.stderr or done.stdout}")

    run(
        f"{bin_}/initdb",
        "-D",
        str(data),
        "-U",
        "market",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale",
        "C.UTF-8",
        "-N",
    )
    settings = ("listen_addresses=", "fsync=off", "full_page_writes=off", "max_connections=60", "jit=off")
    settings += ("wal_level=minimal", "max_wal_senders=0")
    options = " ".join((f"-k {folder}", *(f"-c {setting}" for setting in settings)))
    # -l: the server must not hold the caller's output open
    run(f"{bin_}/pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        run(f"{bin_}/createdb", "-h", str(folder), "-U", "market", "market")
        yield f"postgresql+psycopg://market@/market?host={folder}"
    finally:
        run(f"{bin_}/pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)
