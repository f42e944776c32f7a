"""Records of a need as PDF, with as many pages as they take; and how a file is handed out."""

from typing import Final

from fpdf import FPDF, XPos, YPos
from starlette.responses import Response

from market.catalogue.statement import GREEN, Sheet
from market.i18n import Words
from market.needs.models import Need

INK: Final = (16, 33, 29)


def begun(w: Words, need: Need, name: str) -> Sheet:
    """A paper under its title; `name` is marked for translation and takes the `title` of the need."""
    title = w(name, title=w.in_language(need.text_in("title"), need.lang)[0])
    pdf = Sheet(title, w.language)
    pdf.set_auto_page_break(True, 18)
    line(pdf, title, 16, bold=True, colour=GREEN)
    return pdf


def line(
    pdf: FPDF, text: str, size: int, *, bold: bool = False, colour: tuple[int, int, int] = INK, above: int = 0
) -> None:
    pdf.ln(above)
    pdf.set_font("public", "B" if bold else "", size)
    pdf.set_text_color(*colour)
    pdf.multi_cell(0, size * 0.5, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")


def download(raw: bytes, media_type: str, name: str) -> Response:
    return Response(raw, media_type=media_type, headers={"content-disposition": f'attachment; filename="{name}"'})
