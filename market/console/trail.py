"""The journal as the operator asks for it: by verb, actor, subject and day; written out as CSV or JSON."""

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from market.accounts import people
from market.accounts.models import Person
from market.exchange.cells import FORMULA
from market.journal import Entry
from market.values import ZONE

PER_PAGE = 50
MOST_EXPORTED = 50_000
COLUMNS = ("id", "at", "actor", "on_behalf_of", "verb", "subject", "subject_id", "data", "place", "hash")


@dataclass(frozen=True)
class Filter:
    """What is wanted; empty means all. `since` and `until` are days of the region, both included."""

    verb: str = ""
    """How it begins."""
    actor: str = ""
    """As the journal names it, or somebody's e-mail address."""
    subject: str = ""
    """A table, or a table and a number: `offerings 12`."""
    since: date | None = None
    until: date | None = None

    def address(self) -> dict[str, str]:
        """As the query of an address."""
        days = {name: day.isoformat() for name in ("since", "until") if (day := getattr(self, name)) is not None}
        return {"verb": self.verb, "actor": self.actor, "subject": self.subject} | days


def entries(session: Session, wanted: Filter) -> Select[Entry]:
    """The newest first."""
    query = select(Entry).order_by(Entry.id.desc())
    if wanted.verb:
        query = query.where(Entry.verb.startswith(wanted.verb, autoescape=True))
    if wanted.actor:
        query = query.where(Entry.actor.in_(_actors(session, wanted.actor)))
    table, _, number = wanted.subject.replace(":", " ").partition(" ")
    if table:
        query = query.where(Entry.subject == table)
    if number:
        known = number.strip().isdecimal() and len(number.strip()) < 10
        query = query.where(Entry.subject_id == (int(number) if known else -1))
    if wanted.since is not None:
        query = query.where(Entry.at >= _begin(wanted.since))
    if wanted.until is not None:
        query = query.where(Entry.at < _begin(wanted.until + timedelta(days=1)))
    return query


def count(session: Session, wanted: Filter) -> int:
    query = entries(session, wanted).order_by(None).with_only_columns(func.count(Entry.id))
    return session.scalar(query) or 0


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min, ZONE).astimezone(UTC)


def _actors(session: Session, said: str) -> list[str]:
    """Names in the journal of whoever is meant: `system`, `person:REF`, a reference, an address."""
    refs = session.scalars(
        select(Person.ref).where(or_(Person.subject == people.address(said), func.lower(Person.email) == said.lower()))
    )
    return [said, f"person:{said}", *(f"person:{ref}" for ref in refs)]


def names(session: Session, found: Iterable[Entry]) -> dict[str, str]:
    """How the actors of these entries are called; those without a name of a person are left out."""
    refs = {entry.actor.removeprefix("person:") for entry in found if entry.actor.startswith("person:")}
    known = session.execute(select(Person.ref, Person.name, Person.email).where(Person.ref.in_(refs)))
    return {f"person:{ref}": name or email for ref, name, email in known if name or email}


def as_csv(found: Iterable[Entry]) -> str:
    """With a byte order mark, for spreadsheets; what one might take for a formula gets an apostrophe."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for entry in found:
        row = _row(entry) | {"data": json.dumps(entry.data, ensure_ascii=False, sort_keys=True)}
        writer.writerow([_cell(row[name]) for name in COLUMNS])
    return "\ufeff" + text.getvalue()


def _cell(value: object) -> str:
    said = "" if value is None else str(value)
    return f"'{said}" if FORMULA.match(said) else said


def as_json(found: Iterable[Entry]) -> str:
    return json.dumps([_row(entry) for entry in found], ensure_ascii=False, indent=1)


def _row(entry: Entry) -> dict[str, object]:
    return {
        "id": entry.id,
        "at": entry.at.isoformat(),
        "actor": entry.actor,
        "on_behalf_of": entry.data.get("on_behalf_of", ""),
        "verb": entry.verb,
        "subject": entry.subject,
        "subject_id": entry.subject_id,
        "data": entry.data,
        "place": entry.place,
        "hash": entry.hash,
    }
