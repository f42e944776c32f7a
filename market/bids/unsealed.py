"""Bids of procedures without an opening by two: encrypted as drafts are until the evaluation begins, then read.

They go the way of sealed ones: a key pair, receipts, a log. The private half lies beside, readable with
`MARKET_SECRET`; no page shows a bid before the buyer begins the evaluation, and that is not before the deadline.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox
from pyrage import x25519
from sqlalchemy.orm import Session

from market import journal
from market.bids import letters, log, opening, reading, store, tenders
from market.bids.models import Bid, Seal
from market.bids.reading import Found, Sealed
from market.errors import Unavailable
from market.locker import derived, secret_of
from market.needs import service as needs
from market.needs.models import Need
from market.values import new_ref
from market.viewer import Viewer

OPEN_STAGES: Final = ("published", "closed")


def _box(secret: str, ref: str) -> SecretBox:
    return SecretBox(derived(secret, f"bids without an opening|{ref}"))


def make(session: Session, viewer: Viewer, need: Need, now: datetime) -> Seal | None:
    """The key pair of a need nobody opens by two, made with the first draft; what there is where there is one."""
    seal = tenders.seal_of(session, need)
    if seal is not None or need.sealed or need.bids_until is None or need.stage not in OPEN_STAGES:
        return seal
    ref, identity = new_ref(), x25519.Identity.generate()
    seal = Seal(
        ref=ref,
        need_id=need.id,
        public=str(identity.to_public()),
        wrapped=bytes(_box(secret_of(session), ref).encrypt(str(identity).encode())),
        platform=None,
        halves={},
        deadline=need.bids_until,
        log_head=log.start(ref),
        created_at=now,
    )
    session.add(seal)
    session.flush()
    log.add(session, seal, {"what": "sealed", "public": seal.public, "openers": []}, now)
    journal.record(session, viewer, "bids.sealed", seal, now, tell=(), data={"openers": 0})
    return seal


def identity(session: Session, seal: Seal) -> x25519.Identity:
    """What opens the bids. Raises Unavailable where the secret is another one."""
    assert seal.wrapped is not None
    try:
        return x25519.Identity.from_str(_box(secret_of(session), seal.ref).decrypt(seal.wrapped).decode())
    except CryptoError:
        raise Unavailable("MARKET_SECRET has changed: bids made before cannot be read.") from None


def _read(session: Session, seal: Seal | None, bids: Sequence[Bid]) -> dict[str, Found]:
    """What the bids say, by reference; its files are gone again if the change is not kept."""
    if seal is None or seal.wrapped is None or not bids:
        return {}
    kept = store.unscanned(session)
    found = reading.read(kept, identity(session, seal), [Sealed(bid.ref, bid.key, bid.sha256) for bid in bids])
    for one in found.values():
        for taken in one.files:
            store.leave_with_rollback(session, taken)
    return found


def told(session: Session, viewer: Viewer, need: Need, move: str, now: datetime) -> None:
    """The evaluation begins: what the bids say moves to ordinary storage, and the key is gone."""
    if move != "evaluate" or need.sealed:
        return
    seal = tenders.seal_of(session, need, lock=True)
    bids = tenders.live(session, need)
    found = _read(session, seal, [bid for bid in bids if bid.state == "submitted"])
    for bid in bids:
        if bid.ref in found:
            opening.take(session, viewer, bid, found[bid.ref], now)
        else:
            tenders.move(session, viewer, bid, "lapse", now)
        store.forget(session, bid)
        letters.write(session, bid, "read" if bid.state == "opened" else "opened", now)
        letters.to_partner(session, bid, "opened", now)
    if seal is not None and seal.opened_at is None:
        log.add(session, seal, {"what": "opened", "people": [], "bids": [bid.ref for bid in bids]}, now)
        seal.opened_at = now
        tenders.destroy(seal)


needs.ON_MOVE.append(told)
