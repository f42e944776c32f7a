"""Processes that begin with the product loaded: forked from one that has done nothing but load it.

A test that starts web and relay twenty times would spend most of its time on loading the same code. Each is still a
process of its own, with its own group, environment, memory and log, and dies of a signal like any other. What a start
from nothing is like is shown by tests/test_run.py.
"""

import os
import signal
import subprocess
import sys
import time
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from typing import cast

from market.cli import main
from market.processes import Child, die_with_parent

FORKS = get_context("forkserver")
FORKS.set_forkserver_preload(["market.app", "market.commands.relay", "market.commands.serve", "tests.support.warm"])


class WarmChild(Child):
    """A child whose command is `market VERB ...`. Start it from one thread: what multiprocessing keeps of its children
    is not made for several."""

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        here, there = FORKS.Pipe(duplex=False)
        arguments = self.command[self.command.index("market") + 1 :]
        process = FORKS.Process(target=work, args=(there, arguments, self.env, str(self.log)))
        process.start()
        there.close()
        here.recv()  # it leads its group now, so a signal finds it
        here.close()
        self.process = cast("subprocess.Popen[bytes]", Forked(process))
        self.started = time.monotonic()


class Forked:
    """What `Child` asks of a `subprocess.Popen`."""

    def __init__(self, process: ForkServerProcess) -> None:
        assert process.pid
        self.process, self.pid = process, process.pid

    def poll(self) -> int | None:
        return self.process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Exit code, negative for a signal; subprocess.TimeoutExpired after so many seconds."""
        self.process.join(timeout)
        if self.process.exitcode is None:
            raise subprocess.TimeoutExpired("market", timeout or 0)
        return self.process.exitcode


def work(ready: Connection, arguments: list[str], environ: dict[str, str], log: str) -> None:
    """In the child: become what the command line would have made."""
    os.setsid()
    die_with_parent(signal.SIGKILL)
    os.environ.clear()
    os.environ.update(environ)
    out, nothing = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644), os.open(os.devnull, os.O_RDONLY)
    for descriptor, place in ((nothing, 0), (out, 1), (out, 2)):
        os.dup2(descriptor, place)
    os.close(out)
    os.close(nothing)
    sys.argv[1:] = arguments
    ready.send(os.getpid())
    ready.close()
    sys.exit(main(arguments))
