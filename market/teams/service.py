"""What happens to interests in a part. The journal says that a bidder looks for a partner, never who or for what."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from market import journal
from market.accounts.models import Organisation
from market.errors import Conflict
from market.i18n import N_
from market.needs import service as needs
from market.needs.models import Need
from market.teams import letters
from market.teams.models import Interest, Introduction
from market.teams.parts import Part, fit_together, groups_of, packages_of
from market.viewer import Viewer

MOVES: Final[dict[str, dict[str, str]]] = {
    "open": {"change": "open", "withdraw": "withdrawn"},
    "withdrawn": {"open": "open"},
}
VERBS: Final = {"open": "opened", "change": "changed", "withdraw": "withdrawn"}
"""Move -> past tense for the journal."""
LATE: Final = N_("The deadline has passed: nobody looks for partners here any more.")
UNNAMED: Final = Viewer("bidder", "person")
"""In the journal, where it must not say who."""


def interest_of(session: Session, need: Need, organisation_id: int) -> Interest | None:
    session.flush()
    query = select(Interest).where(Interest.need_id == need.id, Interest.organisation_id == organisation_id)
    return session.scalar(query)


def declare(
    session: Session,
    viewer: Viewer,
    need: Need,
    organisation: Organisation,
    now: datetime,
    *,
    parts: Sequence[str],
    remark: str,
    contact: str,
    email: str,
    phone: str,
) -> Interest:
    """Open it, or change what it says; whoever it fits together with by now gets a letter. Raises Conflict after the
    deadline."""
    if not need.takes_bids(now):
        raise Conflict(LATE, reason="late")
    held = interest_of(session, need, organisation.id)
    if held is None:
        held, name = Interest(need=need, organisation=organisation, created_at=now, state="open"), "open"
        session.add(held)
    else:
        name = "change" if held.state == "open" else "open"
        held.state = _after(held.state, name)
    held.parts, held.remark, held.person_id, held.updated_at = tuple(parts), remark, viewer.person_id, now
    held.contact, held.email, held.phone = contact, email, phone
    _record(session, name, held, now)
    introduce(session, need, now)
    return held


def withdraw(session: Session, viewer: Viewer, held: Interest, now: datetime) -> None:
    """From then on neither sees the other. Raises Conflict for one that is withdrawn, and after the deadline, when
    nobody is shown to anybody any more."""
    if not held.need.takes_bids(now):
        raise Conflict(LATE, reason="late")
    held.state, held.updated_at = _after(held.state, "withdraw"), now
    _record(session, "withdraw", held, now)


def partners_of(session: Session, own: Interest) -> list[Interest]:
    """Open interests of other firms that make a whole with one's own; none for one that is withdrawn."""
    if own.state != "open":
        return []
    packages = packages_of(groups_of(session, own.need))
    mine = frozenset(own.parts)
    others = (one for one in _open(session, own.need) if one.id != own.id)
    return [one for one in others if fit_together(mine, frozenset(one.parts), packages)]


def introduce(session: Session, need: Need, now: datetime) -> int:
    """A letter to both firms of every two that fit together and do not know it yet; returns how many pairs."""
    packages = packages_of(groups_of(session, need))
    rows = _open(session, need)
    ids = [one.id for one in rows]
    told = session.execute(select(Introduction.first_id, Introduction.second_id).where(Introduction.first_id.in_(ids)))
    known = {(row.first_id, row.second_id) for row in told}
    made = 0
    for place, one in enumerate(rows):
        for other in rows[place + 1 :]:
            if (one.id, other.id) not in known and _fits(one, other, packages):
                session.add(Introduction(first_id=one.id, second_id=other.id, at=now))
                letters.to_both(session, one, other, now)
                made += 1
    return made


def _fits(one: Interest, other: Interest, packages: list[Part]) -> bool:
    return fit_together(frozenset(one.parts), frozenset(other.parts), packages)


def _open(session: Session, need: Need) -> list[Interest]:
    """Of firms that are checked and not suspended, the oldest first."""
    session.flush()
    query = select(Interest).join(Interest.organisation).where(Interest.need_id == need.id, Interest.state == "open")
    query = query.where(Organisation.suspended_at.is_(None), Organisation.verified_on.is_not(None))
    return list(session.scalars(query.order_by(Interest.id)))


def _after(state: str, move: str) -> str:
    """Raises Conflict where the table forbids it."""
    try:
        return MOVES[state][move]
    except KeyError:
        raise Conflict(N_("This has changed meanwhile, so that is no longer possible."), reason="state") from None


def _record(session: Session, move: str, interest: Interest, now: datetime) -> None:
    journal.record(session, UNNAMED, f"teams.interest_{VERBS[move]}", interest, now, tell=())


def told(session: Session, viewer: Viewer, need: Need, move: str, now: datetime) -> None:
    """An amendment may have made parts that fit together."""
    if move == "amend":
        introduce(session, need, now)


needs.ON_MOVE.append(told)
