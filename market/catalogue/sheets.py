"""Paper with our fonts. The libraries that draw PDFs take long to load: whoever draws imports this when it does."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont
from fpdf import FPDF, XPos, YPos

from market.web.colours import GREEN, GREY, INK, YELLOW

FONTS: Final = Path(__file__).parents[1] / "static" / "fonts"
MARGIN: Final = 18
WIDTH: Final = 174
"""Millimetres."""

_unpacked = TemporaryDirectory(prefix="market-fonts-")


@cache
def font_file(name: str, weight: int | None) -> Path:
    """A font of the web pages as the PDF library reads it: unpacked, and of one weight."""
    font = TTFont(FONTS / f"{name}.woff2")
    if weight is not None and "fvar" in font:
        font = instantiateVariableFont(font, {"wght": weight})
    font.flavor = None
    path = Path(_unpacked.name) / f"{name}-{weight or 0}.ttf"
    font.save(path)
    return path


class Sheet(FPDF):
    """One page with our fonts."""

    def __init__(self, title: str, language: str) -> None:
        super().__init__(format="A4")
        self.set_title(title)
        self.set_lang(language)
        self.set_creator("Werkplatz Ostbrandenburg")
        for style, weight in (("", 400), ("B", 600)):
            self.add_font("public", style, font_file("public-sans-2", weight))
        self.add_font("head", "", font_file("schibsted-grotesk-2", None))
        self.set_margins(MARGIN, MARGIN)
        self.set_auto_page_break(False)
        self.c_margin = 0  # text begins where the lines do
        self.add_page()

    def line_of(self, text: str, size: float, *, bold: bool = False, grey: bool = False, gap: float = 0) -> None:
        """A paragraph over the whole width."""
        self.set_font("public", "B" if bold else "", size)
        self.set_text_color(*(GREY if grey else INK))
        self.multi_cell(WIDTH, size * 0.47, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")
        if gap:
            self.ln(gap)

    def heading(self, text: str) -> None:
        self.ln(3.5)
        self.set_font("head", "", 13)
        self.set_text_color(*GREEN)
        self.cell(WIDTH, 6, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_draw_color(*YELLOW)
        self.set_line_width(0.8)
        self.line(MARGIN, self.get_y() + 0.6, MARGIN + 22, self.get_y() + 0.6)
        self.ln(3)

    def pair(self, left: str, right: str, small: str = "") -> None:
        """A line of a list: what, and its figure at the right edge."""
        self.set_font("public", "", 9.5)
        self.set_text_color(*GREY)
        wide = self.get_string_width(right) + 1 if right else 0
        self.set_text_color(*INK)
        top = self.get_y()
        self.multi_cell(WIDTH - wide - 3, 4.6, left, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")
        below = self.get_y()
        if right:
            self.set_xy(MARGIN + WIDTH - wide, top)
            self.set_text_color(*GREY)
            self.cell(wide, 4.6, right, align="R")
        self.set_xy(MARGIN, below)
        if small:
            self.line_of(small, 8.5, grey=True, gap=0.6)
        self.ln(0.8)
