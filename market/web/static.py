"""Static files under an address that carries their content's hash, so that browsers may keep them for ever."""

from hashlib import sha256
from pathlib import Path, PurePosixPath

from servestatic import ServeStaticASGI
from starlette.types import ASGIApp

FOLDER = Path(__file__).parents[1] / "static"
PREFIX = "/static/"


class Static(ServeStaticASGI):  # type: ignore[misc]
    """Serves `market/static`. `url(name)` is the hashed address; fonts, named in style sheets, keep their own."""

    def __init__(self) -> None:
        super().__init__(None, immutable_file_test=lambda path, url: True, allow_all_origins=False)
        self.urls: dict[str, str] = {}
        for path in sorted(FOLDER.rglob("*")):
            name = path.relative_to(FOLDER).as_posix()
            if path.is_file() and path.suffix not in (".gz", ".br", ".zstd"):
                self.urls[name] = PREFIX + (name if path.suffix == ".woff2" else _hashed(name, path))
                self.add_file_to_dictionary(self.urls[name], str(path))

    def url(self, name: str) -> str:
        """The address of a file. Raises KeyError for a file that is not there: a template never links into nothing."""
        return self.urls[name]

    def before(self, app: ASGIApp) -> ASGIApp:
        """Answer known files, hand everything else to the app."""
        self.application = app
        return self


def _hashed(name: str, path: Path) -> str:
    pure = PurePosixPath(name)
    digest = sha256(path.read_bytes()).hexdigest()[:12]
    return str(pure.with_name(f"{pure.stem}.{digest}{pure.suffix}"))
