"""What happens to needs. Every verb ends in the journal, in the transaction of the change."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market import journal
from market.accounts.models import Organisation
from market.db import assign
from market.needs import lifecycle
from market.needs.models import Need
from market.taxonomy import trades
from market.values import fold
from market.viewer import Viewer


@dataclass(frozen=True)
class Fault:
    """One thing that is missing or wrong: the task of the list where it is mended, and what to do there."""

    task: str
    sentence: str
    """Marked for translation; `values` fill it."""
    values: Mapping[str, object] = field(default_factory=dict)


FAULTS: list[Callable[[Session, Need, datetime], Iterable[Fault]]] = []
"""What keeps a draft from being published: `ask(session, need, now) -> Iterable[Fault]`. Filled at import, asked in
order when somebody hands a need in, approves or publishes it; a need that comes from a list is not asked."""
ON_MOVE: list[Callable[[Session, Viewer, Need, str, datetime], None]] = []
"""Told in the transaction of the change, after it: `told(session, viewer, need, move, now)`. `move` is one of
`lifecycle.VERBS`, or `deadline` (`need.bids_until` is another one while it is published or closed), or `amend`
(`need.version` has risen; the `deadline` it moves is told, too, in either order). A need that a list brings in
published or closed says `publish`. Raise Conflict to forbid the change: nothing of it stays."""

MOMENTS: dict[str, tuple[str, ...]] = {
    "approval": ("submitted_at",),
    "closed": ("closed_at",),
    "opened": ("opened_at",),
    "awarded": ("decided_at",),
    "unsuccessful": ("decided_at",),
    "completed": ("completed_at",),
    "cancelled": ("cancelled_at",),
}
"""Set when a stage is reached."""


def create(
    session: Session,
    viewer: Viewer,
    organisation: Organisation,
    now: datetime,
    *,
    stage: str = "draft",
    **fields: object,
) -> Need:
    need = Need(organisation=organisation, created_at=now, updated_at=now, stage=stage)
    _set(need, fields)
    if stage != "draft" and need.published_at is None:
        need.published_at = now
    if stage == "closed":
        need.closed_at = now
    session.add(need)
    journal.record(session, viewer, "needs.created", need, now, data={"stage": stage})
    if stage != "draft":
        announce(session, viewer, need, "publish", now)
    return need


def change(session: Session, viewer: Viewer, need: Need, now: datetime, **fields: object) -> bool:
    """Set the fields that differ; False (and nothing recorded) where none does."""
    changed = _set(need, fields)
    if not changed:
        return False
    need.updated_at = now
    journal.record(session, viewer, "needs.changed", need, now, data={"fields": sorted(changed)})
    if "bids_until" in changed and need.stage in ("published", "closed"):
        announce(session, viewer, need, "deadline", now)
    return True


def move(
    session: Session, viewer: Viewer, need: Need, name: str, now: datetime, data: dict[str, object] | None = None
) -> None:
    """One move of `lifecycle.MOVES`, with its moment. Raises Conflict where the table or a higher slice forbids it.

    Who may, and whether a draft is ready, is asked before: by `release` for people, by nobody for lists.
    """
    before = need.stage
    need.stage = lifecycle.after(before, name, sealed=need.sealed)
    need.updated_at = now
    for moment in MOMENTS.get(need.stage, ()):
        setattr(need, moment, now)
    if need.stage == "published":
        need.published_at, need.closed_at = need.published_at or now, None
    if need.stage == "draft":
        need.submitted_at = need.submitted_by_id = need.approved_by_id = None
    journal.record(session, viewer, f"needs.{lifecycle.VERBS[name]}", need, now, data=data)
    announce(session, viewer, need, name, now)


def announce(session: Session, viewer: Viewer, need: Need, name: str, now: datetime) -> None:
    """Tell the higher slices."""
    for told in ON_MOVE:
        told(session, viewer, need, name, now)


def faults(session: Session, need: Need, now: datetime) -> list[Fault]:
    """What keeps a draft from being published, in the order of the tasks."""
    return [fault for ask in FAULTS for fault in ask(session, need, now)]


def due(session: Session, now: datetime) -> Iterable[tuple[Need, str]]:
    """Needs that time itself moves by now, each with its move."""
    query = select(Need).where(Need.stage == "published", Need.bids_until <= now)
    for need in session.scalars(query):
        coming = lifecycle.due(need.stage, need.bids_until)
        if coming is not None and coming[0] <= now:
            yield need, coming[1]


def _set(need: Need, fields: dict[str, object]) -> set[str]:
    changed = assign(need, fields)
    if changed:
        need.search_text = search_words(need)
    return changed


def search_words(need: Need) -> str:
    """Folded words of everything a firm may type, for the search in the database."""
    texts = [text for texts in (need.texts or {}).values() for text in texts.values()]
    parts = [need.title, need.summary, *texts, need.site, need.town, need.description]
    return fold(" ".join([*(part for part in parts if part), *trades.trade_names(need.trades or ())]))
