"""Drafts of bids: the bidder's own until the bid is handed in, encrypted wherever they lie (docs/sealing.md)."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from market.accounts.models import Organisation
from market.bids import store, uploads
from market.bids.draft_models import Draft, DraftFile, DraftUpload
from market.bids.lifecycle import LIVE
from market.bids.locker import locked, unlocked
from market.bids.models import Bid
from market.bids.sealing import canonical
from market.files.checks import Unfit, look
from market.files.scan import look_through
from market.files.service import NO_FILE, Taken, is_chosen
from market.files.stores import Store
from market.i18n import N_
from market.needs.models import Need
from market.values import new_ref
from market.viewer import Viewer

MOST_FILES: Final = 12
MOST_BYTES: Final = 60 * 1024 * 1024
"""Of all attachments together."""


@dataclass(frozen=True)
class Attachment:
    """What is known of a file of a draft once it is decrypted."""

    ref: str
    name: str
    type: str
    size: int
    sha256: str


def of(session: Session, need: Need, organisation_id: int, *, lock: bool = False) -> Draft | None:
    query = select(Draft).where(Draft.need_id == need.id, Draft.organisation_id == organisation_id)
    return session.scalar(query.with_for_update() if lock else query)


def unsent(session: Session, organisation_id: int) -> Sequence[Draft]:
    """Drafts of a firm for needs that still take bids, where it has handed in none; the nearest deadline first."""
    return session.scalars(_unsent().where(Draft.organisation_id == organisation_id)).all()


def without_bid(session: Session, now: datetime, until: datetime) -> Sequence[Draft]:
    """Those of all firms whose deadline is near."""
    return session.scalars(_unsent().where(Need.bids_until > now, Need.bids_until <= until)).all()


def _unsent() -> Select[Draft]:
    live = exists().where(
        Bid.need_id == Draft.need_id, Bid.organisation_id == Draft.organisation_id, Bid.state.in_(LIVE)
    )
    return select(Draft).join(Draft.need).where(Need.stage == "published", ~live).order_by(Need.bids_until)


def values(draft: Draft, secret: str) -> dict[str, Any]:
    """The fields as they were typed."""
    found: dict[str, Any] = json.loads(unlocked(secret, draft.ref, draft.kept))
    return found


def save(
    session: Session,
    viewer: Viewer,
    need: Need,
    organisation: Organisation,
    typed: dict[str, Any],
    secret: str,
    now: datetime,
    *,
    seen: int | None = None,
    ref: str = "",
) -> Draft | None:
    """Keep what was typed; None where another window has saved something else since version `seen`, and nothing is
    kept then. `ref` is what a new one is called.

    Not in the journal: who writes at what is the bidder's affair.
    """
    draft = of(session, need, organisation.id, lock=True)
    if draft is None:
        draft = Draft(need_id=need.id, organisation_id=organisation.id, ref=ref or new_ref(), kept=b"", version=0)
        session.add(draft)
    elif values(draft, secret) == typed:
        return draft
    elif seen is not None and draft.version != seen:
        return None
    draft.kept = locked(secret, draft.ref, canonical(typed))
    draft.version += 1
    draft.saved_at, draft.saved_by_id = now, viewer.person_id
    session.flush()
    return draft


def files(session: Session, draft: Draft) -> Sequence[DraftFile]:
    return session.scalars(select(DraftFile).where(DraftFile.draft_id == draft.id).order_by(DraftFile.id)).all()


def attachments(session: Session, draft: Draft, secret: str) -> list[Attachment]:
    return [attachment(draft, row, secret) for row in files(session, draft)]


def attachment(draft: Draft, row: DraftFile, secret: str) -> Attachment:
    return Attachment(row.ref, **json.loads(unlocked(secret, draft.ref, row.kept)))


@dataclass(frozen=True)
class Brought:
    """A file that was looked at and lies encrypted in the store, and waits for its row."""

    taken: Taken
    kept: bytes
    size: int

    def leave(self) -> None:
        self.taken.leave()


def bring(kept_in: Store, secret: str, ref: str, upload: object) -> Brought:
    """Look at an upload for the draft `ref`, scan it, keep it encrypted: slow, and without a database.

    Raises Unfit with a sentence, and Unavailable.
    """
    if not is_chosen(upload):
        raise Unfit(NO_FILE)
    fit = look(upload.filename or "", upload.content_type or "", upload.file)
    look_through(kept_in, fit.content)
    content = fit.content.read()
    said = {"name": fit.name, "type": fit.media_type, "size": len(content)}
    said["sha256"] = hashlib.sha256(content).hexdigest()
    taken = store.lay(kept_in, locked(secret, ref, content))
    return Brought(taken, locked(secret, ref, canonical(said)), len(content))


def refuse_more(session: Session, draft: Draft, size: int, besides: Sequence[DraftUpload] = ()) -> None:
    """Raises Unfit where a file of `size` bytes would be too much for a bid, beside those that are coming."""
    present = [row.size for row in files(session, draft)] + [row.size for row in besides]
    if len(present) >= MOST_FILES or sum(present) + size > MOST_BYTES:
        raise Unfit(N_("A bid takes at most 12 files with 60 MB together. Please leave one out."))


def add(session: Session, draft: Draft, brought: Brought, now: datetime, *, ref: str = "") -> DraftFile:
    """What came piece by piece keeps its `ref`, so that another window finds it. Raises Unfit where there are too
    many."""
    refuse_more(session, draft, brought.size)
    brought.taken.keep_with(session)
    row = DraftFile(draft_id=draft.id, ref=ref or new_ref(), key=brought.taken.key, kept=brought.kept, at=now)
    row.size = brought.size
    session.add(row)
    session.flush()
    return row


def opened(kept_in: Store, secret: str, ref: str, key: str) -> bytes:
    """The content of a file of the draft `ref`: slow, and without a database. Raises Unavailable."""
    return unlocked(secret, ref, b"".join(kept_in.read(key)))


def take_off(session: Session, draft: Draft, ref: str) -> None:
    """A file, or what has come of one."""
    if (upload := uploads.find(session, draft, ref)) is not None:
        uploads.stop(session, upload)
    for row in files(session, draft):
        if row.ref == ref:
            store.drop(session, row.key)
            session.delete(row)


def drop(session: Session, draft: Draft) -> None:
    for upload in uploads.of(session, draft):
        uploads.stop(session, upload)
    for row in files(session, draft):
        store.drop(session, row.key)
        session.delete(row)
    session.flush()
    session.delete(draft)
    session.flush()
