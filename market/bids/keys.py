"""How the web process asks the key process. It never has the sealing key itself."""

import base64
import json
import socket
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy.orm import Session

from market.bids.sealing import canonical, moment
from market.errors import Conflict, Unavailable

PATIENCE: Final = 10.0
"""Seconds a killed key process has to be back in; a bid that is coming in meanwhile waits."""


class Keys:
    """The key process at a socket. Every method raises Unavailable when it is away, and Conflict when it refuses."""

    def __init__(self, path: Path, patience: float = PATIENCE) -> None:
        self.path, self.patience = path, patience

    def wrap(self, share: bytes, tender: str, deadline: datetime) -> bytes:
        asked = {"do": "wrap", "share": _text(share), "tender": tender, "deadline": moment(deadline)}
        return base64.b64decode(self._ask(asked)["wrapped"])

    def extend(self, wrapped: bytes, tender: str, deadline: datetime, until: datetime) -> bytes:
        asked = {"do": "extend", "wrapped": _text(wrapped), "tender": tender, "deadline": moment(deadline)}
        return base64.b64decode(self._ask(asked | {"until": moment(until)})["wrapped"])

    def release(self, wrapped: bytes, tender: str, deadline: datetime) -> bytes:
        asked = {"do": "release", "wrapped": _text(wrapped), "tender": tender, "deadline": moment(deadline)}
        return base64.b64decode(self._ask(asked)["share"])

    def hold(self, tender: str, link: str, until: datetime) -> None:
        """Keep the share back while a link for a late bid is open."""
        self._ask({"do": "hold", "tender": tender, "link": link, "until": moment(until)})

    def free(self, tender: str, link: str) -> None:
        self._ask({"do": "free", "tender": tender, "link": link})

    def sign(self, said: Mapping[str, Any]) -> dict[str, Any]:
        receipt: dict[str, Any] = self._ask({"do": "sign", "said": dict(said)})["receipt"]
        return receipt

    def public(self) -> str:
        """The public half of the key that signs receipts, base64."""
        return str(self._ask({"do": "public"})["public"])

    def _ask(self, asked: dict[str, Any]) -> dict[str, Any]:
        end = time.monotonic() + self.patience
        while True:
            try:
                answer = self._once(canonical(asked) + b"\n")
                break
            except (OSError, ValueError) as error:
                if time.monotonic() >= end:
                    raise Unavailable(f"The key process does not answer: {error}") from error
                time.sleep(0.05)
        if "refused" in answer:
            raise Conflict(f"The key process refuses: {answer['refused']}", reason="keys")
        return answer

    def _once(self, question: bytes) -> dict[str, Any]:
        """Asking twice does no harm: nothing it does takes anything away."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(5)
            line.connect(str(self.path))
            line.sendall(question)
            with line.makefile("rb") as reader:
                answer: dict[str, Any] = json.loads(reader.readline())
                return answer


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def keys_of(session: Session) -> Keys:
    """The key process the edge lent to this session. Raises Unavailable where it lent none."""
    keys: Keys | None = session.info.get("keys")
    if keys is None:
        raise Unavailable("There is no key process here.")
    return keys
