"""Records of a need as PDF, with as many pages as they take; and how a file is handed out."""

from typing import TYPE_CHECKING

from starlette.responses import Response

from market.i18n import Words
from market.needs.models import Need
from market.web.colours import GREEN, INK, Colour

if TYPE_CHECKING:
    from market.catalogue.sheets import Sheet


def begun(w: Words, need: Need, name: str) -> "Sheet":
    """A paper under its title; `name` is marked for translation and takes the `title` of the need."""
    from market.catalogue.sheets import Sheet

    title = w(name, title=w.in_language(need.text_in("title"), need.lang)[0])
    pdf = Sheet(title, w.language)
    pdf.set_auto_page_break(True, 18)
    line(pdf, title, 16, bold=True, colour=GREEN)
    return pdf


def line(pdf: "Sheet", text: str, size: int, *, bold: bool = False, colour: Colour = INK, above: int = 0) -> None:
    pdf.ln(above)
    pdf.set_font("public", "B" if bold else "", size)
    pdf.set_text_color(*colour)
    pdf.multi_cell(0, size * 0.5, text, new_x="LMARGIN", new_y="NEXT", align="L")


def download(raw: bytes, media_type: str, name: str) -> Response:
    return Response(raw, media_type=media_type, headers={"content-disposition": f'attachment; filename="{name}"'})
