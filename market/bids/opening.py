"""The opening: two of the people named, one after the other, after the deadline. It cannot be taken back."""

import base64
import io
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from pyrage import x25519
from sqlalchemy import select
from sqlalchemy.orm import Session

from market import journal
from market.accounts.models import Person
from market.bids import letters, log, sealing, store, tenders
from market.bids.keys import keys_of
from market.bids.models import Bid, BidFile, Opener, OpeningRecord, Seal
from market.bids.rules import FILE
from market.bids.sealing import NotOpened, TenderKey
from market.errors import Conflict, Unavailable
from market.files.checks import Fit
from market.files.service import keep, take_fit
from market.needs import service as needs
from market.viewer import Viewer

SETTLING: Final = timedelta(minutes=1)
"""After the deadline: what was here in time is sealed by then."""
WITHIN: Final = timedelta(minutes=30)
"""How long the first person's part waits for the second."""


def openers_of(session: Session, seal: Seal) -> dict[int, Opener]:
    rows = session.scalars(select(Opener).where(Opener.seal_id == seal.id).order_by(Opener.id))
    return {row.person_id: row for row in rows}


def possible_from(seal: Seal) -> datetime:
    return seal.deadline + SETTLING


def waits(seal: Seal, now: datetime) -> bool:
    """Whether one person has given their part and it still counts."""
    return seal.giver_id is not None and seal.given_at is not None and now - seal.given_at < WITHIN


def confirm(session: Session, viewer: Viewer, seal: Seal, passphrase: str, now: datetime) -> OpeningRecord | None:
    """One person's part: the first one's is kept for the second, with whom the bids are opened.

    Raises NotOpened for a wrong passphrase, Conflict before the time, for the same person twice and once it is open.
    """
    seal = session.scalars(
        select(Seal).where(Seal.id == seal.id).with_for_update().execution_options(populate_existing=True)
    ).one()
    if seal.opened_at is not None or seal.wrapped is None:
        raise Conflict("These bids are open already.", reason="open")
    if now < possible_from(seal):
        raise Conflict("Bids are opened after the deadline.", reason="early")
    openers = openers_of(session, seal)
    mine = openers.get(viewer.person_id or 0)
    if mine is None:
        raise Conflict("Only the people named open these bids.", reason="person")
    if waits(seal, now) and seal.giver_id == mine.person_id:
        raise Conflict("Two different people open the bids.", reason="same")
    identity = sealing.unlock(mine.key.key, passphrase)
    if not waits(seal, now):
        _give(session, viewer, seal, mine, identity, openers, now)
        return None
    return _open(session, viewer, seal, mine, identity, openers, now)


def _key(seal: Seal) -> TenderKey:
    assert seal.wrapped is not None
    return TenderKey(seal.public, seal.wrapped, _bytes(seal.halves))


def _bytes(texts: Mapping[str, str]) -> dict[str, bytes]:
    return {name: base64.b64decode(text) for name, text in texts.items()}


def _give(
    session: Session,
    viewer: Viewer,
    seal: Seal,
    mine: Opener,
    identity: x25519.Identity,
    openers: Mapping[int, Opener],
    now: datetime,
) -> None:
    publics = {row.person.ref: row.key.public for row in openers.values()}
    given = sealing.give(_key(seal), mine.person.ref, identity, publics)
    seal.given = {name: base64.b64encode(half).decode() for name, half in given.items()}
    seal.giver_id, seal.given_at = mine.person_id, now
    log.add(session, seal, {"what": "first", "person": mine.person.ref}, now)
    journal.record(session, viewer, "bids.opening_begun", seal, now, tell=())
    for row in openers.values():
        if row is not mine:
            letters.to_opener(session, seal, row.person, mine.person, now)


def _open(
    session: Session,
    viewer: Viewer,
    seal: Seal,
    mine: Opener,
    identity: x25519.Identity,
    openers: Mapping[int, Opener],
    now: datetime,
) -> OpeningRecord:
    first = session.get_one(Person, seal.giver_id)
    assert seal.platform is not None
    assert seal.given_at is not None
    platform = keys_of(session).release(seal.platform, seal.ref, seal.deadline)
    opened = sealing.complete(_key(seal), seal.ref, first.ref, _bytes(seal.given), mine.person.ref, identity, platform)
    rows = []
    for bid in tenders.live(session, seal.need):
        row = _row(bid)
        if bid.state == "submitted":
            _read(session, viewer, bid, opened, now)
        else:
            tenders.move(session, viewer, bid, "lapse", now)
        store.forget(session, bid)
        rows.append(row | {"state": bid.state})
        letters.write(session, bid, "opened", now)
    entry = log.add(session, seal, {"what": "opened", "people": [first.ref, mine.person.ref], "bids": rows}, now)
    record = OpeningRecord(
        need_id=seal.need_id,
        at=now,
        first_at=seal.given_at,
        first=first.name,
        second=mine.person.name,
        deadline=seal.deadline,
        bids=rows,
        log_place=entry.place,
        log_head=entry.hash,
    )
    session.add(record)
    seal.opened_at = now
    tenders.destroy(seal)
    if seal.need.stage == "published":  # the clock has not come by yet
        needs.move(session, viewer, seal.need, "close", now)
    needs.move(session, viewer, seal.need, "open", now)
    data: dict[str, object] = {"bids": len(rows), "log_head": entry.hash}
    journal.record(session, viewer, "bids.all_opened", seal, now, tell=(), data=data)
    return record


def _row(bid: Bid) -> dict[str, Any]:
    """A bid in the record, as it was before it was opened."""
    return {
        "bid": bid.ref,
        "bidder": bid.organisation.name,
        "received_at": sealing.moment(bid.received_at),
        "bytes": bid.size,
        "sha256": bid.sha256,
        "commitment": bid.commitment,
    }


def _read(session: Session, viewer: Viewer, bid: Bid, identity: x25519.Identity, now: datetime) -> None:
    """Move one bid to ordinary storage. What is not what was sealed is said so, and does not keep the others shut."""
    try:
        ciphertext = store.take(session, bid.key)
    except Unavailable:
        ciphertext = b""
    if sealing.digest(ciphertext) != bid.sha256:
        bid.fault = "missing" if not ciphertext else "changed"
        tenders.move(session, viewer, bid, "spoil", now)
        return
    try:
        salt, content = sealing.unseal(identity, ciphertext)
        said, files = sealing.unpack(content)
    except NotOpened:
        bid.fault = "unreadable"
        tenders.move(session, viewer, bid, "spoil", now)
        return
    bid.content, bid.salt = said, base64.b64encode(salt).decode()
    for place, (facts, raw) in enumerate(zip(said.get("files", []), files, strict=True)):
        fit = Fit(facts["name"], facts["type"], io.BytesIO(raw), len(raw))
        taken = take_fit(store.unscanned(session), fit)
        store.leave_with_rollback(session, taken)
        file = keep(session, viewer, bid.organisation, taken, FILE, now)
        session.add(BidFile(bid_id=bid.id, file_id=file.id, place=place))
    tenders.move(session, viewer, bid, "open", now)
