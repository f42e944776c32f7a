"""A server that speaks clamd's protocol: finds EICAR, or hangs, or talks nonsense."""

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Scanner(socketserver.ThreadingTCPServer):
    """`manner`: `well`, `hangs`, `garbage`, `endless`, `limit` (a size limit is exceeded)."""

    allow_reuse_address = daemon_threads = True
    manner = "well"
    asked = 0

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"clamd://127.0.0.1:{self.server_address[1]}"


class Talk(socketserver.StreamRequestHandler):
    server: Scanner

    def handle(self) -> None:
        command = b""
        while not command.endswith(b"\0"):
            command += self.rfile.read(1)
        self.server.asked += 1
        if self.server.manner == "hangs":
            self.server.over.wait(20)
            return
        if command == b"zVERSION\0":
            self.wfile.write(b"ClamAV 1.4.3/27800/Tue Nov 24 09:00:00 2026\0")
            return
        content = b""
        while size := struct.unpack("!L", self.rfile.read(4))[0]:
            content += self.rfile.read(size)
        said = {
            "garbage": b"\xff\x00 what?\0",
            "endless": b"x" * 5000,
            "limit": b"INSTREAM size limit exceeded. ERROR\0",
        }
        clean = b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0"
        self.wfile.write(said.get(self.server.manner, clean))


@contextmanager
def clamd() -> Iterator[Scanner]:
    with Scanner() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield server
        server.over.set()
        server.shutdown()
        thread.join(5)
