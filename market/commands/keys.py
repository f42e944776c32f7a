"""`market keys`: the process that holds the sealing key (`market.bids.keyroom`).

`market keys -- COMMAND` starts a command once it answers, without the key in its environment, and ends with it: where a
machine is given all settings at once, that is how the web process comes by all but this one.
"""

import argparse
import ctypes
import os
import signal
import subprocess
import sys
import threading
from types import FrameType

from market.bids.keyroom import Door, Keyroom, Ledger, Refused
from market.config import Settings, sealing_key
from market.processes import die_with_parent
from market.values import utc_now

PR_SET_DUMPABLE = 4


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "command", nargs=argparse.REMAINDER, metavar="-- COMMAND", help="started beside, without the key"
    )


def run(settings: Settings, given: argparse.Namespace) -> int:
    hide()
    key = sealing_key()
    os.environ.pop("MARKET_SEALING_KEY", None)
    try:
        ledger = Ledger(settings.var / "keys.log")
    except Refused as refusal:
        print(f"market keys: {refusal}", file=sys.stderr)
        return 1
    with Door(settings.keys_socket, Keyroom(key, ledger, utc_now)) as door:
        threading.Thread(target=door.serve_forever, name="keys", daemon=True).start()
        command = given.command[given.command[:1] == ["--"] :]
        code = beside(command) if command else alone()
        door.shutdown()
    settings.keys_socket.unlink(missing_ok=True)
    ledger.close()
    return code


def hide() -> None:
    """Nobody of the same user reads our memory or our environment from /proc, or attaches to us (Linux)."""
    libc = ctypes.CDLL(None, use_errno=True)
    if hasattr(libc, "prctl"):
        libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def alone() -> int:
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    ended.wait()
    return 0


def beside(command: list[str]) -> int:
    """Run the command; signals go on to it, and its end is ours."""
    process = subprocess.Popen(command, preexec_fn=lambda: die_with_parent(signal.SIGTERM))

    def pass_on(number: int, frame: FrameType | None) -> None:
        process.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, pass_on)
    code = process.wait()
    return 128 - code if code < 0 else code
