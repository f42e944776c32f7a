"""What happens to needs. Every verb ends in the journal, in the transaction of the change."""

from collections.abc import Iterable
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
    return need


def change(session: Session, viewer: Viewer, need: Need, now: datetime, **fields: object) -> bool:
    """Set the fields that differ; False (and nothing recorded) where none does."""
    changed = _set(need, fields)
    if not changed:
        return False
    need.updated_at = now
    journal.record(session, viewer, "needs.changed", need, now, data={"fields": sorted(changed)})
    return True


def move(session: Session, viewer: Viewer, need: Need, name: str, now: datetime) -> None:
    """Publish, close, withdraw or reopen. Raises Conflict where the lifecycle forbids it."""
    need.stage = lifecycle.after(need.stage, name)
    need.updated_at = now
    if need.stage == "published" and need.published_at is None:
        need.published_at = now
    need.closed_at = now if need.stage == "closed" else None
    journal.record(session, viewer, f"needs.{lifecycle.VERBS[name]}", need, now)


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
