"""Takes files in and gives them out. The bytes come before their row and go after it: no row lacks its bytes."""

import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeGuard

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
from market.web.outside import after_commit, when_certain

NO_FILE: Final = N_("Please choose a file.")


@dataclass
class Taken:
    """Bytes that were looked at, lie in the store and wait for their row."""

    store: Store
    key: str
    name: str
    media_type: str
    size: int
    sha256: str
    is_kept: bool = False

    def keep_with(self, session: Session) -> None:
        """They stay once the transaction is certain. A rollback leaves them to `leave`."""

        def kept() -> None:
            self.is_kept = True

        when_certain(session, kept)

    def leave(self) -> None:
        """Forget the bytes of which no row speaks. Raises Unavailable."""
        if not self.is_kept:
            self.store.drop(self.key)


def take(store: Store, upload: object, allowed: frozenset[str] = frozenset(KINDS)) -> Taken:
    """Look at an upload of a form, have it scanned and store its bytes: slow, and without a database.

    Raises Unfit with a sentence, Unavailable when scanner or store is.
    """
    if not is_chosen(upload):
        raise Unfit(NO_FILE)
    return take_fit(store, look(upload.filename or "", upload.content_type or "", upload.file, allowed))


def is_chosen(upload: object) -> TypeGuard[UploadFile]:
    """Whether somebody has chosen a file in this field of a form."""
    return isinstance(upload, UploadFile) and bool(upload.filename)


def take_fit(store: Store, fit: Fit) -> Taken:
    """Store what was looked at already, or drawn by us. Raises Unavailable when the store is."""
    digest = hashlib.sha256()
    while piece := fit.content.read(CHUNK):
        digest.update(piece)
    fit.content.seek(0)
    key = secrets.token_hex(20)
    store.put(key, fit.content)
    return Taken(store, key, fit.name, fit.media_type, fit.size, digest.hexdigest())


def keep(
    session: Session, viewer: Viewer, organisation: Organisation, taken: Taken, purpose: str, now: datetime
) -> File:
    """The row of bytes that lie in the store already; so what is refused or cannot be kept leaves none."""
    taken.keep_with(session)
    file = File(
        key=taken.key,
        organisation=organisation,
        purpose=purpose,
        name=taken.name,
        media_type=taken.media_type,
        size=taken.size,
        sha256=taken.sha256,
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
    drop_when_certain(session, store, file.key)


def drop_when_certain(session: Session, store: Store, key: str) -> None:
    """Forget the bytes once the transaction is certain; in a request after its answer."""

    def drop() -> None:
        with suppress(Unavailable):  # bytes nobody knows of do no harm; `market doctor` counts them
            store.drop(key)

    after_commit(session, drop)
