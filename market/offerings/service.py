"""What happens to offerings. Every verb ends in the journal, in the transaction of the change."""

from datetime import date, datetime

from pydantic import ValidationError
from sqlalchemy.orm import Session

from market import journal
from market.accounts.models import Organisation
from market.db import assign
from market.errors import Conflict
from market.offerings import lifecycle, sessions, slots
from market.offerings.kinds import KINDS
from market.offerings.models import Offering
from market.taxonomy import trades
from market.values import fold, local_day
from market.viewer import SYSTEM, Viewer

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
    if offering.kind == "rail":
        slots.align(session, offering, now)
    journal.record(session, viewer, "offerings.created", offering, now, data={"status": status})
    return offering


def change(session: Session, viewer: Viewer, offering: Offering, now: datetime, **fields: object) -> bool:
    """Set the fields that differ; False (and nothing recorded) where none does.

    Raises `sessions.Refusal` where seats booked in a session would be lost.
    """
    return _changed(session, viewer, offering, now, _set(offering, fields))


def sketch(
    session: Session, viewer: Viewer, offering: Offering | Organisation, now: datetime, **fields: object
) -> Offering:
    """Keep a draft with what is there so far, a new one for an organisation.

    `details` is a plain dict that is checked only when the draft is published.
    """
    if isinstance(offering, Organisation):
        draft = Offering(organisation=offering, created_at=now, updated_at=now, status="draft", title="")
        _set(draft, fields, whole=False)
        session.add(draft)
        journal.record(session, viewer, "offerings.created", draft, now, tell=(), data={"status": "draft"})
        return draft
    if offering.status != "draft":
        raise Conflict("only a draft may be incomplete", reason="state")
    _changed(session, viewer, offering, now, _set(offering, fields, whole=False))
    return offering


def _changed(session: Session, viewer: Viewer, offering: Offering, now: datetime, changed: set[str]) -> bool:
    if changed:
        if changed & {"kind", "details_json"} and offering.status != "draft":
            sessions.follow(session, offering, now)
            if offering.kind == "rail" or "kind" in changed:
                slots.align(session, offering, now)
        offering.updated_at = now
        journal.record(session, viewer, "offerings.changed", offering, now, data={"fields": sorted(changed)})
    return bool(changed)


COPIED = (
    *("kind", "lang", "title", "summary", "description", "texts", "trades", "cpv", "keywords", "languages"),
    *("postcode", "town", "country", "district", "lat", "lon", "radius_km", "areas", "lead_time_days"),
    *("price_mode", "price_cents", "currency", "unit", "audience"),
)
"""What a copy takes over; days, bookings and the state begin anew."""


def copy(session: Session, viewer: Viewer, offering: Offering, now: datetime, title: str) -> Offering:
    """A draft like it, to be changed."""
    fields = {name: getattr(offering, name) for name in COPIED} | {"title": title}
    details = {name: value for name, value in offering.details_json.items() if name not in ("sessions", "slots")}
    return sketch(session, viewer, offering.organisation, now, details=details, **fields)


def move(session: Session, viewer: Viewer, offering: Offering, name: str, now: datetime) -> None:
    """Submit, publish, pause, expire, archive or return. Raises Conflict where the lifecycle forbids it."""
    after = lifecycle.after(offering.status, name)
    if name in ("publish", "submit") and not is_whole(offering):
        raise Conflict("the offering lacks what its kind requires", reason="incomplete")
    offering.status, offering.updated_at = after, now
    offering.paused_until = None
    if offering.kind == "training" and after in ("published", "submitted"):
        sessions.follow(session, offering, now)
    if offering.kind == "rail" and after in ("published", "submitted"):
        slots.align(session, offering, now)
    if after in ("published", "submitted"):
        offering.returned_reason, offering.returned_note = "", {}
        if viewer != SYSTEM:
            _true(offering, local_day(now))
    if after == "published" and offering.published_at is None:
        offering.published_at = now
    journal.record(session, viewer, f"offerings.{lifecycle.VERBS[name]}", offering, now)


def is_whole(offering: Offering) -> bool:
    """Whether it may be shown: a title, and details as its kind wants them."""
    try:
        return bool(offering.title) and offering.details is not None
    except ValidationError:
        return False


def pause(session: Session, viewer: Viewer, offering: Offering, now: datetime, until: date | None = None) -> None:
    """Out of sight, for good or until the day it comes back by itself."""
    move(session, viewer, offering, "pause", now)
    offering.paused_until = until


def hand_back(
    session: Session, viewer: Viewer, offering: Offering, reason: str, note: dict[str, str], now: datetime
) -> None:
    """The operator gives it back to the firm as a draft, with the reason."""
    move(session, viewer, offering, "return", now)
    offering.returned_reason, offering.returned_note, offering.queued_at = reason, note, None


def queue(offering: Offering, now: datetime) -> None:
    """Let the operator look at it."""
    offering.queued_at = now


def seen(session: Session, viewer: Viewer, offering: Offering, now: datetime) -> None:
    """The operator has looked at it and leaves it as it is."""
    offering.queued_at = None
    journal.record(session, viewer, "offerings.seen", offering, now, tell=())


def confirm(session: Session, viewer: Viewer, offering: Offering, now: datetime) -> None:
    """The firm says that all this still holds; what was paused for want of an answer is back."""
    if offering.status == "paused" and offering.sunk_on is not None:
        move(session, viewer, offering, "publish", now)
    _true(offering, local_day(now))
    journal.record(session, viewer, "offerings.confirmed", offering, now)


def _true(offering: Offering, today: date) -> None:
    offering.confirmed_on, offering.asked_on, offering.sunk_on = today, None, None


def sink(session: Session, offering: Offering, today: date, now: datetime) -> None:
    """Nobody answered: it stands further down from now on."""
    offering.sunk_on = today
    journal.record(session, SYSTEM, "offerings.sunk", offering, now)


def _set(offering: Offering, fields: dict[str, object], *, whole: bool = True) -> set[str]:
    fields = dict(fields)
    if "details" in fields and not whole:
        fields["details_json"] = fields.pop("details")
    elif "details" in fields:
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
        *(offering.details.words() if is_whole(offering) else ()),
    ]
    return fold(" ".join(part for part in parts if part))
