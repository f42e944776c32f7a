"""Static files under an address that carries their content's hash, so that browsers may keep them for ever."""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path, PurePosixPath

import brotli
from servestatic import ServeStaticASGI
from servestatic.responders import StaticFile
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

FOLDER = Path(__file__).parents[1] / "static"
PREFIX = "/static/"
TEXTS = {".css", ".js", ".svg"}
CONDITIONAL = ("range", "if-none-match", "if-modified-since")
"""Headers that ask for less than a whole file."""


class Static(ServeStaticASGI):  # type: ignore[misc]
    """Serves `market/static`. `url(name)` is the hashed address; fonts, named in style sheets, keep their own.

    Texts are sent as small as Brotli makes them: a file is compressed once a process, not in haste at every request.
    """

    def __init__(self) -> None:
        super().__init__(None, immutable_file_test=lambda path, url: True, allow_all_origins=False)
        self.urls: dict[str, str] = {}
        self.texts: dict[str, Path] = {}
        for path in sorted(FOLDER.rglob("*")):
            name = path.relative_to(FOLDER).as_posix()
            if path.is_file() and path.suffix not in (".gz", ".br", ".zstd"):
                self.urls[name] = url = PREFIX + (name if path.suffix == ".woff2" else _hashed(name, path))
                self.add_file_to_dictionary(url, str(path))
                if path.suffix in TEXTS:
                    self.texts[url] = path

    def url(self, name: str) -> str:
        """The address of a file. Raises KeyError for a file that is not there: a template never links into nothing."""
        return self.urls[name]

    def before(self, app: ASGIApp) -> ASGIApp:
        """Answer known files, hand everything else to the app."""
        self.application = app
        return self

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = self.texts.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "GET" else None
        if path and _takes_brotli(Headers(scope=scope)):
            answer = await run_in_threadpool(_small, path, self.files[scope["path"]])
            await answer(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def _small(path: Path, file: StaticFile) -> Response:
    """The answer as servestatic gives it, with a smaller body."""
    _, headers = file.get_path_and_headers({})
    kept = {name: value for name, value in headers if name.lower() not in ("content-length", "vary")}
    small = _compressed(path.read_bytes())
    return Response(small, headers=kept | {"Content-Encoding": "br", "Vary": "Accept-Encoding"})


def _takes_brotli(headers: Headers) -> bool:
    names = {part.strip() for part in headers.get("accept-encoding", "").split(",")}
    return "br" in names and not any(name in headers for name in CONDITIONAL)


@lru_cache(maxsize=64)
def _compressed(text: bytes) -> bytes:
    return bytes(brotli.compress(text, mode=brotli.MODE_TEXT))


def _hashed(name: str, path: Path) -> str:
    pure = PurePosixPath(name)
    digest = sha256(path.read_bytes()).hexdigest()[:12]
    return str(pure.with_name(f"{pure.stem}.{digest}{pure.suffix}"))
