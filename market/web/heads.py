"""A bound on the head of a request: parsing a large cookie costs seconds, and a head without end all memory."""

from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LIMIT: Final = 16_384
"""Bytes of address and headers."""
REFUSAL: Final = "The head of this request is too large."


class BoundedHead(HttpToolsProtocol):
    """uvicorn's protocol on httptools, which knows no limit of its own. What is too large is answered with 400."""

    in_head = True
    unread = 0
    """Bytes that came since the head began, while it is not complete."""
    size = 0
    """Bytes of its complete parts."""

    def data_received(self, data: bytes) -> None:
        self.unread = self.unread + len(data) if self.in_head else 0
        super().data_received(data)
        if self.in_head and self.unread > LIMIT and not self.transport.is_closing():
            self.send_400_response(REFUSAL)

    def on_message_begin(self) -> None:
        self.in_head, self.size = True, 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value) + 4)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self.in_head, self.unread = False, 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self.in_head = True
        super().on_message_complete()

    def _count(self, more: int) -> None:
        """Raises inside the parser, which makes uvicorn refuse the request and close the connection."""
        self.size += more
        if self.size > LIMIT:
            raise ValueError(REFUSAL)
