"""`/dev/mail`: the letters of a local run, which nobody sends. Elsewhere these addresses do not exist."""

import re

from markupsafe import Markup, escape
from sqlalchemy import select
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from market.errors import NotFound
from market.mail.models import Letter
from market.web.endpoint import Call, endpoint

NEWEST = 50


def _refuse_elsewhere(call: Call) -> None:
    settings = call.request.app.state.settings
    if settings.production or not settings.mail_url.startswith("outbox:"):
        raise NotFound("no such page")


def mail(call: Call) -> Response:
    _refuse_elsewhere(call)
    letters = list(call.session.scalars(select(Letter).order_by(Letter.id.desc()).limit(NEWEST)))
    return call.render("dev/mail.html", letters=[(letter, _linked(letter.text)) for letter in letters])


def letter(call: Call, ref: str) -> Response:
    """The letter as a mail program shows it."""
    _refuse_elsewhere(call)
    found = call.session.scalar(select(Letter).where(Letter.ref == ref))
    if found is None:
        raise NotFound(f"no letter {ref}")
    # The letter brings its own styles, as it does in a mail program.
    policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
    return HTMLResponse(found.html, headers={"content-security-policy": policy})


def _linked(text: str) -> Markup:
    """The text with its addresses as links."""
    parts = re.split(r"(https?://[^\s<>\"]+)", text)
    linked = (
        Markup('<a href="{0}">{0}</a>').format(part) if number % 2 else escape(part)
        for number, part in enumerate(parts)
    )
    return Markup("").join(linked)


routes: list[BaseRoute] = [
    Route("/dev/mail", endpoint(mail), name="dev:mail"),
    Route("/dev/mail/{ref}", endpoint(letter), name="dev:letter"),
]
