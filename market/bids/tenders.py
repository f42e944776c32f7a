"""What happens to a need, as far as its bids are concerned: the seal is made, bound to a later deadline, or dropped."""

import base64
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from market import journal
from market.accounts.models import Person
from market.bids import letters, lifecycle, log, opening_keys, sealing
from market.bids.keys import keys_of
from market.bids.models import Bid, Opener, OpeningKey, Seal
from market.bids.store import forget
from market.errors import Conflict
from market.i18n import N_
from market.needs import amendments
from market.needs import service as needs
from market.needs.models import Need, Role
from market.needs.service import Fault
from market.values import new_ref
from market.viewer import Viewer

TASK: Final = "people"
"""Of the task list, where openers are named."""
SETTLING: Final = timedelta(minutes=1)
"""After a deadline, and after a link for a late bid is over: what was here in time is sealed by then."""


def openers(session: Session, need: Need) -> list[tuple[Person, OpeningKey | None]]:
    """The people named to open, each with a key or without."""
    query = select(Person).join(Role, Role.person_id == Person.id)
    query = query.where(Role.need_id == need.id, Role.role == "opener", Person.erased_at.is_(None))
    return [
        (person, opening_keys.of_person(session, person.id)) for person in session.scalars(query.order_by(Person.id))
    ]


def faults(session: Session, need: Need, now: datetime) -> Iterable[Fault]:
    """A tender is published when everybody named to open has a key; that they are three, `readiness` says."""
    missing = [person.shown for person, key in openers(session, need) if key is None]
    if need.sealed and missing:
        yield Fault(
            TASK,
            N_("These people still need an opening key, which they make on their own pages: %(names)s."),
            {"names": ", ".join(missing)},
        )


def live(session: Session, need: Need) -> list[Bid]:
    """Bids that count, oldest first."""
    query = select(Bid).where(Bid.need_id == need.id, Bid.state.in_(lifecycle.LIVE))
    return list(session.scalars(query.order_by(Bid.received_at, Bid.id)))


def seal_of(session: Session, need: Need, *, lock: bool = False) -> Seal | None:
    query = select(Seal).where(Seal.need_id == need.id)
    return session.scalar(query.with_for_update().execution_options(populate_existing=True) if lock else query)


def make(session: Session, viewer: Viewer, need: Need, now: datetime) -> Seal | None:
    """The key pair of a tender; none where nobody could open it, as with one that a list brought in."""
    named = {person.ref: (person, key) for person, key in openers(session, need) if key is not None}
    if need.bids_until is None or need.bids_until <= now or len(named) < sealing.LEAST_OPENERS:
        return None
    ref = new_ref()
    made, platform = sealing.new_tender_key(ref, {name: key.public for name, (_, key) in named.items()})
    seal = Seal(
        ref=ref,
        need_id=need.id,
        public=made.public,
        wrapped=made.wrapped,
        platform=keys_of(session).wrap(platform, ref, need.bids_until),
        halves={name: base64.b64encode(half).decode() for name, half in made.halves.items()},
        deadline=need.bids_until,
        log_head=log.start(ref),
        created_at=now,
    )
    session.add(seal)
    session.flush()
    session.add_all(Opener(seal_id=seal.id, person_id=person.id, key_id=key.id) for person, key in named.values())
    log.add(session, seal, {"what": "sealed", "public": made.public, "openers": sorted(named)}, now)
    journal.record(session, viewer, "bids.sealed", seal, now, tell=(), data={"openers": len(named)})
    return seal


def told(session: Session, viewer: Viewer, need: Need, move: str, now: datetime) -> None:
    """Of every move of a need. Raises Conflict where bids forbid it."""
    if what := MOVED.get(move):
        what(session, viewer, need, now)


def _published(session: Session, viewer: Viewer, need: Need, now: datetime) -> None:
    if need.sealed and seal_of(session, need) is None:
        make(session, viewer, need, now)


def _withdrawn(session: Session, viewer: Viewer, need: Need, now: datetime) -> None:
    if live(session, need):
        raise Conflict("There are bids: a tender with bids is cancelled, with a reason, not withdrawn.", reason="bids")
    if (seal := seal_of(session, need, lock=True)) is not None:
        session.delete(seal)
        session.flush()


def _deadline(session: Session, viewer: Viewer, need: Need, now: datetime) -> None:
    seal = seal_of(session, need, lock=True)
    if seal is None or seal.opened_at is not None or need.bids_until == seal.deadline:
        return
    if need.bids_until is None or need.bids_until < seal.deadline:
        raise Conflict("The deadline of bids only moves to later.", reason="earlier")
    before = seal.deadline
    if seal.platform is not None:  # what two people open is bound to the deadline
        seal.platform = keys_of(session).extend(seal.platform, seal.ref, before, need.bids_until)
    seal.deadline = need.bids_until
    seal.giver_id, seal.given, seal.given_at = None, {}, None
    said: dict[str, object] = {
        "what": "deadline",
        "from": sealing.moment(before),
        "to": sealing.moment(need.bids_until),
    }
    log.add(session, seal, said, now)
    journal.record(session, viewer, "bids.deadline_bound", seal, now, tell=(), data=said)


def _amended(session: Session, viewer: Viewer, need: Need, now: datetime) -> None:
    why = next((one.reason for one in amendments.of_need(session, need)), "")
    for bid in live(session, need):
        if bid.state == "submitted":
            move(session, viewer, bid, "amend", now)
            letters.write(session, bid, "amended", now, note=why)


def _cancelled(session: Session, viewer: Viewer, need: Need, now: datetime) -> None:
    seal = seal_of(session, need, lock=True)
    for bid in live(session, need):
        move(session, viewer, bid, "void", now)
        forget(session, bid)
    if seal is not None and seal.opened_at is None:
        log.add(session, seal, {"what": "cancelled"}, now)
        destroy(seal)


def _opened(session: Session, viewer: Viewer, need: Need, now: datetime) -> None:
    seal = seal_of(session, need)
    if seal is not None and seal.opened_at is None:
        raise Conflict("Sealed bids are opened by two people, not by a move.", reason="sealed")


def move(session: Session, viewer: Viewer, bid: Bid, name: str, now: datetime) -> None:
    """One move of `lifecycle.MOVES`, in the journal without a word of what the bid says."""
    bid.state = lifecycle.after(bid.state, name)
    bid.changed_at = now
    journal.record(session, viewer, f"bids.{bid.state}", bid, now, tell=())


def destroy(seal: Seal) -> None:
    """From here on nothing opens with this key any more."""
    seal.wrapped = seal.platform = None
    seal.halves, seal.given, seal.giver_id, seal.given_at = {}, {}, None, None


MOVED: Final = {
    "publish": _published,
    "withdraw": _withdrawn,
    "deadline": _deadline,
    "amend": _amended,
    "cancel": _cancelled,
    "open": _opened,
}
needs.ON_MOVE.append(told)
needs.FAULTS.append(faults)
