"""What a backup holds, and whether it is whole."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from market.errors import Invalid

NAME = "manifest.json"
FORMAT = 1
KEY = re.compile(r"[0-9a-f]{40}")
"""As `market.files` names what it lays into the store."""
_TABLE = re.compile(r"[a-z_]+")


@dataclass
class Manifest:
    """`revision` is that of the database's shape; `missing` are files that have a row and are not in the store."""

    made_at: str
    revision: str
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Name -> `rows` and `sha256` of the compressed file."""
    files: dict[str, str] = field(default_factory=dict)
    """Key -> SHA-256."""
    missing: list[str] = field(default_factory=list)
    format: int = FORMAT

    @property
    def rows(self) -> int:
        return sum(int(one["rows"]) for one in self.tables.values())

    def write(self, folder: Path) -> None:
        (folder / NAME).write_text(json.dumps(asdict(self), indent=1, sort_keys=True) + "\n")


def table_file(folder: Path, name: str) -> Path:
    return folder / "tables" / f"{name}.jsonl.gz"


def kept_file(folder: Path, key: str) -> Path:
    return folder / "files" / key


def read(folder: Path) -> Manifest:
    """Raises Invalid where the folder is no whole backup of a form we know."""
    try:
        said = json.loads((folder / NAME).read_text())
    except FileNotFoundError:
        raise Invalid(f"{folder} is no whole backup: it has no {NAME}.") from None
    except (OSError, ValueError) as error:
        raise Invalid(f"{folder / NAME} cannot be read: {error}.") from error
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise Invalid(f"{folder / NAME} is of a form this version does not know.")
    try:
        found = Manifest(**said)
        names = [*map(_TABLE.fullmatch, found.tables), *map(KEY.fullmatch, found.files)]
    except (TypeError, AttributeError) as error:
        raise Invalid(f"{folder / NAME} is of a form this version does not know.") from error
    if not all(names):  # they become names of files, here and in the store
        raise Invalid(f"{folder / NAME} names a part that is none.")
    return found


def faults(folder: Path, manifest: Manifest) -> Iterator[str]:
    """A line for each part that is missing or not as it was written."""
    parts = [(table_file(folder, name), one["sha256"]) for name, one in manifest.tables.items()]
    parts += [(kept_file(folder, key), sha256) for key, sha256 in manifest.files.items()]
    for path, sha256 in parts:
        try:
            found = digest(path)
        except OSError as error:
            yield f"{path.relative_to(folder)} cannot be read: {error.strerror}"
        else:
            if found != sha256:
                yield f"{path.relative_to(folder)} is not as it was written"


def digest(path: Path) -> str:
    """SHA-256. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
