"""Takes files in and gives them out. The row and the bytes come and go together."""

import hashlib
import secrets
from contextlib import suppress
from datetime import datetime

from sqlalchemy import event
from sqlalchemy.orm import Session
from starlette.datastructures import UploadFile

from market import journal
from market.accounts.models import Organisation
from market.errors import Unavailable
from market.files.checks import KINDS, Fit, Unfit, look
from market.files.models import File
from market.files.scan import AWAY, NotScanned
from market.files.stores import CHUNK, Store
from market.i18n import N_
from market.viewer import Viewer


def keep(
    session: Session,
    viewer: Viewer,
    store: Store,
    organisation: Organisation,
    upload: object,
    purpose: str,
    now: datetime,
    *,
    allowed: frozenset[str] = frozenset(KINDS),
) -> File:
    """Look at an upload of a form and keep it. Raises Unfit with a sentence, and Unavailable when the store is."""
    if not isinstance(upload, UploadFile) or not upload.filename:
        raise Unfit(N_("Please choose a file."))
    fit = look(upload.filename, upload.content_type or "", upload.file, allowed)
    return keep_fit(session, viewer, store, organisation, fit, purpose, now)


def keep_fit(
    session: Session, viewer: Viewer, store: Store, organisation: Organisation, fit: Fit, purpose: str, now: datetime
) -> File:
    """Keep what was looked at already, or drawn by us. Raises Unavailable when the store is."""
    digest = hashlib.sha256()
    while piece := fit.content.read(CHUNK):
        digest.update(piece)
    fit.content.seek(0)
    key = secrets.token_hex(20)
    store.put(key, fit.content)  # before there is a row: what is refused or cannot be kept leaves none
    drop_after(session, "after_rollback", store, key)
    file = File(
        key=key,
        organisation=organisation,
        purpose=purpose,
        name=fit.name,
        media_type=fit.media_type,
        size=fit.size,
        sha256=digest.hexdigest(),
        created_at=now,
        created_by=viewer.name,
    )
    session.add(file)
    session.flush()
    data: dict[str, object] = {"name": file.name, "size": file.size, "sha256": file.sha256}
    journal.record(session, viewer, "files.kept", file, now, tell=(), data=data)
    return file


def excuse(away: Unavailable) -> str:
    """The sentence for whoever handed in a file that could not be kept."""
    if isinstance(away, NotScanned):
        return AWAY
    return N_("The file could not be kept just now. Please try again in a minute.")


def remove(session: Session, viewer: Viewer, store: Store, file: File, now: datetime) -> None:
    """The row now, the bytes once that is certain."""
    journal.record(session, viewer, "files.removed", file, now, tell=(), data={"name": file.name})
    session.delete(file)
    drop_after(session, "after_commit", store, file.key)


def drop_after(session: Session, moment: str, store: Store, key: str) -> None:
    """Forget the bytes once the transaction has ended in this way."""

    def drop(_: Session) -> None:
        with suppress(Unavailable):  # bytes nobody knows of do no harm; `market doctor` counts them
            store.drop(key)

    event.listen(session, moment, drop, once=True)
