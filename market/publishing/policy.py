"""Whether the operator looks before an offering is public, or after: a row the operator sets."""

from datetime import datetime
from typing import Final, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from market import journal
from market.offerings import service
from market.offerings.models import Offering
from market.publishing.models import Setting
from market.viewer import Viewer

NAME: Final = "moderation"
When = Literal["before", "after"]


def moderation(session: Session) -> When:
    """`before` or `after`; as long as nothing was set, after."""
    value = session.scalar(select(Setting.value).where(Setting.name == NAME))
    return "before" if value == "before" else "after"


def set_moderation(session: Session, viewer: Viewer, when: When, now: datetime) -> None:
    setting = session.scalar(select(Setting).where(Setting.name == NAME))
    if setting is None:
        setting = Setting(name=NAME, value=when, set_at=now)
        session.add(setting)
    setting.value, setting.set_at = when, now
    journal.record(session, viewer, "publishing.moderation_set", setting, now, tell=(), data={"when": when})


def publish(session: Session, viewer: Viewer, offering: Offering, now: datetime) -> None:
    """Online at once, or first into the operator's queue. What was public before comes back by itself."""
    first = offering.status == "draft"
    name = "submit" if first and moderation(session) == "before" else "publish"
    service.move(session, viewer, offering, name, now)
    if first:
        service.queue(offering, now)
