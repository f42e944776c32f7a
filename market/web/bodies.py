"""A bound on what a request may carry: forms are read into memory, files onto the disk.

Starlette's own limit answers with a bare line; people whose file is too large get a page in their language.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES: Final = 25 * 1024 * 1024
"""Files and imports are the largest."""
MOST_BYTES_OF_WORDS: Final = 2 * 1024 * 1024
WORDS: Final = ("application/x-www-form-urlencoded", "application/json")
"""Kinds that are taken into memory as a whole."""


def most_bytes(headers: Headers) -> int:
    """The most this request may carry."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return MOST_BYTES_OF_WORDS if kind in WORDS else MOST_BYTES


def refuse_too_large(headers: Headers) -> None:
    """Raises 413 where the size is told beforehand, before anything is done."""
    told = headers.get("content-length", "")
    if told.isascii() and told.isdecimal() and int(told[:20]) > most_bytes(headers):
        raise HTTPException(413)


class BoundedBody:
    """Counts what comes, for requests that do not tell; raises 413 where the application reads.

    The moment at which the last byte is here is noted: whatever a request waits for afterwards, it came then.
    """

    def __init__(self, app: ASGIApp, clock: Callable[[], datetime]) -> None:
        self.app, self.clock = app, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most, come, answered = most_bytes(Headers(scope=scope)), 0, False
        noted = scope.setdefault("state", {})  # one for all layers below, which may copy the scope

        async def counted() -> Message:
            nonlocal come
            message = await receive()
            come += len(message.get("body", b""))
            if come > most and not answered:
                raise HTTPException(413)
            if message["type"] == "http.request" and not message.get("more_body"):
                noted.setdefault("received_at", self.clock())
            return message

        async def watched(message: Message) -> None:
            nonlocal answered
            answered = True  # from now on it is only waited for the end of the connection
            await send(message)

        await self.app(scope, counted, watched)
