"""A list as a table on landscape pages. Takes long to load (see catalogue/sheets.py), so it is imported to draw."""

from typing import Final

from fpdf import FPDF, FontFace, XPos, YPos
from fpdf.enums import TableBordersLayout

from market.catalogue.sheets import font_file
from market.exchange.kept import Grid
from market.web.colours import GREEN, GREY, INK

MARGIN: Final = 14
WIDTH: Final = 297 - 2 * MARGIN
"""Millimetres, landscape."""


class Paper(FPDF):
    """Landscape pages with our fonts, numbered."""

    def __init__(self, grid: Grid) -> None:
        super().__init__(orientation="landscape", format="A4")
        self.set_title(grid.name)
        self.set_lang(grid.language)
        self.set_creator("Werkplatz Ostbrandenburg")
        for style, weight in (("", 400), ("B", 600)):
            self.add_font("public", style, font_file("public-sans-2", weight))
        self.add_font("head", "", font_file("schibsted-grotesk-2", None))
        self.set_margins(MARGIN, MARGIN)
        self.set_auto_page_break(True, MARGIN)
        self.add_page()

    def footer(self) -> None:
        self.set_y(-10)
        self.set_font("public", "", 8)
        self.set_text_color(*GREY)
        self.cell(WIDTH, 4, f"Werkplatz Ostbrandenburg  ·  {self.page_no()}", align="R")


def drawn(grid: Grid) -> bytes:
    paper = Paper(grid)
    paper.set_font("head", "", 17)
    paper.set_text_color(*GREEN)
    paper.multi_cell(WIDTH, 8, grid.name, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")
    paper.set_font("public", "", 9)
    paper.set_text_color(*GREY)
    paper.cell(WIDTH, 6, grid.said, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    paper.ln(2)
    paper.set_text_color(*INK)
    paper.set_font("public", "", 8.5)
    with paper.table(
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        col_widths=grid.widths,
        headings_style=FontFace(emphasis="BOLD", color=GREEN),
        line_height=4.2,
        padding=(1.2, 2, 1.2, 0),
        text_align="LEFT",
        v_align="T",
        width=WIDTH,
    ) as table:
        for row in (grid.head, *grid.rows):
            table.row(row)
    return bytes(paper.output())
