"""The opening: two of the people named, one after the other, after the deadline. It cannot be taken back."""

import base64
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from pyrage import x25519
from sqlalchemy import select
from sqlalchemy.orm import Session

from market import journal
from market.accounts.models import Person
from market.bids import admissions, contents, extensions, labels, letters, log, reading, sealing, store, tenders
from market.bids.keys import keys_of
from market.bids.models import Bid, BidFile, Opener, OpeningRecord, Seal
from market.bids.reading import Found, Sealed
from market.bids.rules import FILE
from market.bids.sealing import TenderKey
from market.errors import Conflict
from market.files.service import keep
from market.needs import service as needs
from market.viewer import Viewer
from market.web.outside import Doer, at_once

SETTLING: Final = tenders.SETTLING
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


def confirm(
    session: Session, viewer: Viewer, seal: Seal, passphrase: str, now: datetime, outside: Doer = at_once
) -> OpeningRecord | None:
    """One person's part: the first one's is kept for the second, with whom the bids are opened.

    Passphrase, key process and store are waited for `outside`; everything is looked at again afterwards. Raises
    NotOpened for a wrong passphrase, Conflict before the time, for the same person twice and once it is open.
    """
    seal = session.scalars(
        select(Seal).where(Seal.id == seal.id).with_for_update().execution_options(populate_existing=True)
    ).one()
    if seal.opened_at is not None or seal.wrapped is None:
        raise Conflict("These bids are open already.", reason="open")
    if now < possible_from(seal):
        raise Conflict("Bids are opened after the deadline.", reason="early")
    extensions.refuse_undecided(session, seal.need, now)
    admissions.refuse_running(session, seal.need, now)
    openers = openers_of(session, seal)
    mine = openers.get(viewer.person_id or 0)
    if mine is None:
        raise Conflict("Only the people named open these bids.", reason="person")
    if waits(seal, now) and seal.giver_id == mine.person_id:
        raise Conflict("Two different people open the bids.", reason="same")
    key = mine.key.key
    identity = outside("unlock", lambda: sealing.unlock(key, passphrase))
    if not waits(seal, now):
        _give(session, viewer, seal, mine, identity, openers, now)
        return None
    return _open(session, viewer, seal, mine, _bring(session, seal, mine, identity, outside), now)


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


def _bring(session: Session, seal: Seal, mine: Opener, identity: x25519.Identity, outside: Doer) -> Mapping[str, Found]:
    """What the sealed bids say, by reference."""
    first = session.get_one(Person, seal.giver_id)
    assert seal.platform is not None
    key, given, platform = _key(seal), _bytes(seal.given), seal.platform
    giver, taker, ref, deadline = first.ref, mine.person.ref, seal.ref, seal.deadline
    keys, kept = keys_of(session), store.unscanned(session)
    live = (bid for bid in tenders.live(session, seal.need) if bid.state == "submitted")
    bids = [Sealed(bid.ref, bid.key, bid.sha256) for bid in live]

    def work() -> dict[str, Found]:
        share = keys.release(platform, ref, deadline)
        return reading.read(kept, sealing.complete(key, ref, giver, given, taker, identity, share), bids)

    # Named by the bids: if they are others when we come back, it is done again.
    return outside(" ".join(["bids", *(bid.key for bid in bids)]), work, reading.leave)


def _open(
    session: Session, viewer: Viewer, seal: Seal, mine: Opener, found: Mapping[str, Found], now: datetime
) -> OpeningRecord:
    first = session.get_one(Person, seal.giver_id)
    assert seal.given_at is not None
    rows, told, late = [], [], admissions.by_bid(session, seal.need)
    for bid in tenders.live(session, seal.need):
        before = row(bid) | ({"late": labels.late_row(late[bid.ref])} if bid.ref in late else {})
        if bid.state == "submitted":
            take(session, viewer, bid, found[bid.ref], now)
        else:
            tenders.move(session, viewer, bid, "lapse", now)
        store.forget(session, bid)
        rows.append(before | {"state": bid.state})
        told.append(rows[-1] | parties(bid))
        letters.write(session, bid, "opened", now)
        letters.to_partner(session, bid, "opened", now)
    entry = log.add(session, seal, {"what": "opened", "people": [first.ref, mine.person.ref], "bids": rows}, now)
    record = OpeningRecord(
        need_id=seal.need_id,
        at=now,
        first_at=seal.given_at,
        first=first.name,
        second=mine.person.name,
        deadline=seal.deadline,
        bids=told,
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


def row(bid: Bid) -> dict[str, Any]:
    """A bid in the record, as it was before it was opened."""
    return {
        "bid": bid.ref,
        "bidder": bid.organisation.name,
        "received_at": sealing.moment(bid.received_at),
        "bytes": bid.size,
        "sha256": bid.sha256,
        "commitment": bid.commitment,
    }


def parties(bid: Bid) -> dict[str, Any]:
    """Of a joint bid that was read, who does what; the lead first."""
    joint = contents.of(bid.content).joint
    if joint is None:
        return {}
    return {"bidder": bid.bidder, "parties": [{"name": one.name, "role": one.role} for one in joint.parties]}


def take(session: Session, viewer: Viewer, bid: Bid, found: Found, now: datetime) -> None:
    """Move one bid to ordinary storage. What is not what was sealed is said so, and does not keep the others shut."""
    if found.fault:
        bid.fault = found.fault
        tenders.move(session, viewer, bid, "spoil", now)
        return
    bid.content, bid.salt = found.said, base64.b64encode(found.salt).decode()
    for place, taken in enumerate(found.files):
        file = keep(session, viewer, bid.organisation, taken, FILE, now)
        session.add(BidFile(bid_id=bid.id, file_id=file.id, place=place))
    tenders.move(session, viewer, bid, "open", now)
