"""Every refusal and every crash is rendered here, as a page or as problem+json (RFC 9457)."""

import errno
import logging
from collections.abc import Mapping
from typing import Final

from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from market.errors import ConfirmFirst, MarketError, SignInFirst
from market.i18n import N_
from market.web.endpoint import Ask, ask_of, keep_private

log = logging.getLogger("market.web")

TEXTS: dict[int, tuple[str, str]] = {
    400: (N_("We did not understand that"), N_("The address or the form contains something we cannot read.")),
    401: (N_("Please sign in first"), N_("This page is for people who are signed in.")),
    403: (N_("This is not open to you"), N_("You may not do this, or the form came from another site.")),
    404: (N_("This page does not exist"), N_("The address may be mistyped, or the entry was taken down.")),
    405: (N_("This does not work here"), N_("This address takes no such request.")),
    409: (
        N_("Somebody was faster"),
        N_("The entry has changed in the meantime. Load it again and look once more."),
    ),
    410: (N_("This entry is closed"), N_("It was public once and has been taken down by its owner.")),
    413: (
        N_("That is too large"),
        N_("What you sent is larger than we take. Please send less, or smaller files."),
    ),
    422: (N_("Something is missing"), N_("Please check the marked fields.")),
    500: (
        N_("Something broke on our side"),
        N_("Nothing you entered was changed. Please try again in a moment."),
    ),
    429: (N_("That was too often"), N_("Please wait a few minutes and try again.")),
    503: (
        N_("We will be right back"),
        N_("A part of the marketplace is not answering. Please try again in a moment."),
    ),
    507: (
        N_("Our storage takes nothing at the moment"),
        N_("It is full or out of order, so nothing of what you sent was kept. Please try again later."),
    ),
}
FULL: Final = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
ENDS: Final = {"connection": "close"}
"""The server closes the connection after a crash; told so, nobody sends the next form into a closed one."""
SAYS_FULL: Final = ("disk is full", "disk I/O error", "No space left on device", "could not extend file")
"""How the two databases say that nothing can be written any more."""
DISK_FULL: Final = "53100"
"""How PostgreSQL says it in every language."""


def is_api(request: Request) -> bool:
    return str(request.scope["path"]).startswith("/api/")


def problem(status: int, title: str, detail: str = "", **more: object) -> Response:
    """problem+json; `type` is `about:blank`, so `title` is the meaning of the status."""
    body = {"type": "about:blank", "title": title, "status": status} | ({"detail": detail} if detail else {})
    return JSONResponse(body | more, status, media_type="application/problem+json")


async def refused(request: Request, error: Exception) -> Response:
    """Handler for MarketError and Starlette's HTTPException."""
    status = error.status if isinstance(error, MarketError) else 500
    detail, headers = str(error), None
    if isinstance(error, HTTPException):
        status, detail, headers = error.status_code, "", error.headers
    if isinstance(error, SignInFirst) and not is_api(request):
        return _to_sign_in(request)
    if isinstance(error, ConfirmFirst) and not is_api(request):
        return RedirectResponse(Ask(request).link("oidc:step_up", error.details), 303)
    if status >= 500:
        log.error("refused with %s: %s", status, error)
    return await _answer(request, status, detail, headers, error)


def _to_sign_in(request: Request) -> Response:
    """To the sign-in, and afterwards back to the page that was asked for."""
    path = request.scope["original_path"] if request.method == "GET" else ""
    query = f"?{request.url.query}" if path and request.url.query else ""
    return RedirectResponse(Ask(request).link("accounts:sign_in", {"next": path + query}), 303)


async def crashed(request: Request, error: Exception) -> Response:
    """Handler for everything nobody foresaw. What happened goes to the log, not to the page.

    A database that is away, locked or out of connections is no fault of the request: 503, try again. Nor is a full
    disk: 507.
    """
    log.exception("crashed on %s %s", request.method, request.scope["path"], exc_info=error)
    if is_full(error):
        return await _answer(request, 507, "", ENDS | {"retry-after": "600"}, None)
    if isinstance(error, OperationalError | PoolTimeout):
        return await _answer(request, 503, "", ENDS | {"retry-after": "2"}, None)
    return await _answer(request, 500, "", ENDS, None)


def is_full(error: Exception) -> bool:
    """Whether a disk has no room: the database's or that of the files on their way."""
    if isinstance(error, OSError):
        return error.errno in FULL
    if not isinstance(error, OperationalError):
        return False
    said = str(error.orig)
    return getattr(error.orig, "sqlstate", None) == DISK_FULL or any(words in said for words in SAYS_FULL)


async def _answer(
    request: Request, status: int, detail: str, headers: Mapping[str, str] | None, error: Exception | None
) -> Response:
    title, text = TEXTS.get(status, TEXTS[500] if status >= 500 else TEXTS[400])
    if is_api(request):
        fields = error.details if isinstance(error, MarketError) else {}
        answer = problem(status, title, detail, **fields)
    else:
        ask = await ask_of(request)
        answer = ask.render(
            "errors/show.html", status=status, code=status, title=ask.words(title), text=ask.words(text)
        )
        answer = keep_private(answer, ask.viewer)
    for name, value in (headers or {}).items():
        answer.headers[name] = value
    return answer
