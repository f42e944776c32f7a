"""What is let in: known kinds only, and only if name, declaration and content agree on the kind.

Images are drawn anew without what cameras write into them; packed documents are looked into before anybody opens them.
"""

import io
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO, Final

import filetype
from PIL import Image, ImageOps, UnidentifiedImageError

from market.i18n import N_

MOST_BYTES: Final = 20 * 1024 * 1024
UNPACKED_BYTES: Final = 200 * 1024 * 1024
RATIO: Final = 100
"""How many times larger than itself a packed document may become."""
ENTRIES: Final = 2_000
SIDE: Final = 2_400
"""Longest side of an image we keep, in pixels."""
PIXELS: Final = 60_000_000
HEAD: Final = 8_192

IMAGES: Final = {"jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
_OFFICE = "application/vnd.openxmlformats-officedocument."
PACKED: Final = {
    "docx": (f"{_OFFICE}wordprocessingml.document", "word/"),
    "xlsx": (f"{_OFFICE}spreadsheetml.sheet", "xl/"),
}
DOCUMENTS: Final = {"pdf": "application/pdf", **{name: kind for name, (kind, _) in PACKED.items()}}
KINDS: Final = {**IMAGES, **DOCUMENTS}
VAGUE: Final = ("", "application/octet-stream")
"""What browsers declare when they do not know."""


class Unfit(ValueError):
    """Not let in; the text is a sentence for the person (`N_`)."""


@dataclass(frozen=True)
class Fit:
    """Content to keep: as it came, or an image drawn anew."""

    name: str
    media_type: str
    content: BinaryIO
    size: int


def clean_name(name: str) -> str:
    """The name to show and to save under: no folders, no control characters, at most 100 letters."""
    last = PurePosixPath(name.replace("\\", "/")).name
    plain = "".join(letter for letter in last if letter.isprintable() and letter not in '<>:"|?*/').strip(". ")
    stem, _, suffix = plain.rpartition(".")
    return f"{(stem or 'file')[:90]}.{suffix[:8].lower()}"


def look(name: str, declared: str, content: BinaryIO, allowed: frozenset[str] | set[str] = frozenset(KINDS)) -> Fit:
    """Look at an upload. `allowed` are endings without dot. Raises Unfit with a sentence."""
    content.seek(0, io.SEEK_END)
    size = content.tell()
    content.seek(0)
    name, ending = refuse_unfit(name, size, allowed)
    head = content.read(HEAD)
    content.seek(0)
    if declared.partition(";")[0].strip().lower() not in (*VAGUE, KINDS[ending]) or _sniff(head) != _family(ending):
        raise Unfit(N_("The content does not fit the name of the file. Please save it again as a PDF or a picture."))
    if ending in IMAGES:
        return _draw_anew(name, content)
    if ending in PACKED:
        _look_inside(content, PACKED[ending][1])
    return Fit(name, KINDS[ending], content, size)


def refuse_unfit(name: str, size: int, allowed: frozenset[str] | set[str] = frozenset(KINDS)) -> tuple[str, str]:
    """The name to keep and its ending. Raises Unfit with a sentence for what name and size already rule out."""
    name = clean_name(name)
    ending = name.rpartition(".")[2]
    if ending not in allowed or ending not in KINDS:
        raise Unfit(N_("This kind of file is not taken here. Take a PDF or a picture (JPG, PNG)."))
    if size > MOST_BYTES:
        raise Unfit(N_("The file is larger than 20 MB. Please make it smaller."))
    if size <= 0:
        raise Unfit(N_("The file is empty."))
    return name, ending


def _family(ending: str) -> str:
    return "zip" if ending in PACKED else {"jpeg": "jpg"}.get(ending, ending)


def _sniff(head: bytes) -> str:
    """The kind the bytes say; packed documents are all zip at this point."""
    if head.startswith(b"PK\x03\x04"):
        return "zip"
    kind = filetype.guess(head)
    return kind.extension if kind else ""


def _look_inside(content: BinaryIO, folder: str) -> None:
    try:
        with zipfile.ZipFile(content) as packed:
            entries = packed.infolist()
            size, small = sum(e.file_size for e in entries), sum(e.compress_size for e in entries)
            names = [entry.filename for entry in entries]
    except (zipfile.BadZipFile, ValueError) as error:
        raise Unfit(N_("The file is damaged. Please save it again.")) from error
    finally:
        content.seek(0)
    if len(entries) > ENTRIES or size > UNPACKED_BYTES or size > RATIO * max(small, 1):
        raise Unfit(N_("The file unpacks to far more than its size. Please save it again."))
    if "[Content_Types].xml" not in names or not any(name.startswith(folder) for name in names):
        raise Unfit(N_("The content does not fit the name of the file. Please save it again as a PDF or a picture."))
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Unfit(N_("Files with macros are not taken. Please save it without macros."))


def _draw_anew(name: str, content: BinaryIO) -> Fit:
    """The picture upright, at most SIDE long, without position, camera and comments."""
    try:
        with Image.open(content) as image:
            if image.width * image.height > PIXELS:
                raise Unfit(N_("The picture is too large. Please make it smaller."))
            upright = ImageOps.exif_transpose(image)
            upright.thumbnail((SIDE, SIDE))
            kind = "PNG" if image.format == "PNG" else "JPEG"
            drawn = upright.convert("RGBA" if kind == "PNG" else "RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise Unfit(N_("The picture is damaged. Please save it again.")) from error
    out = io.BytesIO()
    drawn.save(out, kind, optimize=True, **({"quality": 86} if kind == "JPEG" else {}))
    size = out.tell()
    out.seek(0)
    stem = name.rpartition(".")[0]
    return Fit(f"{stem}.{'png' if kind == 'PNG' else 'jpg'}", f"image/{kind.lower()}", out, size)
