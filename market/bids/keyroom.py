"""The key process: it alone holds the sealing key, and answers over a Unix socket of this machine.

It wraps the platform's share of each tender's key, gives it out after the deadline by its own clock, binds it to a
later deadline and never to an earlier one, keeps it back while a link for a late bid is open, signs receipts of bids
that have just come, and writes down each of it. It knows no bid, no opener and no database.
"""

import base64
import fcntl
import json
import logging
import os
import socketserver
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from nacl.signing import SigningKey

from market.bids import receipts
from market.bids.sealing import NotOpened, canonical, digest, moment, unwrap_share, wrap_share
from market.locker import derived

log = logging.getLogger("market.keys")
START: Final = "0" * 64
LONGEST: Final = 16_384
"""Bytes of a question."""
OLDEST, AHEAD = timedelta(minutes=10), timedelta(seconds=5)
"""How far from our clock the arrival of a bid may lie whose receipt we sign: nothing is dated back."""
LONGEST_LINK: Final = timedelta(hours=24)
"""For how long a link for a late bid may keep a share back."""


class Refused(Exception):
    """What is asked for is not given out; the message is for the log and the web process."""


class Ledger:
    """An append-only file, a line an event, each with the hash of the one before. Raises Refused for a changed one."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.close()
            raise Refused(f"another key process writes {path}") from None
        self.head, self.latest, self.released = START, dict[str, str](), set[str]()
        self.held = dict[str, dict[str, str]]()
        """By tender, the links for late bids that were not given back, and until when."""
        whole = path.read_bytes()
        end = whole.rfind(b"\n") + 1
        os.ftruncate(self.file, end)  # a line we were killed in the middle of was never answered
        for number, line in enumerate(whole[:end].splitlines(), 1):
            if json.loads(line)["before"] != self.head:
                self.close()
                raise Refused(f"line {number} of {path} does not follow the one before: the log was changed")
            self._take(line)

    def write(self, at: datetime, what: str, tender: str, **more: str) -> None:
        """Kept before this returns."""
        line = canonical({"at": moment(at), "what": what, "tender": tender, "before": self.head, **more})
        os.write(self.file, line + b"\n")
        os.fsync(self.file)
        self._take(line)

    def _take(self, line: bytes) -> None:
        said = json.loads(line)
        self.head = digest(line)
        if said["what"] in ("wrapped", "extended"):
            self.latest[said["tender"]] = max(said["deadline"], self.latest.get(said["tender"], ""))
        elif said["what"] == "held":
            self.held.setdefault(said["tender"], {})[said["link"]] = said["until"]
        elif said["what"] == "freed":
            self.held.get(said["tender"], {}).pop(said["link"], None)
        elif said["what"] == "released":
            self.released.add(said["tender"])

    def close(self) -> None:
        os.close(self.file)


class Keyroom:
    """What is done, without the socket. One question at a time."""

    def __init__(self, sealing_key: str, ledger: Ledger, clock: Callable[[], datetime]) -> None:
        self._shares = derived(sealing_key, "platform shares of tenders")
        self._signing = SigningKey(derived(sealing_key, "signature of receipts"))
        self._ledger, self._clock, self._turn = ledger, clock, threading.Lock()

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Raises Refused, and KeyError, TypeError or ValueError for a question that is none."""
        verbs = {"wrap": self._wrap, "extend": self._extend, "release": self._release, "sign": self._sign}
        verbs |= {"hold": self._hold, "free": self._free}
        if asked["do"] == "public":
            return {"public": base64.b64encode(bytes(self._signing.verify_key)).decode()}
        with self._turn:
            return verbs[asked["do"]](asked)

    def _wrap(self, asked: dict[str, Any]) -> dict[str, Any]:
        now, tender, deadline = self._clock(), str(asked["tender"]), datetime.fromisoformat(asked["deadline"])
        if deadline <= now:
            raise Refused("the deadline is over")
        wrapped = wrap_share(self._shares, base64.b64decode(asked["share"]), tender, deadline)
        self._ledger.write(now, "wrapped", tender, deadline=moment(deadline))
        return {"wrapped": base64.b64encode(wrapped).decode()}

    def _extend(self, asked: dict[str, Any]) -> dict[str, Any]:
        now, tender = self._clock(), str(asked["tender"])
        old, new = datetime.fromisoformat(asked["deadline"]), datetime.fromisoformat(asked["until"])
        if new <= old or new <= now:
            raise self._refusal(now, tender, "a deadline only moves to later", old)
        share = self._share(asked, tender, old, now)
        self._ledger.write(now, "extended", tender, deadline=moment(new), instead_of=moment(old))
        return {"wrapped": base64.b64encode(wrap_share(self._shares, share, tender, new)).decode()}

    def _release(self, asked: dict[str, Any]) -> dict[str, Any]:
        now, tender, deadline = self._clock(), str(asked["tender"]), datetime.fromisoformat(asked["deadline"])
        if now < deadline or moment(now) < self._ledger.latest.get(tender, ""):
            raise self._refusal(now, tender, "before the deadline", deadline)
        if any(moment(now) < until for until in self._ledger.held.get(tender, {}).values()):
            raise self._refusal(now, tender, "a link for a late bid is open", deadline)
        share = self._share(asked, tender, deadline, now)
        self._ledger.write(now, "released", tender, deadline=moment(deadline))
        return {"share": base64.b64encode(share).decode()}

    def _hold(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Between the deadline and the opening a link for a late bid keeps the share here, until it is over."""
        now, tender, until = self._clock(), str(asked["tender"]), datetime.fromisoformat(asked["until"])
        if tender in self._ledger.released or moment(now) < self._ledger.latest.get(tender, ""):
            raise self._refusal(now, tender, "no time for a link", until)
        if not now < until <= now + LONGEST_LINK + AHEAD:
            raise self._refusal(now, tender, "a link of another length", until)
        self._ledger.write(now, "held", tender, link=str(asked["link"]), until=moment(until))
        return {}

    def _free(self, asked: dict[str, Any]) -> dict[str, Any]:
        """The link is used or taken back."""
        self._ledger.write(self._clock(), "freed", str(asked["tender"]), link=str(asked["link"]))
        return {}

    def _sign(self, asked: dict[str, Any]) -> dict[str, Any]:
        now, said = self._clock(), asked["said"]
        at = datetime.fromisoformat(said["received_at"])
        if not now - OLDEST <= at <= now + AHEAD:
            raise self._refusal(now, str(said["tender"]), "a receipt for another time than now", at)
        receipt = receipts.signed(self._signing, said)
        self._ledger.write(now, "signed", str(said["tender"]), receipt=digest(canonical(receipt)))
        return {"receipt": receipt}

    def _share(self, asked: dict[str, Any], tender: str, deadline: datetime, now: datetime) -> bytes:
        try:
            return unwrap_share(self._shares, base64.b64decode(asked["wrapped"]), tender, deadline)
        except NotOpened:
            raise self._refusal(now, tender, "not a share for this tender and deadline", deadline) from None

    def _refusal(self, now: datetime, tender: str, why: str, deadline: datetime) -> Refused:
        self._ledger.write(now, "refused", tender, why=why, deadline=moment(deadline))
        return Refused(why)


class Door(socketserver.ThreadingUnixStreamServer):
    """The socket; only the user who started the process may talk to it."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, path: Path, room: Keyroom) -> None:
        self.room = room
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)  # of one that was killed; two at a time are kept apart by the ledger
        before = os.umask(0o177)
        try:
            super().__init__(str(path), _Talk)
        finally:
            os.umask(before)


class _Talk(socketserver.StreamRequestHandler):
    timeout = 10

    def handle(self) -> None:
        assert isinstance(self.server, Door)
        try:
            answer = self.server.room.answer(json.loads(self.rfile.readline(LONGEST)))
        except Refused as refusal:
            log.warning("refused: %s", refusal)
            answer = {"refused": str(refusal)}
        except (KeyError, TypeError, ValueError, AttributeError) as fault:
            log.warning("no question: %r", fault)
            answer = {"refused": "no such question"}
        self.wfile.write(canonical(answer) + b"\n")
