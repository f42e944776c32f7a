"""More time for all, where the marketplace's own health log shows that it was away before a deadline.

Only where the need has promised so before its publication (`late_policy`). The clock proposes, the buyer decides, once,
with the minutes beside it; until then nothing is opened. The deadline moves for everybody or for nobody, and never
once something was opened.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from market import journal, uptime
from market.accounts import people
from market.bids import log, sealing, tenders
from market.bids.late_models import Extension
from market.errors import Conflict
from market.i18n import N_, Words
from market.needs import letters, questions
from market.needs import service as needs
from market.needs.models import Need
from market.needs.moments import shifted
from market.needs.rules import BUYERS
from market.uptime import Outage
from market.values import ZONE
from market.viewer import SYSTEM, Viewer

WINDOW: Final = timedelta(hours=4)
"""Before the deadline: who is kept out earlier has time left."""
LEAST: Final = 5
"""Minutes in it, together; a restart is none."""
LEFT: Final = timedelta(hours=24)
"""What everybody gets at least from the decision on."""
SOUGHT: Final = timedelta(days=7)
"""How long after a deadline the clock still looks: it may have been off itself."""
VERBS: Final = {"granted": "bids.extension_granted", "declined": "bids.extension_declined"}
UNDECIDED: Final = N_("First decide whether the deadline moves: the marketplace was away shortly before it.")


def of_need(session: Session, need: Need) -> list[Extension]:
    """The oldest first."""
    session.flush()
    return list(session.scalars(select(Extension).where(Extension.need_id == need.id).order_by(Extension.id)))


def of_deadline(session: Session, need: Need) -> Extension | None:
    """About the present deadline."""
    return next((one for one in of_need(session, need) if one.deadline == need.bids_until), None)


def shown(session: Session, need: Need, now: datetime) -> list[Outage]:
    """What speaks for more time and was not decided about: nothing before the deadline, or once something is open."""
    until = need.bids_until
    if need.late_policy != "extend" or until is None or now < until or need.stage not in ("published", "closed"):
        return []
    if of_deadline(session, need) is not None:
        return []
    found = uptime.outages(session, until - WINDOW, until)
    return found if sum(one.minutes for one in found) >= LEAST else []


def is_undecided(session: Session, need: Need, now: datetime) -> bool:
    one = of_deadline(session, need)
    return one.state == "proposed" if one is not None else bool(shown(session, need, now))


def due(session: Session, now: datetime, base_url: str) -> int:
    """Propose what the log shows. The clock asks; it waits until the watch is back and has seen the deadline pass."""
    watched = uptime.last(session)
    if watched is None:
        return 0
    query = select(Need).where(Need.late_policy == "extend", Need.stage.in_(("published", "closed")))
    query = query.where(Need.bids_until <= watched + uptime.MINUTE, Need.bids_until > now - SOUGHT)
    made = [propose(session, need, now, base_url) for need in session.scalars(query)]
    return len([one for one in made if one is not None])


def propose(session: Session, need: Need, now: datetime, base_url: str) -> Extension | None:
    """To the buyer, who hears of it; None where nothing speaks for it, or it stands already."""
    found = shown(session, need, now)
    if not found or need.bids_until is None:
        return None
    one = Extension(need=need, deadline=need.bids_until, proposed_at=now, state="proposed")
    one.minutes, one.outages = sum(outage.minutes for outage in found), [written(outage) for outage in found]
    session.add(one)
    session.flush()
    journal.record(session, SYSTEM, "bids.extension_proposed", one, now, tell=(), data={"minutes": one.minutes})
    buyers = people.with_roles(session, need.organisation, BUYERS)
    letters.to_people(session, need, "extension_asked", buyers, now, base_url, note=why(one), page="/extension")
    return one


def written(outage: Outage) -> dict[str, Any]:
    """As it is kept."""
    begins, ends = sealing.moment(outage.begins), sealing.moment(outage.ends)
    return {"from": begins, "until": ends, "away": list(outage.away)}


def later(need: Need, now: datetime) -> datetime:
    """The same time of day on the first working day that leaves everybody `LEFT` from now on."""
    assert need.bids_until is not None
    days = 1
    while (until := shifted(need.bids_until, days)) - now < LEFT or until.astimezone(ZONE).weekday() > 4:
        days += 1
    return until


def grant(session: Session, viewer: Viewer, one: Extension, now: datetime, base_url: str) -> datetime:
    """The deadline moves for everybody, the decision by as many days. Raises Conflict once something is open."""
    need = _undecided(session, one)
    until = later(need, now)
    days = (until.astimezone(ZONE).date() - one.deadline.astimezone(ZONE).date()).days
    decision = need.decision_by + timedelta(days=days) if need.decision_by else None
    needs.change(session, viewer, need, now, bids_until=until, decision_by=decision)
    if need.stage == "closed":
        needs.move(session, viewer, need, "reopen", now)
    one.until = until
    _decided(session, viewer, one, "granted", now, base_url)
    return until


def decline(session: Session, viewer: Viewer, one: Extension, reason: str, now: datetime, base_url: str) -> None:
    """The deadline stays, and everybody reads why. Raises Conflict."""
    _undecided(session, one)
    one.reason = reason
    _decided(session, viewer, one, "declined", now, base_url)


def _undecided(session: Session, one: Extension) -> Need:
    """Its need, the seal's row locked before it is looked at."""
    seal = tenders.seal_of(session, one.need, lock=True)
    session.refresh(one)
    need = one.need
    if one.state != "proposed":
        raise Conflict(N_("This is decided already."), reason="decided")
    is_open = need.stage not in ("published", "closed") or (seal is not None and seal.opened_at is not None)
    if is_open or need.bids_until != one.deadline:
        raise Conflict(N_("The deadline can no longer be moved for all."), reason="open")
    return need


def _decided(session: Session, viewer: Viewer, one: Extension, state: str, now: datetime, base_url: str) -> None:
    one.state, one.decided_by_id, one.decided_at = state, viewer.person_id, now
    said: dict[str, Any] = {"minutes": one.minutes, "outages": one.outages, "deadline": sealing.moment(one.deadline)}
    said |= {"until": sealing.moment(one.until)} if one.until else {"reason": one.reason}
    if (seal := tenders.seal_of(session, one.need, lock=True)) is not None:
        log.add(session, seal, {"what": f"extension {state}"} | said, now)
    journal.record(session, viewer, VERBS[state], one, now, tell=(), data=said)
    event = "extended" if state == "granted" else "not_extended"
    firms = questions.followers(session, one.need)
    letters.to_firms(session, one.need, event, firms, now, base_url, note=why(one))


def why(one: Extension) -> Callable[[Words], str]:
    """The minutes and the reason, in the reader's language."""
    return lambda w: " ".join([f"{line}." for line in spans(w, one.outages)] + ([one.reason] if one.reason else []))


def spans(w: Words, outages: Iterable[dict[str, Any]]) -> Sequence[str]:
    """Each outage as people read it."""
    found = []
    for one in outages:
        begins, ends = (datetime.fromisoformat(one[name]) for name in ("from", "until"))
        away = ", ".join(w(uptime.AWAY[name]) for name in one["away"])
        times = {"from": f"{begins.astimezone(ZONE):%H:%M}", "until": f"{ends.astimezone(ZONE):%H:%M}"}
        found.append(
            w(N_("%(day)s, %(from)s to %(until)s: %(away)s did not answer"), day=w.day(begins), away=away, **times)
        )
    return found


def in_words(w: Words, one: Extension) -> str:
    """For those who bid, and for the record."""
    values = {"minutes": one.minutes, "deadline": w.moment(one.deadline), "spans": "; ".join(spans(w, one.outages))}
    away = w(
        N_("Before the deadline of %(deadline)s the marketplace was away for %(minutes)s minutes (%(spans)s)."),
        **values,
    )
    if one.state == "proposed":
        return f"{away} {w(N_('The buyer decides whether the deadline moves for all.'))}"
    at = w.moment(one.decided_at) if one.decided_at else ""
    if one.until is not None:
        more = w(
            N_("On %(moment)s the deadline was moved for all, to %(until)s."), moment=at, until=w.moment(one.until)
        )
    else:
        more = w(N_("On %(moment)s the buyer decided that it stays: %(reason)s"), moment=at, reason=one.reason)
    return f"{away} {more}"


def refuse_undecided(session: Session, need: Need, now: datetime) -> None:
    """Raises Conflict while more time for all is still to be decided about."""
    if is_undecided(session, need, now):
        raise Conflict(UNDECIDED, reason="extension")
