"""Two firms that bid together: one proposes who leads and who does what, the other consents. The journal says that a
bidder did; what they agreed is part of a bid and lies encrypted.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from market import journal
from market.errors import Conflict
from market.i18n import N_
from market.locker import locked, secret_of, unlocked
from market.needs import questions
from market.needs.models import Need
from market.teams import letters
from market.teams.models import Interest, Pair
from market.teams.service import UNNAMED
from market.values import new_ref
from market.viewer import Viewer

MOVES: Final[dict[str, dict[str, str]]] = {
    "proposed": {"consent": "agreed", "decline": "declined", "withdraw": "withdrawn"},
    "agreed": {"end": "ended"},
    "declined": {},
    "withdrawn": {},
    "ended": {},
}
"""`withdraw`: by who proposed it. `end`: by either, for the consent counts only as long as both want it."""
LIVE: Final = ("proposed", "agreed")
LATE: Final = N_("The deadline has passed: what was agreed by then stays as it is.")

REFUSALS: list[Callable[[Session, Pair, int], str]] = []
"""Higher slices say why a firm cannot give its word now: a sentence, marked for translation, or nothing."""
ON_END: list[Callable[[Session, Pair, datetime], None]] = []
"""Higher slices hear that an agreement is over."""
LATER: list[Callable[[Session, Pair, int, datetime], bool]] = []
"""Higher slices know whether a firm can take its word back though the deadline has passed."""


class Refused(Conflict):
    """With a sentence for people, marked for translation, and what fills it."""

    def __init__(self, sentence: str, **more: object) -> None:
        super().__init__(sentence, reason="pair")
        self.sentence, self.more = sentence, more


@dataclass(frozen=True)
class Task:
    """What one of the two does: which parts, by reference, and its role in a line."""

    parts: tuple[str, ...]
    role: str


@dataclass(frozen=True)
class Tasks:
    lead: Task
    partner: Task

    def of(self, pair: Pair, organisation_id: int) -> Task:
        return self.lead if organisation_id == pair.lead_id else self.partner


def tasks_of(session: Session, pair: Pair) -> Tasks:
    kept: dict[str, Any] = json.loads(unlocked(secret_of(session), _purpose(pair.ref), pair.kept))
    return Tasks(*(Task(tuple(kept[name]["parts"]), kept[name]["role"]) for name in ("lead", "partner")))


def _purpose(ref: str) -> str:
    return f"who does what in a joint bid|{ref}"


def with_firm(session: Session, need: Need, organisation_id: int) -> list[Pair]:
    """Those a firm is one of, the newest first."""
    session.flush()
    mine = or_(Pair.lead_id == organisation_id, Pair.partner_id == organisation_id)
    return list(session.scalars(select(Pair).where(Pair.need_id == need.id, mine).order_by(Pair.id.desc())))


def agreed(session: Session, need: Need, organisation_id: int) -> Pair | None:
    """The one that counts for a firm."""
    return next((one for one in with_firm(session, need, organisation_id) if one.state == "agreed"), None)


def asked(session: Session, organisation_id: int) -> list[Pair]:
    """Proposals that wait for a firm's answer, the oldest first."""
    mine = or_(Pair.lead_id == organisation_id, Pair.partner_id == organisation_id)
    waiting = select(Pair).where(mine, Pair.state == "proposed", Pair.proposer_id != organisation_id)
    return list(session.scalars(waiting.order_by(Pair.id)))


def hold(session: Session, need: Need, *organisation_ids: int) -> None:
    """Lock what the firms have said about the need: whoever agrees, ends or bids waits here for the others."""
    rows = select(Interest).where(Interest.need_id == need.id, Interest.organisation_id.in_(organisation_ids))
    session.scalars(rows.order_by(Interest.id).with_for_update(of=Interest)).all()


def propose(
    session: Session, viewer: Viewer, own: Interest, other: Interest, now: datetime, *, leads: bool, tasks: Tasks
) -> Pair:
    """`own` asks `other`; `leads` says whether it would hand the bid in. Raises Refused."""
    need = own.need
    _refuse_late(need, now)
    hold(session, need, own.organisation_id, other.organisation_id)
    pairs = with_firm(session, need, own.organisation_id)
    if any(one.state in LIVE and one.other(own.organisation_id).id == other.organisation_id for one in pairs):
        raise Refused(N_("There is a proposal between the two of you already."))
    lead, partner = (own, other) if leads else (other, own)
    ref = new_ref()
    said = json.dumps(asdict(tasks), ensure_ascii=False).encode()
    pair = Pair(
        ref=ref,
        need=need,
        lead=lead.organisation,
        partner=partner.organisation,
        proposer_id=own.organisation_id,
        proposed_by_id=viewer.person_id,
        proposed_at=now,
        state="proposed",
        kept=locked(secret_of(session), _purpose(ref), said),
    )
    _refuse_word(session, pair, own.organisation_id)
    session.add(pair)
    _record(session, "proposed", pair, now)
    letters.about_pair(session, pair, other.organisation, "proposed", now)
    return pair


def answer(session: Session, viewer: Viewer, pair: Pair, organisation_id: int, move: str, now: datetime) -> None:
    """One move of the table by one of the two firms, while bids are taken. Raises Refused."""
    hold(session, pair.need, pair.lead_id, pair.partner_id)
    session.refresh(pair)
    if move not in ("end", "withdraw") or not any(may(session, pair, organisation_id, now) for may in LATER):
        _refuse_late(pair.need, now)
    asked = organisation_id != pair.proposer_id
    after = MOVES[pair.state].get(move)
    if after is None or (move in ("consent", "decline") and not asked) or (move == "withdraw" and asked):
        raise Refused(N_("This has changed meanwhile, so that is no longer possible."))
    if move == "consent":
        _refuse_word(session, pair, organisation_id)
    _move(session, pair, organisation_id, after, now)
    if move in ("consent", "decline"):
        pair.answered_by_id = viewer.person_id
    if move == "consent":
        _settle(session, pair, now)
    if move == "end":
        for told in ON_END:
            told(session, pair, now)


def show(session: Session, viewer: Viewer, pair: Pair, organisation_id: int, now: datetime) -> None:
    """The lead lets its partner read the bid, prices and all, once it is open. Raises Refused."""
    session.refresh(pair, with_for_update={"of": Pair})
    if pair.state != "agreed" or pair.lead_id != organisation_id or pair.shown_at is not None:
        raise Refused(N_("This has changed meanwhile, so that is no longer possible."))
    pair.shown_at = now
    _record(session, "shown", pair, now)
    letters.about_pair(session, pair, pair.partner, "shown", now)


def _move(session: Session, pair: Pair, organisation_id: int, state: str, now: datetime) -> None:
    """By one of the two firms; the other gets a letter."""
    pair.state = state
    if state in ("agreed", "declined"):
        pair.answered_at = now
    else:
        pair.ended_at, pair.ender_id = now, organisation_id
    _record(session, state, pair, now)
    letters.about_pair(session, pair, pair.other(organisation_id), state, now)


def _settle(session: Session, pair: Pair, now: datetime) -> None:
    """Proposals beside it go: nobody has to learn from a refusal that a firm has found somebody."""
    for firm in pair.firms:
        for one in with_firm(session, pair.need, firm.id):
            if one.state == "proposed":
                _move(session, one, firm.id, "withdrawn" if one.proposer_id == firm.id else "declined", now)


def _refuse_late(need: Need, now: datetime) -> None:
    if not need.takes_bids(now):
        raise Refused(LATE)


def _refuse_word(session: Session, pair: Pair, organisation_id: int) -> None:
    """Says to a firm only what it knows of itself, and what is public of the other."""
    for firm in pair.firms:
        if firm.verification != "verified":
            raise Refused(N_("%(firm)s is not checked at present, so it cannot be part of a bid."), firm=firm.name)
    if agreed(session, pair.need, organisation_id) is not None:
        raise Refused(N_("You have agreed with a firm already. For a need there is one partner."))
    for ask in REFUSALS:
        if sentence := ask(session, pair, organisation_id):
            raise Refused(sentence)


def _record(session: Session, verb: str, pair: Pair, now: datetime) -> None:
    journal.record(session, UNNAMED, f"teams.pair_{verb}", pair, now, tell=())


def _follow(session: Session, need: Need) -> list[int]:
    """Both hear what becomes of the need."""
    rows = session.execute(select(Pair.lead_id, Pair.partner_id).where(Pair.need_id == need.id, Pair.state == "agreed"))
    return [firm for row in rows for firm in row]


questions.FOLLOWERS.append(_follow)
