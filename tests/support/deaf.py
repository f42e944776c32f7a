"""A server that takes every connection and never says a word, as a scanner, bucket, provider or mail server may."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Deaf:
    """`held` are those who wait for its word; `wake` ends them all, and whoever comes afterwards."""

    def __init__(self, ear: socket.socket) -> None:
        self.ear = ear
        self.port: int = ear.getsockname()[1]
        self.held: list[socket.socket] = []
        self.is_awake = False

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def listen(self) -> None:
        with contextlib.suppress(OSError):  # closed by `wake`
            while True:
                line, _ = self.ear.accept()
                self.held.append(line)
                if self.is_awake:
                    line.close()

    def wake(self) -> None:
        self.is_awake = True
        for line in self.held:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()

    def sleep(self) -> None:
        """Deaf again."""
        self.held.clear()
        self.is_awake = False


@contextmanager
def deaf() -> Iterator[Deaf]:
    with socket.create_server(("127.0.0.1", 0), backlog=200) as ear:
        server = Deaf(ear)
        thread = threading.Thread(target=server.listen, daemon=True)
        thread.start()
        yield server
        server.wake()
        ear.shutdown(socket.SHUT_RDWR)
        thread.join(5)
