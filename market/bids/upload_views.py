"""`/needs/REF/bid/files`: a file of a bid comes piece by piece, and goes on where the network broke it off.

For scripts of our page, which get JSON; without them a file comes with the form (`views.save`).
"""

from functools import partial
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from market.bids import drafts, labels, uploads
from market.bids.draft_models import Draft, DraftFile, DraftUpload
from market.bids.views import bidder, sign_in_first, takes
from market.errors import Conflict, NotFound, Unavailable
from market.files.checks import Unfit
from market.files.service import Taken, excuse, is_chosen
from market.files.views import store_of
from market.locker import secret_of
from market.web.endpoint import Call, endpoint

MOST_OF_NAME = 300


def _draft(call: Call, ref: str) -> Draft | None:
    """The draft the file belongs to; None where nobody is signed in any more. Raises Conflict after the deadline."""
    if not call.viewer.is_signed_in:
        return None
    need, firm = bidder(call, ref)
    if not takes(call, need):
        raise Conflict("this need takes no bids")
    draft = drafts.of(call.session, need, firm.id)
    if draft is None:
        raise NotFound("the draft is saved before its files")
    return draft


def begin(call: Call, ref: str) -> Response:
    """Where the file goes, and from which byte on."""
    draft = _draft(call, ref)
    if draft is None:
        return sign_in_first(call)
    secret, said = secret_of(call.session), _said(call)
    try:
        upload = uploads.same(call.session, draft, said, secret)
        if upload is None:
            drafts.refuse_more(call.session, draft, said["size"], uploads.of(call.session, draft))
            upload = uploads.begin(call.session, draft, said, secret, call.now)
    except Unfit as unfit:
        return JSONResponse({"said": call.words(str(unfit))}, 422)
    to = call.link("bids:piece", ref=ref, upload=upload.ref)
    return JSONResponse({"upload": upload.ref, "to": to, "came": upload.came, "piece": uploads.PIECE})


def _said(call: Call) -> dict[str, Any]:
    """What the browser tells of the file."""
    text = {name: str(call.form.get(name, ""))[:MOST_OF_NAME] for name in ("name", "type", "size", "modified")}
    return text | {"size": _number(text["size"])}


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 12 else 0


def piece(call: Call, ref: str, upload: str) -> Response:
    """The next bytes; with the last the file is looked at and becomes an attachment. None are sent to try that again
    after scanner or store were away; `off` forgets what has come."""
    draft = _draft(call, ref)
    if draft is None:
        return sign_in_first(call)
    row = uploads.find(call.session, draft, upload)
    if row is None:  # another window may have brought all of it
        whole = next((file for file in drafts.files(call.session, draft) if file.ref == upload), None)
        if whole is None or call.form.get("off"):
            raise NotFound("no such upload")
        return _held(call, draft, whole)
    if call.form.get("off"):
        uploads.stop(call.session, row)
        return JSONResponse({})
    try:
        if row.came < row.size:
            _take(call, draft, row)
        if row.came < row.size:
            return JSONResponse({"came": row.came})
        file = _whole(call, draft, row)
    except Conflict:
        return JSONResponse({"came": row.came}, 409)
    except Unfit as unfit:
        uploads.stop(call.session, row)
        return JSONResponse({"said": call.words(str(unfit))}, 422)
    except Unavailable as away:
        return JSONResponse({"said": call.words(excuse(away)), "came": row.came}, 503)
    return _held(call, draft, file)


def _held(call: Call, draft: Draft, file: DraftFile) -> Response:
    kept = drafts.attachment(draft, file, secret_of(call.session))
    return JSONResponse({"held": {"ref": kept.ref, "name": kept.name, "size": labels.size(call.words, kept.size)}})


def _take(call: Call, draft: Draft, row: DraftUpload) -> None:
    sent = call.form.get("piece")
    content = b""
    if is_chosen(sent):
        sent.file.seek(0)  # the view begins anew after slow work
        content = sent.file.read(uploads.PIECE + 1)
    uploads.refuse_misplaced(row, _number(str(call.form.get("start", ""))), len(content))
    lay = partial(uploads.lay, store_of(call), secret_of(call.session), draft.ref, content)
    uploads.take(call.session, row, call.outside("piece", lay, Taken.leave), len(content), call.now)


def _whole(call: Call, draft: Draft, row: DraftUpload) -> DraftFile:
    """Raises Unfit with a sentence, and Unavailable: then the pieces stay."""
    store, secret, ref = store_of(call), secret_of(call.session), draft.ref
    kept, keys = row.kept, uploads.pieces(call.session, row)

    def work() -> drafts.Brought:
        return drafts.bring(store, secret, ref, uploads.whole(store, secret, ref, kept, keys))

    brought = call.outside("whole", work, drafts.Brought.leave)
    file = drafts.add(call.session, draft, brought, call.now, ref=row.ref)
    uploads.stop(call.session, row)
    return file


routes: list[BaseRoute] = [
    Route("/needs/{ref}/bid/files", endpoint(begin), name="bids:upload", methods=["POST"]),
    Route("/needs/{ref}/bid/files/{upload}", endpoint(piece), name="bids:piece", methods=["POST"]),
]
