"""What bids hold about a person: part of the personal export, and what goes with the person."""

from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from market.accounts.account import ABOUT, FORGET
from market.accounts.models import Person
from market.bids.draft_models import Draft
from market.bids.late_models import Admission, Extension
from market.bids.models import Bid, Opener, OpeningKey, QuoteLink, Seal


def about(session: Session, person: Person) -> dict[str, Any]:
    """That the person handed in bids and holds opening keys; what a bid says belongs to the firm."""
    bids = session.scalars(select(Bid).where(Bid.person_id == person.id).order_by(Bid.id))
    links = session.scalars(select(QuoteLink).where(QuoteLink.person_id == person.id).order_by(QuoteLink.id))
    keys = session.scalars(select(OpeningKey).where(OpeningKey.person_id == person.id).order_by(OpeningKey.id))
    decided = session.scalars(select(Extension).where(Extension.decided_by_id == person.id).order_by(Extension.id))
    mine = (Admission.proposed_by_id == person.id) | (Admission.decided_by_id == person.id)
    late = session.scalars(
        select(Admission).where(mine | (Admission.redeemed_by_id == person.id)).order_by(Admission.id)
    )
    return {
        "bids": [
            {"tender": bid.need.ref, "received": bid.received_at.isoformat(), "state": bid.state, "sha256": bid.sha256}
            for bid in bids
        ],
        "links_to_answer": [
            {"need": one.need.ref, "email": one.email, "at": one.created_at.isoformat()} for one in links
        ],
        "deadline_decisions": [
            {"need": one.need.ref, "state": one.state, "reason": one.reason, "at": str(one.decided_at)}
            for one in decided
        ],
        "late_bids_admitted": [
            {"need": one.need.ref, "state": one.state, "reason": one.reason, "at": one.proposed_at.isoformat()}
            for one in late
        ],
        "opening_keys": [
            {
                "public": key.public,
                "since": key.created_at.isoformat(),
                "replaced": key.replaced_at.isoformat() if key.replaced_at else None,
            }
            for key in keys
        ],
    }


def forget(session: Session, person: Person) -> None:
    """Authorship goes, bids stay with the firm. Keys go with the person: the two others open what is running."""
    session.execute(update(Bid).where(Bid.person_id == person.id).values(person_id=None))
    session.execute(update(Draft).where(Draft.saved_by_id == person.id).values(saved_by_id=None))
    nothing = {"giver_id": None, "given_at": None}
    session.execute(update(Seal).where(Seal.giver_id == person.id).values(given={}, **nothing))
    session.execute(delete(QuoteLink).where(QuoteLink.person_id == person.id))
    session.execute(update(Extension).where(Extension.decided_by_id == person.id).values(decided_by_id=None))
    for column in ("proposed_by_id", "decided_by_id", "redeemed_by_id"):  # by name they stay in the record
        mine = getattr(Admission, column) == person.id
        session.execute(update(Admission).where(mine).values({column: None}))
    session.execute(delete(Opener).where(Opener.person_id == person.id))
    session.execute(delete(OpeningKey).where(OpeningKey.person_id == person.id))


ABOUT.append(about)
FORGET.append(forget)
