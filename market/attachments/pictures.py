"""A picture in two sizes, drawn anew as WebP: without position, camera and comments."""

import io
from dataclasses import dataclass
from typing import BinaryIO, Final

from PIL import Image

from market.files.checks import Fit

LARGE: Final = 1200
SMALL: Final = 400
"""Longest side in pixels."""
QUALITY: Final = 78


@dataclass(frozen=True)
class Size:
    width: int
    height: int
    fit: Fit


def sizes(fit: Fit) -> tuple[Size, Size]:
    """The small and the large size of a picture that `files.checks.look` has let in."""
    with Image.open(fit.content) as image:
        image.load()
        return _size(image, SMALL, fit.name), _size(image, LARGE, fit.name)


def _size(image: Image.Image, side: int, name: str) -> Size:
    drawn = image.copy()
    drawn.thumbnail((side, side))
    out: BinaryIO = io.BytesIO()
    drawn.save(out, "WEBP", quality=QUALITY, method=4)
    length = out.tell()
    out.seek(0)
    stem = name.rpartition(".")[0] or "picture"
    return Size(drawn.width, drawn.height, Fit(f"{stem}.webp", "image/webp", out, length))
