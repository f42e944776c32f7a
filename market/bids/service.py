"""Handing in, replacing, confirming and withdrawing a bid. Every verb ends in the journal and leaves a signed receipt.

A bid counts when its last byte was here before the deadline, however long it waits afterwards; or, where one late bid
of the firm is admitted, before that ends. What is handed in is
sealed at once and lies nowhere else; what it replaces is forgotten but for its hashes.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from market import journal
from market.accounts.models import Organisation
from market.bids import admissions, letters, log, sealing, store, tenders
from market.bids.drafts import Attachment
from market.bids.keys import keys_of
from market.bids.lifecycle import LIVE
from market.bids.models import Bid, QuoteLink, Receipt, ReceiptKey, Seal
from market.errors import Conflict
from market.files.service import Taken
from market.files.stores import Store
from market.needs.models import Need
from market.teams.models import Pair
from market.values import new_ref
from market.viewer import Viewer


@dataclass(frozen=True)
class Late:
    """The bid came at the deadline or after it; what it said was not kept."""

    received_at: datetime
    deadline: datetime


def live_of(session: Session, need: Need, organisation_id: int) -> Bid | None:
    """The bid of a firm that counts."""
    query = select(Bid).where(Bid.need_id == need.id, Bid.organisation_id == organisation_id, Bid.state.in_(LIVE))
    return session.scalar(query.order_by(Bid.id.desc()).limit(1))


@dataclass(frozen=True)
class Enclosed:
    """A bid that is encrypted and lies in the store, and is not handed in yet."""

    taken: Taken
    public: str
    need_version: int
    sha256: str
    commitment: str

    def leave(self) -> None:
        self.taken.leave()


def enclose(
    kept_in: Store, public: str, need_version: int, said: dict[str, Any], files: Sequence[tuple[Attachment, bytes]]
) -> Enclosed:
    """Encrypt a bid with the need's key and lay it down: slow, and without a database. Raises Unavailable."""
    said = said | {"files": [asdict(file) for file, _ in files], "need_version": need_version}
    envelope = sealing.seal(public, sealing.pack(said, [content for _, content in files]))
    taken = store.lay(kept_in, envelope.ciphertext)
    return Enclosed(taken, public, need_version, sealing.digest(envelope.ciphertext), envelope.commitment)


def hand_in(
    session: Session,
    viewer: Viewer,
    need: Need,
    organisation: Organisation,
    said: dict[str, Any],
    files: Sequence[tuple[Attachment, bytes]],
    received_at: datetime,
    now: datetime,
    pair: Pair | None = None,
) -> Receipt | Late:
    """Both at once, where nobody waits. Raises Conflict where the need takes none."""
    seal = sealed(tenders.seal_of(session, need))
    enclosed = enclose(store.store_in(session), seal.public, need.version, said, files)
    store.leave_with_rollback(session, enclosed.taken)
    taken = take(session, viewer, need, organisation, enclosed, received_at, now, pair=pair)
    if isinstance(taken, Late):
        store.drop(session, enclosed.taken.key)
    return taken


def take(
    session: Session,
    viewer: Viewer,
    need: Need,
    organisation: Organisation,
    enclosed: Enclosed,
    received_at: datetime,
    now: datetime,
    link: QuoteLink | None = None,
    pair: Pair | None = None,
) -> Receipt | Late:
    """Keep what is enclosed in the place of the firm's earlier bid. Raises Conflict where the need takes none.

    `link` is by which it came, `pair` for whom else it is, if any. The commit is the acknowledgement: the sealed bytes
    are in the store before, and gone again without it.
    """
    seal = _held(session, need)
    admitted = None
    if received_at >= seal.deadline:
        admitted = admissions.lets_in(session, need, organisation.id, received_at)
    if received_at >= seal.deadline and admitted is None:
        return late(session, viewer, seal, organisation, received_at, now)
    if seal.public != enclosed.public or need.version != enclosed.need_version:
        raise Conflict("The need has changed in this very moment. Please look at it again.", reason="amended")
    before = live_of(session, need, organisation.id)
    if before is not None:
        tenders.move(session, viewer, before, "replace", now)
        store.forget(session, before)
    enclosed.taken.keep_with(session)
    bid = Bid(
        need=need,
        organisation=organisation,
        person_id=viewer.person_id,
        need_version=need.version,
        received_at=received_at,
        key=enclosed.taken.key,
        size=enclosed.taken.size,
        sha256=enclosed.sha256,
        commitment=enclosed.commitment,
        changed_at=now,
        pair=pair,
    )
    session.add(bid)
    if link is not None:
        link.bid = bid
    session.flush()
    if admitted is not None:
        admissions.use(session, viewer, seal, admitted, bid, now)
    receipt = _receipt(session, seal, bid, "received", received_at, now)
    data: dict[str, object] = {"receipt": receipt.ref, "sha256": bid.sha256, "replaces": before.ref if before else ""}
    journal.record(session, viewer, "bids.handed_in", bid, now, tell=(), data=data)
    letters.write(session, bid, "received", now, receipt=receipt)
    letters.to_partner(session, bid, "received", now)
    return receipt


def late(
    session: Session, viewer: Viewer, seal: Seal, organisation: Organisation, received_at: datetime, now: datetime
) -> Late:
    """It came at the deadline or after it: that is noted, and nothing of it is kept. The seal's row is held."""
    log.add(session, seal, {"what": "late", "bidder": organisation.ref, "at": sealing.moment(received_at)}, now)
    journal.record(session, viewer, "bids.refused_late", seal, now, tell=(), data={"bidder": organisation.ref})
    return Late(received_at, seal.deadline)


def withdraw(session: Session, viewer: Viewer, bid: Bid, received_at: datetime, now: datetime) -> Receipt:
    """Take a bid back, until the deadline. Raises Conflict afterwards."""
    seal = _in_time(session, bid.need, received_at)
    session.refresh(bid)
    tenders.move(session, viewer, bid, "withdraw", now)
    receipt = _receipt(session, seal, bid, "withdrawn", received_at, now)
    store.forget(session, bid)
    letters.write(session, bid, "withdrawn", now, receipt=receipt)
    letters.to_partner(session, bid, "withdrawn", now)
    return receipt


def confirm(session: Session, viewer: Viewer, bid: Bid, received_at: datetime, now: datetime) -> Receipt:
    """The bid as it is also for the present version of the need. Raises Conflict after the deadline."""
    seal = _in_time(session, bid.need, received_at)
    session.refresh(bid)
    tenders.move(session, viewer, bid, "confirm", now)
    bid.need_version = bid.need.version
    receipt = _receipt(session, seal, bid, "confirmed", received_at, now)
    letters.write(session, bid, "confirmed", now, receipt=receipt)
    return receipt


def sealed(seal: Seal | None) -> Seal:
    """Raises Conflict where there is nothing to seal with."""
    if seal is None or seal.wrapped is None:
        raise Conflict("This need takes no bids here.", reason="no-seal")
    return seal


def _held(session: Session, need: Need) -> Seal:
    """The seal with its row locked: whoever waited here finds it as it is now."""
    seal = tenders.seal_of(session, need, lock=True)
    if seal is None or seal.wrapped is None:
        raise Conflict("This need takes no bids any more.", reason="no-seal")
    return seal


def _in_time(session: Session, need: Need, received_at: datetime) -> Seal:
    seal = _held(session, need)
    if received_at >= seal.deadline:
        raise Conflict("The deadline is over.", reason="late")
    return seal


def _receipt(session: Session, seal: Seal, bid: Bid, kind: str, received_at: datetime, now: datetime) -> Receipt:
    ref = new_ref()
    said: dict[str, Any] = {
        "kind": kind,
        "receipt": ref,
        "tender": bid.need.ref,
        "version": bid.need_version,
        "bidder": bid.organisation.ref,
        "received_at": sealing.moment(received_at),
        "deadline": sealing.moment(seal.deadline),
        "bytes": bid.size,
        "sha256": bid.sha256,
        "commitment": bid.commitment,
    }
    entry = log.add(session, seal, {"what": kind} | said, now)
    signed = keys_of(session).sign(said | {"log_place": entry.place, "log_head": entry.hash})
    _publish(session, str(signed["key"]), now)
    receipt = Receipt(ref=ref, bid_id=bid.id, kind=kind, at=received_at, said=signed)
    session.add(receipt)
    session.flush()
    return receipt


def _publish(session: Session, key: str, now: datetime) -> None:
    """The public half stays readable for as long as there are receipts, whatever signs the next ones."""
    if session.get(ReceiptKey, key) is None:
        session.add(ReceiptKey(id=key, public=keys_of(session).public(), since=now))
        session.flush()


def download(receipt: Receipt) -> bytes:
    """The receipt as a file."""
    return json.dumps(receipt.said, ensure_ascii=False, indent=2, sort_keys=True).encode()
