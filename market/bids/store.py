"""Where sealed bids and the attachments of drafts lie: as ciphertext in the store of files, under random keys."""

import io
import secrets
from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from market.bids.models import Bid, BidFile
from market.errors import Unavailable
from market.files.models import File
from market.files.scan import unguarded
from market.files.service import Taken, drop_when_certain
from market.files.stores import Store


def store_in(session: Session) -> Store:
    """The store the edge lent to this session. Raises Unavailable where it lent none."""
    store: Store | None = session.info.get("store")
    if store is None:
        raise Unavailable("There is no store of files here.")
    return store


def unscanned(session: Session) -> Store:
    """The store for what the scanner has seen before, or could not see into."""
    return unguarded(store_in(session))


def lay(store: Store, content: bytes) -> Taken:
    """Keep what is encrypted already, without a database: whoever asked leaves it again if nothing comes of it."""
    key = secrets.token_hex(20)
    unguarded(store).put(key, io.BytesIO(content))
    return Taken(unguarded(store), key, "", "", len(content), "")


def put(session: Session, content: bytes) -> str:
    """Keep what is encrypted already; gone again if the change is not kept."""
    taken = lay(store_in(session), content)
    taken.keep_with(session)
    leave_with_rollback(session, taken)
    return taken.key


def leave_with_rollback(session: Session, taken: Taken) -> None:
    """Forget the bytes at once where the change is not kept."""

    def leave(session: Session) -> None:
        if not session.in_nested_transaction():
            with suppress(Unavailable):
                taken.leave()

    event.listen(session, "after_rollback", leave)


def taken(kept_in: Store, keys: Sequence[str]) -> list[bytes]:
    """Slow, and without a database. Raises Unavailable where the store is away or one is not there."""
    return [b"".join(kept_in.read(key)) for key in keys]


def drop(session: Session, key: str) -> None:
    """Once the change is kept."""
    drop_when_certain(session, store_in(session), key)


def files_of(session: Session, bid: Bid) -> list[File]:
    """The attachments of an opened bid, in their order."""
    rows = session.scalars(select(BidFile).where(BidFile.bid_id == bid.id).order_by(BidFile.place))
    return [row.file for row in rows]


def forget(session: Session, bid: Bid) -> None:
    """The sealed bid itself; its hash, commitment and receipts stay."""
    if bid.key:
        drop(session, bid.key)
        bid.key = ""
