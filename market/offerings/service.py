"""What happens to offerings. Every verb ends in the journal, in the transaction of the change."""

from datetime import datetime

from sqlalchemy.orm import Session

from market import journal
from market.accounts.models import Organisation
from market.db import assign
from market.offerings import lifecycle, sessions
from market.offerings.kinds import KINDS
from market.offerings.models import Offering
from market.taxonomy import trades
from market.values import fold
from market.viewer import Viewer

WAS_PUBLISHED = frozenset(("published", "paused", "expired"))
"""The lifecycle leads to these only by way of the public."""


def create(
    session: Session,
    viewer: Viewer,
    organisation: Organisation,
    now: datetime,
    *,
    status: str = "draft",
    **fields: object,
) -> Offering:
    """A new offering. `details` may be the typed object or a plain dict; raises pydantic's ValidationError."""
    offering = Offering(organisation=organisation, created_at=now, updated_at=now, status=status)
    _set(offering, fields)
    offering.published_at = now if status in WAS_PUBLISHED else None
    session.add(offering)
    if offering.kind == "training":
        sessions.follow(session, offering, now)
    journal.record(session, viewer, "offerings.created", offering, now, data={"status": status})
    return offering


def change(session: Session, viewer: Viewer, offering: Offering, now: datetime, **fields: object) -> bool:
    """Set the fields that differ; False (and nothing recorded) where none does.

    Raises `sessions.Refusal` where seats booked in a session would be lost.
    """
    changed = _set(offering, fields)
    if not changed:
        return False
    if changed & {"kind", "details_json"}:
        sessions.follow(session, offering, now)
    offering.updated_at = now
    journal.record(session, viewer, "offerings.changed", offering, now, data={"fields": sorted(changed)})
    return True


def move(session: Session, viewer: Viewer, offering: Offering, name: str, now: datetime) -> None:
    """Submit, publish, pause, expire, archive or return. Raises Conflict where the lifecycle forbids it."""
    offering.status = lifecycle.after(offering.status, name)
    offering.updated_at = now
    if offering.status == "published" and offering.published_at is None:
        offering.published_at = now
    journal.record(session, viewer, f"offerings.{lifecycle.VERBS[name]}", offering, now)


def _set(offering: Offering, fields: dict[str, object]) -> set[str]:
    fields = dict(fields)
    if "details" in fields:
        details = fields.pop("details")
        kind = KINDS[str(fields.get("kind") or offering.kind)]
        typed = details if isinstance(details, kind) else kind.model_validate(details or {})
        fields["details_json"] = typed.model_dump(mode="json", exclude_none=True)
    changed = assign(offering, fields)
    if changed:
        offering.search_text = search_words(offering)
    return changed


def search_words(offering: Offering) -> str:
    """Folded words of everything a buyer may type, for the search in the database."""
    texts = [text for texts in (offering.texts or {}).values() for text in texts.values()]
    parts = [
        offering.title,
        offering.summary,
        *texts,
        *(offering.keywords or ()),
        *trades.trade_names(offering.trades or ()),
        offering.town,
        offering.description,
        *offering.details.words(),
    ]
    return fold(" ".join(part for part in parts if part))
