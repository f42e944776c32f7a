"""What somebody keeps before signing in: a signed cookie with codes, nothing on our side.

With the first page after signing in, by whatever way, it goes onto the list and the cookie ends.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from market.accounts.models import Organisation
from market.db import Sessions
from market.i18n import words
from market.offerings.models import Offering
from market.shortlists import service
from market.shortlists.models import Item
from market.shortlists.rules import visible_items
from market.shortlists.things import FIRM, OFFERING, readable
from market.viewer import Viewer
from market.web.cookies import cookie, drop_cookie, set_cookie

COOKIE: Final = "kept"
SECONDS: Final = 90 * 24 * 3600
MOST: Final = 30
"""As many codes as a cookie carries without weighing on every request."""


def _signer(request: Request) -> URLSafeSerializer:
    return URLSafeSerializer(request.app.state.settings.secret, salt="shortlists.tray")


def codes(request: Request) -> list[str]:
    """What the cookie holds, oldest first; nothing for one that is not ours."""
    signed = cookie(request, COOKIE)
    if not signed or len(signed) > 2000:
        return []
    try:
        held = _signer(request).loads(signed)
    except BadSignature:
        return []
    return readable(held)[:MOST] if isinstance(held, list) else []


def put(request: Request, response: Response, held: Iterable[str]) -> None:
    """Keep these, the newest thirty of them."""
    kept = readable(held)[-MOST:]
    if kept:
        set_cookie(request, response, COOKIE, str(_signer(request).dumps(kept)), SECONDS)
    else:
        drop_cookie(request, response, COOKIE)


def kept(request: Request, session: Session | None, viewer: Viewer) -> frozenset[str]:
    """Codes of everything the viewer keeps, for the header and the buttons: one query, none before sign-in."""
    if session is None or not viewer.is_signed_in:
        return frozenset(codes(request))
    query = visible_items(viewer).outerjoin(Item.offering).outerjoin(Item.provider)
    rows = session.execute(query.with_only_columns(Offering.ref, Organisation.ref))
    return frozenset(OFFERING + o if o else FIRM + p for o, p in rows if o or p) | frozenset(codes(request))


def settle(request: Request, response: Response, factory: Sessions, viewer: Viewer, now: datetime) -> None:
    """Bring what was kept before signing in onto the list, once, and end the cookie."""
    if not viewer.is_signed_in or not cookie(request, COOKIE):
        return
    held = codes(request)
    if held:
        with factory.begin() as session:
            service.keep_all(session, viewer, words(request.scope["language"]), held, now)
    drop_cookie(request, response, COOKIE)
