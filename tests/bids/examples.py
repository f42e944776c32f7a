"""Bids as they stand in the database, for pages that only show them: no key process has signed anything here."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from market.accounts.models import Organisation
from market.bids import drafts, unsealed
from market.bids.draft_models import Draft
from market.bids.models import Bid, Receipt
from market.bids.receipts import FIELDS
from market.bids.sealing import digest, moment
from market.needs.models import Need
from market.values import new_ref
from market.viewer import Viewer


def handed_in(session: Session, need: Need, firm: Organisation, now: datetime, state: str = "submitted") -> Receipt:
    """A bid and its receipt."""
    proof = digest(need.ref.encode())
    bid = Bid(need=need, organisation=firm, state=state, need_version=1, received_at=now, changed_at=now)
    bid.size, bid.sha256, bid.commitment = 4_318_226, proof, proof
    session.add(bid)
    session.flush()
    said: dict[str, Any] = dict.fromkeys(FIELDS, proof)
    said |= {
        "kind": "received",
        "tender": need.ref,
        "version": 1,
        "bidder": firm.ref,
        "bytes": bid.size,
        "log_place": 7,
    }
    said |= {"received_at": moment(now), "deadline": moment(need.bids_until or now), "key": proof[:16]}
    receipt = Receipt(ref=new_ref(), bid_id=bid.id, kind="received", at=now, said=said | {"signature": proof})
    receipt.said["receipt"] = receipt.ref
    session.add(receipt)
    session.flush()
    return receipt


def draft(session: Session, need: Need, firm: Organisation, typed: dict[str, Any], secret: str, now: datetime) -> Draft:
    """What the firm has typed so far, and the key its bid will be encrypted with."""
    viewer = Viewer("x", "person", organisation_id=firm.id)
    kept = drafts.save(session, viewer, need, firm, typed, secret, now)
    assert kept is not None
    session.info["secret"] = secret
    unsealed.make(session, viewer, need, now)
    return kept
