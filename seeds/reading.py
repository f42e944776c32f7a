"""What the files of `seeds/data` name, and how their days and places are meant."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.accounts.models import Organisation
from market.taxonomy.places import PLACE

Record = dict[str, Any]


def firm(session: Session, key: str) -> Organisation:
    return session.scalars(select(Organisation).where(Organisation.external_id == key)).one()


def day(record: Record, key: str, today: date) -> date | None:
    """`KEY_in_days`, counted from `today`."""
    days = record.get(f"{key}_in_days")
    return None if days is None else today + timedelta(days=days)


def site_of(record: Record, organisation: Organisation) -> Record:
    """The site named; what it does not say is as at the organisation's own place."""
    site = record.get("site", {})
    return {"site": site.get("name", ""), **{name: site.get(name) or getattr(organisation, name) for name in PLACE}}
