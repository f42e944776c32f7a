"""Runs the tests in two processes side by side, for a machine of two cores: `make test`.

Each process has its own PostgreSQL, Meilisearch, browser and ports, and shares out the files with the other while both
run (tests/support/halves.py). What the first says is seen at once, what the second said at the end. Options are
pytest's; with one process it is `.venv/bin/python -m pytest`.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

from market.processes import die_with_parent

NAMES = ("first", "second")
MEMORY = Path("/dev/shm")
ROOM = 8_000_000_000
"""Bytes that must be free in memory before the tests write there; they take less than half of it."""


def main(options: list[str]) -> int:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tests-", dir=roomy(), ignore_cleanup_errors=True) as folder:
        marks = Path(folder)
        marks.chmod(0o755)  # PostgreSQL runs as somebody else
        os.environ["TMPDIR"] = folder
        said = marks / "second.out"
        with said.open("wb") as out:
            halves: list[subprocess.Popen[bytes]] = []
            interrupts_reach(halves)
            halves += [start("first", marks, options, None), start("second", marks, options, out)]
            codes = [half.wait() for half in halves]
        told = [json.loads(path.read_text()) for name in NAMES if (path := marks / f"{name}.json").exists()]
        outcomes = sum((Counter(half["outcomes"]) for half in told), Counter())
        if codes[0] != codes[1] or any(half["outcomes"] for half in told):
            print("\nand the second process:\n", flush=True)
            sys.stdout.buffer.write(said.read_bytes())
    words = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items())) or "no tests"
    print(f"\nboth processes: {words} in {time.monotonic() - began:.0f} s", flush=True)
    if codes == [0, 0] and (fault := left_out(told, outcomes, options)):
        print(fault)
        return 1
    return max(codes, key=abs)


def roomy() -> Path | None:
    """Where the tests' databases and indexes lie: in memory if there is plenty, for they are written all the time."""
    with suppress(OSError):
        if os.access(MEMORY, os.W_OK) and min(shutil.disk_usage(MEMORY).free, available()) > ROOM:
            return MEMORY
    return None


def available() -> int:
    """Bytes of memory to be had, as Linux sees it. Raises OSError elsewhere."""
    lines = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
    return int(lines["MemAvailable"].split()[0]) * 1024


def start(name: str, marks: Path, options: list[str], out: Any) -> subprocess.Popen[bytes]:
    """A group of its own, so that Ctrl-C reaches each process once, through here; it ends when this one is gone."""
    command = [sys.executable, "-m", "pytest", "-p", "tests.support.halves", f"--half={name}", f"--marks={marks}"]
    command += ["-o", "console_output_style=classic", *options]  # a share of the whole would be no share of this half
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=out and subprocess.STDOUT,
        process_group=0,
        preexec_fn=lambda: die_with_parent(signal.SIGINT),
    )


def interrupts_reach(halves: list[subprocess.Popen[bytes]]) -> None:
    """Whoever ends this run ends both, by the signal after which pytest takes down what it has started."""

    def pass_on(number: int, frame: FrameType | None) -> None:
        for half in halves:
            half.send_signal(signal.SIGINT)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, pass_on)


def left_out(told: list[dict[str, Any]], outcomes: Counter[str], options: list[str]) -> str:
    """A word on tests neither process ran, which must not pass for a green run."""
    collected = max((half["collected"] for half in told), default=0)
    if "--collect-only" in options or "--co" in options or outcomes.total() == collected:
        return ""
    return f"{collected - outcomes.total()} of {collected} tests were run by nobody"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
