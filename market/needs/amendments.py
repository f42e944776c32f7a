"""Changes after publication: a new version with difference and reason; the deadline moves when little time is left.

The rule: whoever answers has at least `LEFT` from the change on. Where less would be left the deadline moves to the
first working day that keeps it, at the same time of day, and the decision by as many days. Never does it come nearer.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from market import journal
from market.errors import Conflict
from market.i18n import N_, Words
from market.needs import contents, service
from market.needs.models import Amendment, Need
from market.needs.moments import shifted
from market.values import ZONE
from market.viewer import Viewer

LEFT: Final = timedelta(days=5)
Facts = dict[tuple[str, int], tuple[str, Any]]
"""What and which number of it -> how it is written and its value."""

FIELDS: Final = (
    (N_("Title"), "title", "text"),
    (N_("Summary"), "summary", "text"),
    (N_("Description"), "description", "text"),
    (N_("Place"), "town", "text"),
    (N_("Site"), "site", "text"),
    (N_("Work begins"), "execution_from", "day"),
    (N_("Work ends"), "execution_until", "day"),
    (N_("Questions until"), "questions_until", "moment"),
    (N_("Bids until"), "bids_until", "moment"),
    (N_("Decision at the latest"), "decision_by", "day"),
)
PARTS: Final = {"lots": N_("Lot"), "items": N_("Item"), "requirements": N_("Requirement"), "criteria": N_("Criterion")}


def facts(session: Session, need: Need) -> Facts:
    """Everything a bidder relies on."""
    found: Facts = {(what, 0): (kind, _plain(getattr(need, name))) for what, name, kind in FIELDS}
    found |= {
        (N_("Texts in other languages"), 0): ("text", " ".join(v for t in need.texts.values() for v in t.values()))
    }
    for lot in contents.lots_of(session, need):
        found[(PARTS["lots"], lot.place)] = ("text", " ".join([lot.title, lot.description]).strip())
    for item in contents.items_of(session, need):
        said = f"{item.title}: {item.quantity:g} {item.unit}" + (f", {item.required_on}" if item.required_on else "")
        found[(PARTS["items"], item.place)] = ("text", said + (" (+)" if item.optional else ""))
    for one in contents.requirements_of(session, need):
        limits = ", ".join(str(value) for value in one.limits.values() if value)
        found[(PARTS["requirements"], one.place)] = ("text", f"{one.title}{': ' + limits if limits else ''}")
    for criterion in contents.criteria_of(session, need):
        found[(PARTS["criteria"], criterion.place)] = ("text", f"{criterion.title}: {criterion.weight} %")
    for paper in contents.papers_of(session, need):
        found[(N_("Document"), paper.place)] = ("text", paper.file.name)
    return found


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def difference(before: Facts, after: Facts) -> list[dict[str, Any]]:
    changed = []
    for key in dict.fromkeys([*before, *after]):
        kind, old = before.get(key, ("text", ""))
        kind, new = after.get(key, (kind, ""))
        if (old or "") != (new or ""):
            changed.append({"what": key[0], "number": key[1], "kind": kind, "before": old or "", "after": new or ""})
    return changed


def amend(
    session: Session, viewer: Viewer, need: Need, reason: str, now: datetime, apply: Callable[[], object]
) -> Amendment | None:
    """Make the change `apply` makes a new version; None where nothing is different. Raises Conflict."""
    if not need.takes_bids(now):
        raise Conflict(N_("Only a need that takes bids can be changed."), reason="stage")
    before, deadline = facts(session, need), need.bids_until
    apply()
    if not difference(before, facts(session, need)):
        return None
    if deadline and (need.bids_until is None or need.bids_until < deadline):
        raise Conflict(N_("A deadline that is out can only become later."), reason="earlier")
    moved = _keep_time(session, viewer, need, now)
    need.version += 1
    made = Amendment(need=need, version=need.version, reason=reason, person_id=viewer.person_id, at=now)
    made.changes, made.deadline_moved = difference(before, facts(session, need)), moved
    session.add(made)
    journal.record(session, viewer, "needs.amended", need, now, data={"version": need.version, "reason": reason})
    service.announce(session, viewer, need, "amend", now)
    return made


def _keep_time(session: Session, viewer: Viewer, need: Need, now: datetime) -> bool:
    """The rule above; whether it moved the deadline."""
    until = need.bids_until
    if until is None or until - now >= LEFT:
        return False
    days = 1
    while (later := shifted(until, days)) - now < LEFT or later.astimezone(ZONE).weekday() > 4:
        days += 1
    decision = need.decision_by + timedelta(days=days) if need.decision_by else None
    service.change(session, viewer, need, now, bids_until=later, decision_by=decision)
    return True


def of_need(session: Session, need: Need) -> list[Amendment]:
    """The newest first."""
    session.flush()
    query = select(Amendment).where(Amendment.need_id == need.id).order_by(Amendment.version.desc())
    return list(session.scalars(query))


def in_words(w: Words, amendment: Amendment) -> list[tuple[str, str, str]]:
    """What is different, before and after, for a reader."""
    return [
        (
            f"{w(one['what'])} {one['number']}" if one["number"] else w(one["what"]),
            _said(w, one["kind"], one["before"]),
            _said(w, one["kind"], one["after"]),
        )
        for one in amendment.changes
    ]


def _said(w: Words, kind: str, value: Any) -> str:
    if not value:
        return w(N_("not stated"))
    if kind == "moment":
        return w.moment(datetime.fromisoformat(value))
    return w.day(datetime.fromisoformat(value).date(), "long") if kind == "day" else str(value)
