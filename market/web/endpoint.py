"""One request, one session, one transaction, one viewer.

Views are plain functions in the thread pool: `view(call, **path_parts) -> Response`. The transaction is committed
before the answer goes out; whatever is raised rolls it back. The few views on the hot path are `async` and take an
`Ask`, which has no session of its own.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property, wraps
from typing import Any, TypeVar

from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from market.db import Sessions, read_only
from market.errors import Forbidden, NotFound
from market.i18n import Words, words
from market.values import Language, local_day, utc_now
from market.viewer import ANONYMOUS, Viewer
from market.web import threads
from market.web.bodies import refuse_too_large
from market.web.cookies import cookie
from market.web.csrf import SAFE, from_own_site
from market.web.outside import Afterwards, Outside, Wanted
from market.web.render import Pages

T = TypeVar("T")

log = logging.getLogger("market.web")

DRAIN_SECONDS = 30
"""How long the rest of a request that cannot be taken may come."""


@dataclass
class Ask:
    """What is asked: request, language, viewer and moment."""

    request: Request
    viewer: Viewer = ANONYMOUS
    now: datetime = field(default_factory=utc_now)

    @property
    def language(self) -> Language:
        language: Language = self.request.scope["language"]
        return language

    def speak(self, language: Language) -> None:
        """Go on in another language than that of the address, where it is one address for all."""
        self.request.scope["language"] = language

    @property
    def words(self) -> Words:
        return words(self.language)

    @property
    def today(self) -> date:
        return local_day(self.now)

    @property
    def pages(self) -> Pages:
        pages: Pages = self.request.app.state.pages
        return pages

    @property
    def kept(self) -> frozenset[str]:
        """Codes of what the viewer keeps; `identify` has asked the database, for others their cookie says it."""
        state = self.request.state
        if not hasattr(state, "kept"):
            state.kept = self.request.app.state.tray.kept(self.request, None, ANONYMOUS)
        kept: frozenset[str] = state.kept
        return kept

    @cached_property
    def is_fragment(self) -> bool:
        """htmx asks for a part of the page; a restore of history wants the whole."""
        headers = self.request.headers
        return headers.get("hx-request") == "true" and headers.get("hx-history-restore-request") != "true"

    def link(self, name: str, /, query: dict[str, Any] | None = None, **parts: object) -> str:
        return self.pages.links.path(name, self.language, query, **parts)

    def render(self, template: str, *, status: int = 200, **context: object) -> Response:
        html = self.pages.render(
            template,
            self.words,
            request=self.request,
            viewer=self.viewer,
            shortlisted=self.kept,
            today=self.today,
            **context,
        )
        headers = {"vary": "HX-Request, HX-History-Restore-Request", "content-language": self.language}
        return HTMLResponse(html, status, headers)

    def redirect(self, name: str, /, **parts: object) -> Response:
        """See other: the answer to a form that was taken."""
        return RedirectResponse(self.link(name, None, **parts), 303)

    async def in_database(self, read: Callable[[Session], T]) -> T:
        """Run a read on a session of its own, off the event loop."""

        def run() -> T:
            with read_only(self.request.app.state.sessions) as session:
                return read(session)

        return await run_in_threadpool(run)

    async def in_transaction(self, change: Callable[[Session], T]) -> T:
        """Run a change in a transaction of its own, committed when this returns, off the event loop."""

        def run() -> T:
            with self.request.app.state.sessions.begin() as session:
                return change(session)

        return await threads.writing(run)


@dataclass
class Call(Ask):
    """An `Ask` inside a transaction, with its form."""

    session: Session = field(kw_only=True)
    form: FormData = field(kw_only=True)
    done: Outside = field(kw_only=True)

    @property
    def received_at(self) -> datetime:
        """When the last byte of the request was here."""
        at: datetime = getattr(self.request.state, "received_at", self.now)
        return at

    def outside(self, name: str, work: Callable[[], T], undo: Callable[[T], None] | None = None) -> T:
        """Slow work of another system, done between two transactions: the view begins anew when it is there.

        `undo` is called with the result at the end of the request. Raises what `work` raises.
        """
        return self.done.get(name, work, undo)


def endpoint(
    view: Callable[..., Response],
) -> Callable[[Request], Awaitable[Response]]:
    """Wrap a view into a Starlette endpoint. Raises Forbidden for a form from another site."""

    @wraps(view)
    async def handle(request: Request) -> Response:
        refuse_unreadable(request)
        refuse_foreign(request)
        refuse_too_large(request.headers)
        safe = request.method in SAFE
        form = FormData() if safe else await _form(request)
        factory = request.app.state.sessions
        done, afterwards = Outside(), Afterwards()

        def run() -> Response:
            now = utc_now()
            with read_only(factory) if safe else factory.begin() as session:
                afterwards.follow(session)
                viewer = identify(request, session, now)
                call = Call(request, viewer, now, session=session, form=form, done=done)
                response = view(call, **request.path_params)
            if viewer.is_stale:
                _touch(request, factory, viewer, now)
            request.app.state.tray.settle(request, response, factory, viewer, now)
            return keep_private(response, viewer)

        try:
            response = await _until_done(run_in_threadpool if safe else threads.writing, run, done)
        finally:
            await done.end()
        if afterwards.jobs:
            response.background = BackgroundTask(afterwards.work)
        return response

    return handle


async def _form(request: Request) -> FormData:
    """What was sent. Where there is no room for it, the rest is still read: only then the browser reads our answer."""
    try:
        return await request.form(max_files=20, max_fields=500)
    except OSError:
        with suppress(HTTPException, TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                while (await request.receive()).get("more_body"):
                    pass
        raise


async def _until_done(
    in_thread: Callable[[Callable[[], Response]], Awaitable[Response]], run: Callable[[], Response], done: Outside
) -> Response:
    while True:
        try:
            return await in_thread(run)
        except Wanted as wanted:
            missing = wanted
        await done.bring(missing)


def _touch(request: Request, factory: Sessions, viewer: Viewer, now: datetime) -> None:
    """Remember that somebody was here. Whoever only reads is not kept from it by a database that takes nothing."""
    try:
        with factory.begin() as session:
            request.app.state.door.touch(session, viewer.session_id, now)
    except OperationalError:
        log.warning("a session could not be touched", exc_info=True)


def live(
    view: Callable[..., Awaitable[Response]],
) -> Callable[[Request], Awaitable[Response]]:
    """Wrap an async view of the hot path: no session, no thread, unless it asks for one."""

    @wraps(view)
    async def handle(request: Request) -> Response:
        refuse_unreadable(request)
        refuse_foreign(request)
        refuse_too_large(request.headers)
        ask = await ask_of(request)
        return keep_private(await view(ask, **request.path_params), ask.viewer)

    return handle


async def ask_of(request: Request) -> Ask:
    """The question without a session of its own; only for whoever shows a cookie the database is asked first.

    Without a database everybody is anonymous: search goes on.
    """
    ask = Ask(request)
    if cookie(request, request.app.state.door.COOKIE) and not hasattr(request.state, "viewer"):
        with suppress(SQLAlchemyError):
            await ask.in_database(lambda session: identify(request, session, ask.now))
    return Ask(request, getattr(request.state, "viewer", ANONYMOUS), ask.now)


def identify(request: Request, session: Session, now: datetime) -> Viewer:
    """Who asks: the holder of the cookie. Without one no database is asked."""
    door = request.app.state.door
    token = cookie(request, door.COOKIE)
    viewer: Viewer = door.viewer(session, token, now) if token else ANONYMOUS
    request.state.viewer = viewer
    if viewer.is_signed_in:
        request.state.kept = request.app.state.tray.kept(request, session, viewer)
    return viewer


def keep_private(response: Response, viewer: Viewer) -> Response:
    """What somebody signed in has seen is kept nowhere, not even in the browser's own store."""
    if viewer.is_signed_in:
        response.headers["cache-control"] = "no-store"
    return response


def refuse_unreadable(request: Request) -> None:
    """Raises NotFound for an address no record can have: PostgreSQL cannot even be asked for a NUL."""
    if "\x00" in request.scope["path"]:
        raise NotFound("a NUL in the address")


def refuse_foreign(request: Request) -> None:
    """Raises Forbidden for a write that does not come from our own pages."""
    # The routed path, never `request.url`, which follows the Host header.
    if not from_own_site(request.method, request.scope["path"], request.headers, request.app.state.origin):
        raise Forbidden("The form did not come from this site.")
