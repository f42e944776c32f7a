"""Giving files out: always as what they are, never to be run, pictures in the page, all else to save."""

from urllib.parse import quote

from sqlalchemy import select
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from market.errors import NotFound
from market.files.checks import Unfit
from market.files.models import File
from market.files.rules import may_read
from market.files.service import NO_FILE, Taken, is_chosen, take
from market.files.stores import Store
from market.web.endpoint import Call, endpoint
from market.web.outside import in_pieces

SANDBOX = "default-src 'none'; sandbox; frame-ancestors 'none'"


def store_of(call: Call) -> Store:
    """Where this application keeps the bytes."""
    store: Store = call.request.app.state.store
    return store


def taken(call: Call, field: str, allowed: frozenset[str], name: str = "") -> Taken:
    """The file chosen in a field of the form, looked at and stored. Raises Unfit, and Unavailable.

    `name` is what it goes by from now on, without the dot and what follows.
    """
    upload, store = call.form.get(field), store_of(call)
    if not is_chosen(upload):
        raise Unfit(NO_FILE)
    if name:
        upload.filename = f"{name}.{(upload.filename or '').rpartition('.')[2]}"
    return call.outside(field, lambda: take(store, upload, allowed), Taken.leave)


def show(call: Call, ref: str, name: str) -> Response:
    """The bytes. Not yours and not there look the same."""
    file = call.session.scalar(select(File).where(File.ref == ref))
    if file is None or not may_read(call.session, call.viewer, file):
        raise NotFound(f"no file {ref}")
    store, key = store_of(call), file.key
    pieces = call.outside("read", lambda: store.read(key))
    how = "inline" if file.media_type.startswith("image/") else "attachment"
    headers = {
        "content-disposition": f"{how}; filename*=UTF-8''{quote(file.name)}",
        "content-length": str(file.size),
        "content-security-policy": SANDBOX,
        "etag": f'"{file.sha256[:32]}"',
    }
    return StreamingResponse(in_pieces(pieces), media_type=file.media_type, headers=headers)


routes: list[BaseRoute] = [Route("/files/{ref}/{name}", endpoint(show), name="files:show", methods=["GET"])]
