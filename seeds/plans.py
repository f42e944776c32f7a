"""Plants what partners plan: look-ahead entries with what firms pledge to them, and projects with their needs."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.accounts.models import Organisation
from market.lookaheads import service as lookaheads
from market.lookaheads.models import Lookahead
from market.needs.models import Need
from market.projects import service as projects
from market.projects.models import Project
from market.viewer import Viewer
from seeds import reading
from seeds.reading import Record


def plant(session: Session, viewer: Viewer, records: list[Record], today: date, now: datetime) -> int:
    """What is not there yet; `today` is the day of the first planting."""
    session.flush()
    wanted = [record for record in records if not _is_planted(session, record)]
    for record in wanted:
        (_project if record.get("project") else _entry)(session, viewer, record, today, now)
    return len(wanted)


def _is_planted(session: Session, record: Record) -> bool:
    organisation = reading.firm(session, record["organisation"])
    same = (
        select(Project.id).where(Project.organisation_id == organisation.id, Project.name == record["name"])
        if record.get("project")
        else select(Lookahead.id).where(
            Lookahead.organisation_id == organisation.id, Lookahead.title == record["title"]
        )
    )
    return session.scalar(same.limit(1)) is not None


def _entry(session: Session, viewer: Viewer, record: Record, today: date, now: datetime) -> None:
    organisation = reading.firm(session, record["organisation"])
    first, last = reading.day(record, "first", today), reading.day(record, "last", today)
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
        **reading.site_of(record, organisation),
    )
    lookaheads.publish(session, viewer, entry, now)
    for one in record.get("pledges", ()):
        said: Record = {"people": one["people"], "remark": one.get("remark", "")}
        firm = reading.firm(session, one["firm"])
        lookaheads.pledge(session, viewer, entry, firm, now, first_on=first, last_on=last, **said)


def _project(session: Session, viewer: Viewer, record: Record, today: date, now: datetime) -> None:
    organisation = reading.firm(session, record["organisation"])
    said = {name: record[name] for name in ("name", "description")}
    project = projects.begin(
        session, viewer, organisation, now, **said, **_period(record, today), **reading.site_of(record, organisation)
    )
    for one in record["packages"]:
        said = {name: one[name] for name in ("title", "description") if name in one}
        need = _need(session, organisation, one["need"]) if "need" in one else None
        projects.add(session, viewer, project, now, need=need, **said, **_period(one, today))


def _need(session: Session, organisation: Organisation, key: str) -> Need:
    query = select(Need).where(Need.organisation_id == organisation.id, Need.external_id == key)
    return session.scalars(query).one()


def _period(record: Record, today: date) -> Record:
    return {"starts_on": reading.day(record, "starts", today), "ends_on": reading.day(record, "ends", today)}
