"""Two firms of the demo that bid together: both say which part they want, one proposes, the other consents."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from market.bids import contents, joint
from market.bids.terms import asked_by
from market.needs.models import Need
from market.teams import pairs, service
from market.teams.models import Interest, Pair
from market.teams.pairs import Task, Tasks
from market.teams.service import UNNAMED
from market.viewer import Viewer
from seeds import reading

Record = dict[str, Any]


def agree(session: Session, need: Need, record: Record, now: datetime) -> Pair:
    """By the record of a bid: who hands in does what is under `does`, its partner what is under `with`; items count
    from 1."""
    items = [item.ref for item in asked_by(session, need).items]
    lead, partner = (
        Task(tuple(items[place - 1] for place in one["does"]), one["role"]) for one in (record, record["with"])
    )
    first = _interest(session, need, record, lead, now)
    second = _interest(session, need, record["with"], partner, now)
    pair = pairs.propose(session, _of(first), first, second, now, leads=True, tasks=Tasks(lead, partner))
    session.flush()
    pairs.answer(session, _of(second), pair, second.organisation_id, "consent", now)
    return pair


def sealed_in(session: Session, need: Need, pair: Pair, said: Record) -> Record:
    """What the joint bid says of the two, beside what it says itself."""
    found = joint.inside(session, pair, pair.lead, contents.of(said), asked_by(session, need))
    assert found is not None
    return said | {"joint": asdict(found)}


def _interest(session: Session, need: Need, record: Record, task: Task, now: datetime) -> Interest:
    firm = reading.firm(session, record["by"])
    said = {"remark": "", "contact": firm.name, "email": firm.email or "", "phone": firm.phone or ""}
    held = service.declare(session, UNNAMED, need, firm, now, parts=task.parts, **said)
    session.flush()
    return held


def _of(interest: Interest) -> Viewer:
    return Viewer("bidder", "person", organisation_id=interest.organisation_id)
