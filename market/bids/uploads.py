"""Files of a draft that come piece by piece, so that one that was broken off goes on where it stopped.

A piece lies encrypted in the store like all of a draft. When the last is here the whole is looked at, scanned and kept
as any attachment (`drafts.bring`), and the pieces go.
"""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.datastructures import Headers, UploadFile

from market.bids import store
from market.bids.draft_models import Draft, DraftUpload, UploadPiece
from market.bids.locker import locked, unlocked
from market.bids.sealing import canonical
from market.errors import Conflict
from market.files.checks import Unfit, refuse_unfit
from market.files.service import Taken
from market.files.stores import Store
from market.i18n import N_

PIECE: Final = 512 * 1024
"""Bytes of a piece at most: on a slow line some ten seconds."""
LASTS: Final = timedelta(days=2)
"""So long after its last piece it can be gone on with."""


@dataclass(frozen=True)
class Coming:
    """A file of which a part is here. Sizes in bytes."""

    ref: str
    name: str
    size: int
    came: int


def of(session: Session, draft: Draft) -> Sequence[DraftUpload]:
    return session.scalars(select(DraftUpload).where(DraftUpload.draft_id == draft.id).order_by(DraftUpload.id)).all()


def coming(session: Session, draft: Draft, secret: str) -> list[Coming]:
    return [Coming(row.ref, _said(row, draft.ref, secret)["name"], row.size, row.came) for row in of(session, draft)]


def same(session: Session, draft: Draft, said: dict[str, Any], secret: str) -> DraftUpload | None:
    """The one that was broken off: of a file with this `name`, `type`, `size` and last change (`modified`)."""
    return next((row for row in of(session, draft) if _said(row, draft.ref, secret) == said), None)


def begin(session: Session, draft: Draft, said: dict[str, Any], secret: str, now: datetime) -> DraftUpload:
    """Raises Unfit with a sentence."""
    refuse_unfit(said["name"], said["size"])
    row = DraftUpload(draft_id=draft.id, size=said["size"], came=0, touched_at=now)
    row.kept = locked(secret, draft.ref, canonical(said))
    session.add(row)
    session.flush()
    return row


def _said(row: DraftUpload, draft: str, secret: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(unlocked(secret, draft, row.kept))
    return said


def find(session: Session, draft: Draft, ref: str) -> DraftUpload | None:
    """For a change: two windows with the same file come one after the other."""
    query = select(DraftUpload).where(DraftUpload.draft_id == draft.id, DraftUpload.ref == ref)
    return session.scalar(query.with_for_update())


def lay(kept_in: Store, secret: str, draft: str, content: bytes) -> Taken:
    """Keep a piece: slow, and without a database. Raises Unavailable."""
    return store.lay(kept_in, locked(secret, draft, content))


def refuse_misplaced(upload: DraftUpload, start: int, size: int) -> None:
    """Raises Conflict for a piece that is not the next one, Unfit for one that is too large."""
    if start != upload.came:
        raise Conflict("another piece is next")
    if size > PIECE or start + size > upload.size or not size:
        raise Unfit(N_("The file has changed while it was being brought. Please choose it again."))


def take(session: Session, upload: DraftUpload, taken: Taken, size: int, now: datetime) -> None:
    """The piece counts from now on; `size` is its own, not that of what is kept."""
    taken.keep_with(session)
    session.add(UploadPiece(upload_id=upload.id, start=upload.came, key=taken.key))
    upload.came += size
    upload.touched_at = now
    session.flush()


def pieces(session: Session, upload: DraftUpload) -> list[str]:
    """Their keys in the store, in their order."""
    query = select(UploadPiece.key).where(UploadPiece.upload_id == upload.id).order_by(UploadPiece.start)
    return list(session.scalars(query))


def whole(kept_in: Store, secret: str, draft: str, kept: bytes, keys: Sequence[str]) -> UploadFile:
    """The file as a form would have brought it: slow, and without a database. Raises Unavailable."""
    said = json.loads(unlocked(secret, draft, kept))
    content = b"".join(unlocked(secret, draft, b"".join(kept_in.read(key))) for key in keys)
    headers = Headers({"content-type": said["type"]})
    return UploadFile(io.BytesIO(content), size=len(content), filename=said["name"], headers=headers)


def stop(session: Session, upload: DraftUpload) -> None:
    for key in pieces(session, upload):
        store.drop(session, key)
    session.delete(upload)
    session.flush()


def tidy(session: Session, now: datetime) -> int:
    """Those that nobody has gone on with."""
    left = session.scalars(select(DraftUpload).where(DraftUpload.touched_at < now - LASTS)).all()
    for upload in left:
        stop(session, upload)
    return len(left)
