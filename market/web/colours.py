"""Colours of the look for what is drawn without a style sheet: red, green and blue, 0 to 255."""

from typing import Final

Colour = tuple[int, int, int]
GREEN: Final[Colour] = (10, 58, 51)
YELLOW: Final[Colour] = (255, 197, 46)
GREY: Final[Colour] = (86, 104, 99)
INK: Final[Colour] = (16, 33, 29)
