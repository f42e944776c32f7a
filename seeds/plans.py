"""Plants what partners plan: look-ahead entries with what firms pledge to them, and projects with their needs."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.accounts.models import Organisation
from market.lookaheads import service as lookaheads
from market.lookaheads.models import Lookahead
from market.needs.models import Need
from market.projects import service as projects
from market.viewer import Viewer

Record = dict[str, Any]


def plant(session: Session, viewer: Viewer, records: list[Record], today: date, now: datetime) -> int:
    """Everything, unless something is planned already; `today` is the day of the first planting."""
    session.flush()
    if session.scalar(select(func.count(Lookahead.id))):
        return 0
    for record in records:
        (_project if record.get("project") else _entry)(session, viewer, record, today, now)
    return len(records)


def _entry(session: Session, viewer: Viewer, record: Record, today: date, now: datetime) -> None:
    organisation = _firm(session, record["organisation"])
    first, last = _day(record, "first", today), _day(record, "last", today)
    assert first
    assert last
    entry = lookaheads.create(
        session,
        viewer,
        organisation,
        now,
        first_on=first,
        last_on=last,
        trades=tuple(record["trades"]),
        **{name: record[name] for name in ("kind", "confidence", "lang", "title", "headcount", "expected")},
        **_place(record, organisation),
    )
    lookaheads.publish(session, viewer, entry, now)
    for one in record.get("pledges", ()):
        said: Record = {"people": one["people"], "remark": one.get("remark", "")}
        firm = _firm(session, one["firm"])
        lookaheads.pledge(session, viewer, entry, firm, now, first_on=first, last_on=last, **said)


def _project(session: Session, viewer: Viewer, record: Record, today: date, now: datetime) -> None:
    organisation = _firm(session, record["organisation"])
    said = {name: record[name] for name in ("name", "description")}
    project = projects.begin(
        session, viewer, organisation, now, **said, **_period(record, today), **_place(record, organisation)
    )
    for one in record["packages"]:
        said = {name: one[name] for name in ("title", "description") if name in one}
        need = _need(session, organisation, one["need"]) if "need" in one else None
        projects.add(session, viewer, project, now, need=need, **said, **_period(one, today))


def _firm(session: Session, key: str) -> Organisation:
    return session.scalars(select(Organisation).where(Organisation.external_id == key)).one()


def _need(session: Session, organisation: Organisation, key: str) -> Need:
    query = select(Need).where(Need.organisation_id == organisation.id, Need.external_id == key)
    return session.scalars(query).one()


def _place(record: Record, organisation: Organisation) -> Record:
    site = record["site"]
    given = {name: site[name] for name in ("postcode", "town", "lat", "lon")}
    return given | {"site": site["name"], "country": organisation.country, "district": organisation.district}


def _period(record: Record, today: date) -> Record:
    return {"starts_on": _day(record, "starts", today), "ends_on": _day(record, "ends", today)}


def _day(record: Record, key: str, today: date) -> date | None:
    days = record.get(f"{key}_in_days")
    return None if days is None else today + timedelta(days=days)
