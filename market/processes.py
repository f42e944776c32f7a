"""A family of processes: started, watched, started again and stopped together.

Each child leads its own process group, so that Ctrl-C reaches it only through here, in the right order; and
the kernel kills it when this process is gone, however that happens. What they keep has to survive that.
"""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

TRIES = 5  # deaths in a row, each soon after the start, before the run gives up
SOON = 5.0  # seconds
PATIENCE = 10.0  # seconds a child may take to stop
LONGEST_PAUSE = 60.0  # seconds before a child the run can do without is tried again
LOG_LIMIT = 5_000_000  # bytes of a log file kept from earlier runs
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class GivenUp(Exception):
    """The run cannot go on; the message is the one line the user reads."""


class Stopped(Exception):
    """The user asked for the end."""


def say(line: str) -> None:
    with suppress(OSError):  # where the terminal is gone, going on matters more than telling
        print(line, flush=True)


def die_with_parent(sign: signal.Signals) -> None:
    """Have the kernel send `sign` to this process when its parent ends (Linux)."""
    if hasattr(_libc, "prctl"):
        _libc.prctl(PR_SET_PDEATHSIG, sign)


@dataclass
class Child:
    """One process and how often it died too soon."""

    name: str
    command: list[str]
    env: dict[str, str]
    log: Path
    lasting: bool = True  # is started again when it ends
    vital: bool = True  # the run gives up when it keeps dying; others are tried again for ever
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    early_deaths: int = 0
    due: float = 0.0  # when to start it again

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        supervisor = os.getpid()

        def before_exec() -> None:
            die_with_parent(signal.SIGKILL)
            if os.getppid() != supervisor:  # it died in between
                os._exit(1)

        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=before_exec,
            )
        self.started = time.monotonic()

    def ended(self) -> int | None:
        """Its exit code, None while it runs."""
        return self.process.poll() if self.process else None

    def signal(self, sign: signal.Signals) -> None:
        if self.process and self.process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, sign)

    def last_words(self) -> str:
        """The last line of its log, where the reason of a death usually stands."""
        lines = self.log.read_text(errors="replace").strip().splitlines() if self.log.exists() else []
        return lines[-1].strip() if lines else "no last words"


class Family:
    """All children of one run."""

    def __init__(self) -> None:
        self.children: list[Child] = []  # in the order of their start
        self.stopping = False
        self.asked = float("inf")  # when the end was asked for

    def heed(self, number: int, frame: FrameType | None) -> None:
        """Ctrl-C and its kin; an impatient second Ctrl-C kills at once."""
        now = time.monotonic()
        if number == signal.SIGINT and now - self.asked > 1:
            for child in self.children:
                child.signal(signal.SIGKILL)
        if not self.stopping:
            self.asked = now
        self.stopping = True

    def wait(self, done: Callable[[], bool], seconds: float = float("inf")) -> bool:
        """Wait for something to come true while keeping all children alive; False when the time is over."""
        end = time.monotonic() + seconds
        while not self.stopping:
            self.revive()
            if done():
                return True
            if time.monotonic() > end:
                return False
            time.sleep(0.1)
        raise Stopped

    def add(self, child: Child) -> None:
        self.children.append(child)
        child.start()

    def errand(self, child: Child) -> None:
        """Run a child that is to end by itself, and well."""
        child.lasting = False
        self.add(child)
        self.wait(lambda: child.ended() is not None)
        self.children.remove(child)
        if child.ended():
            raise GivenUp(f"{child.name} failed: {child.last_words()} (more in {child.log})")

    def revive(self) -> None:
        """Start again what died; GivenUp when it keeps dying."""
        now = time.monotonic()
        for child in self.children:
            code = child.ended()
            if code is None or not child.lasting:
                continue
            if child.due:
                if now >= child.due:
                    child.due = 0.0
                    child.start()
                continue
            child.early_deaths = child.early_deaths + 1 if now - child.started < SOON else 1
            if child.early_deaths >= TRIES and child.vital:
                raise GivenUp(f"{child.name} died {TRIES} times in a row: {child.last_words()} (more in {child.log})")
            pause = min(LONGEST_PAUSE, 2.0 ** (child.early_deaths - 2)) if child.early_deaths > 1 else 0.0
            child.due = now + pause
            when = f" in {pause:.0f} s" if pause else ""
            say(f"{child.name} ended ({describe(code)}); starting it again{when}.")

    def drop(self, child: Child) -> None:
        """End one and forget it."""
        self.children.remove(child)
        end(child)

    def stop(self) -> None:
        """End all, the last started first: the web and relay may still want the search while they close."""
        self.stopping = True
        for child in reversed(self.children):
            end(child)


def end(child: Child) -> None:
    """Ask it to stop, and kill it when it does not."""
    child.signal(signal.SIGTERM)
    if child.process is None:
        return
    try:
        child.process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        say(f"{child.name} does not stop; killing it.")
        child.signal(signal.SIGKILL)
        child.process.wait()


def describe(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
