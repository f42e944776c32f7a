"""The capability statement: what a firm can do on one A4 page, in three languages, with a code to its page."""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import segno
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts.models import Organisation
from market.catalogue.providers import offerings_of, people
from market.catalogue.rules import visible
from market.certificates import labels as proofs
from market.certificates.documents import public
from market.certificates.models import Certificate
from market.certificates.service import of_organisations
from market.errors import NotFound
from market.i18n import N_, Words
from market.offerings import labels
from market.offerings.models import Offering
from market.web.colours import GREEN, YELLOW
from market.web.endpoint import Call, endpoint

if TYPE_CHECKING:
    from market.catalogue.sheets import Sheet

BOTTOM = 252
"""Where the foot begins."""
BRIEF = 5
"""More offerings than these are named without their summary."""
Row = tuple[str, str, str]
"""What, its figure, and small print."""
LONGEST = 620
"""Letters of the firm's own text that fit."""


def statement(call: Call, ref: str) -> Response:
    """The page as PDF; 404 for a firm that is not listed."""
    firm = call.session.scalar(visible().where(Organisation.ref == ref))
    if firm is None:
        raise NotFound(f"no listed organisation {ref}")
    valid = [c for c in of_organisations(call.session, [firm.id])[firm.id] if c.valid_on(call.today)]
    address = call.pages.base_url + call.link("providers:show", ref=firm.ref, slug=firm.slug)
    content = draw(call, firm, offerings_of(call, firm), valid, address)
    name = f"{firm.slug}-{call.language}.pdf"
    return Response(
        content, media_type="application/pdf", headers={"content-disposition": f'inline; filename="{name}"'}
    )


def draw(
    call: Call, firm: Organisation, offerings: Sequence[Offering], valid: Sequence[Certificate], address: str
) -> bytes:
    from market.catalogue.sheets import Sheet

    w = call.words
    sheet = Sheet(firm.name, call.language)
    _head(sheet, w, firm, address)
    about, _ = w.in_language(firm.about or {})
    if about:
        short = about if len(about) <= LONGEST else about[:LONGEST].rsplit(" ", 1)[0] + " ..."
        sheet.line_of(short, 10.5, gap=1)
    held = _certificates(w, valid)
    if offerings:
        sheet.heading(w(N_("What we do")))
        _list(sheet, w, [_offering(w, offering) for offering in offerings], BOTTOM - 6 * len(held[:6]) - 16)
    if held:
        sheet.heading(w(N_("Certificates")))
        _list(sheet, w, held, BOTTOM)
    _foot(sheet, w, firm, address, call)
    return bytes(sheet.output())


def _offering(w: Words, offering: Offering) -> Row:
    title, _ = w.in_language(offering.text_in("title"), offering.lang)
    summary, _ = w.in_language(offering.text_in("summary"), offering.lang)
    return title, labels.price_of(w, offering) if offering.price_mode != "on_request" else "", summary


def _certificates(w: Words, valid: Sequence[Certificate]) -> list[Row]:
    """Those of the firm with their last day, those of people as a number only."""
    rows: list[Row] = []
    for certificate in public(list(valid)):
        until = certificate.valid_until
        right = w(N_("valid until %(day)s"), day=w.day(until)) if until else w(N_("without end"))
        rows.append((proofs.title(w, certificate), right, ""))
    for type_id, number in people(list(valid)):
        name = w(N_("%(certificate)s (people)"), certificate=proofs.name(w, type_id))
        rows.append((name, w.number(number), ""))
    return rows


def _list(sheet: "Sheet", w: Words, rows: Sequence[Row], bottom: float) -> None:
    """As many rows as stand above `bottom` (millimetres), then how many more there are."""
    brief = len(rows) > BRIEF
    for number, (left, right, small) in enumerate(rows):
        if number and sheet.get_y() > bottom - 9:
            more = len(rows) - number
            sheet.line_of(w.ngettext("and %(num)s more", "and %(num)s more", more) % {"num": more}, 9, grey=True)
            return
        sheet.pair(left, right, "" if brief else small)


def _head(sheet: "Sheet", w: Words, firm: Organisation, address: str) -> None:
    """A dark band with name, place and seal; the code beside it leads to the public page."""
    sheet.set_fill_color(*GREEN)
    sheet.rect(0, 0, 210, 46, "F")
    sheet.set_fill_color(*YELLOW)
    sheet.rect(0, 46, 210, 1.4, "F")
    sheet.set_xy(sheet.l_margin, 13)
    sheet.set_text_color(255, 255, 255)
    size = 24.0
    sheet.set_font("head", "", size)
    while size > 14 and len(_lines(sheet, firm.name, 132, size)) > 2:
        size -= 1
        sheet.set_font("head", "", size)
    sheet.multi_cell(132, size * 0.42, firm.name, new_x="LMARGIN", new_y="NEXT", align="L")
    sheet.set_font("public", "", 10.5)
    facts = [f"{firm.postcode} {firm.town}".strip()]
    if firm.employees:
        facts.append(w.ngettext("%(num)s employee", "%(num)s employees", firm.employees) % {"num": firm.employees})
    if firm.languages:
        facts.append(labels.languages(w, firm.languages))
    if firm.verified_on:
        facts.append(w(N_("Checked on %(day)s"), day=w.day(firm.verified_on)))
    sheet.ln(1.5)
    sheet.multi_cell(136, 5, "  ·  ".join(facts), align="L")
    code = io.BytesIO()
    segno.make(address, error="m").save(code, kind="png", scale=8, border=2)
    code.seek(0)
    sheet.image(code, x=164, y=8, w=30, alt_text=w(N_("QR code to the page of the firm")))
    sheet.set_xy(sheet.l_margin, 54)


def _lines(sheet: "Sheet", text: str, width: float, size: float) -> list[str]:
    return cast("list[str]", sheet.multi_cell(width, size, text, dry_run=True, output="LINES"))


def _foot(sheet: "Sheet", w: Words, firm: Organisation, address: str, call: Call) -> None:
    sheet.set_xy(sheet.l_margin, 258)
    contact = [part for part in (firm.contact, firm.phone, firm.email, firm.website) if part]
    sheet.line_of("  ·  ".join(contact) or firm.name, 10, bold=True, gap=0.5)
    sheet.line_of(", ".join(part for part in (firm.name, firm.street, f"{firm.postcode} {firm.town}") if part), 9)
    if firm.is_demo:
        sheet.line_of(w(N_("Example firm, invented")), 8.5, bold=True)
    as_of = w(N_("As of %(day)s"), day=w.day(call.today, "long"))
    sheet.line_of(f"{as_of}. {w(N_('Up to date at:'))} {address}", 8.5, grey=True)


routes: list[BaseRoute] = [
    Route("/providers/{ref}/statement.pdf", endpoint(statement), name="providers:statement", methods=["GET"])
]
