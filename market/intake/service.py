"""What happens to an import of a firm. Nothing of the file reaches the offerings before `confirm`."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from market import journal
from market.accounts.models import Organisation
from market.errors import Conflict
from market.exchange.files import Format
from market.files.checks import Fit
from market.files.service import Taken, drop_when_certain, take_fit
from market.files.stores import Store
from market.intake import columns, reading
from market.intake.models import OVER, FaultyRow, Import
from market.intake.reading import Plan
from market.values import Language
from market.viewer import Viewer

WAITS: Final = timedelta(days=2)
"""How long a file that nobody confirms is kept."""
KEPT: Final = timedelta(days=30)
"""How long the report of an import is kept."""


@dataclass(frozen=True)
class Table:
    """What was uploaded, read at its beginning and stored already."""

    stored: Taken
    form: Format
    encoding: str
    separator: str
    head: list[str]

    def leave(self) -> None:
        self.stored.leave()


def bring(store: Store, upload: object, language: Language) -> Table:
    """Look at a table and store it: slow, without a database. Raises Unfit, Invalid and Unavailable."""
    name, form, raw = reading.look_at(upload)
    encoding = reading.encoding_of(raw, language) if form == "csv" else ""
    separator = reading.separator_of(raw, encoding) if form == "csv" else ""
    look = reading.beginning(raw, form, encoding, separator)
    stored = take_fit(store, Fit(name, "", io.BytesIO(raw), len(raw)))
    return Table(stored, form, encoding, separator, look.head)


def begin(
    session: Session,
    viewer: Viewer,
    store: Store,
    organisation: Organisation,
    table: Table,
    now: datetime,
) -> Import:
    """Keep an upload until it is confirmed or dropped; an earlier one still waiting makes room."""
    for old in session.scalars(
        select(Import).where(
            Import.organisation_id == organisation.id, Import.state.in_(("uploaded", "checking", "checked"))
        )
    ):
        drop(session, viewer, store, old, now)
    one = Import(
        organisation=organisation,
        person_id=viewer.person_id,
        actor=viewer.name,
        behalf_of=viewer.behalf_of,
        name=table.stored.name[:200],
        form=table.form,
        key=table.stored.key,
        encoding=table.encoding,
        separator=table.separator,
        head=table.head,
        columns=[] if table.form == "jsonl" else columns.guess(table.head),
        created_at=now,
    )
    table.stored.keep_with(session)
    session.add(one)
    journal.record(session, viewer, "imports.uploaded", one, now, tell=(), data={"size": table.stored.size})
    return one


def content(store: Store, one: Import) -> bytes:
    """The bytes as they were uploaded. Raises Unavailable."""
    return b"".join(store.read(one.key))


def plan(one: Import) -> Plan:
    return Plan(cast("Format", one.form), one.encoding, one.separator, one.columns, one.kind)


def check(session: Session, viewer: Viewer, one: Import, columns: Sequence[str], kind: str, now: datetime) -> None:
    """Have every row looked at with these columns. Raises Conflict once it is confirmed."""
    if one.state not in ("uploaded", "checking", "checked"):
        raise Conflict("this import is confirmed or over")
    one.columns, one.kind = list(columns), kind
    _restart(session, one, "checking", now)


def confirm(session: Session, viewer: Viewer, one: Import, now: datetime) -> None:
    """Take the rows that can be taken. Raises Conflict for one that is not checked, or confirmed already."""
    if one.state != "checked":
        raise Conflict("this import waits for no confirmation")
    counts: dict[str, object] = {"created": one.created, "changed": one.changed, "faulty": one.faulty}
    _restart(session, one, "taking", now)
    journal.record(session, viewer, "imports.confirmed", one, now, tell=(), data=counts)


def _restart(session: Session, one: Import, state: str, now: datetime) -> None:
    session.execute(delete(FaultyRow).where(FaultyRow.import_id == one.id))
    one.state, one.begun_at, one.problem, one.touched = state, now, "", []
    one.seen = one.created = one.changed = one.unchanged = one.faulty = 0


def drop(session: Session, viewer: Viewer, store: Store, one: Import, now: datetime) -> None:
    """Not wanted: the file goes, nothing was saved. Raises Conflict once it is confirmed."""
    if one.state in ("taking", *OVER):
        raise Conflict("this import is confirmed or over")
    end(session, viewer, store, one, "dropped", now)


def end(session: Session, viewer: Viewer, store: Store, one: Import, state: str, now: datetime) -> None:
    """Over: the bytes go once that is certain, the counts stay."""
    drop_when_certain(session, store, one.key)
    one.state, one.key, one.ended_at = state, "", now
    counts: dict[str, object] = {
        "created": one.created,
        "changed": one.changed,
        "unchanged": one.unchanged,
        "faulty": one.faulty,
    }
    journal.record(session, viewer, f"imports.{state}", one, now, tell=(), data=counts if state == "done" else {})


def tidy(session: Session, viewer: Viewer, store: Store, now: datetime) -> int:
    """Drop files nobody confirmed, forget old reports; returns how many."""
    waiting = select(Import).where(
        Import.state.in_(("uploaded", "checked", "checking")), Import.created_at < now - WAITS
    )
    late = list(session.scalars(waiting))
    for one in late:
        drop(session, viewer, store, one, now)
    old = list(session.scalars(select(Import).where(Import.state.in_(OVER), Import.ended_at < now - KEPT)))
    for one in old:
        session.delete(one)
    return len(late) + len(old)


def latest(session: Session, organisation_id: int, limit: int = 10) -> list[Import]:
    query = select(Import).where(Import.organisation_id == organisation_id, Import.state != "dropped")
    return list(session.scalars(query.order_by(Import.id.desc()).limit(limit)))


def faulty_rows(session: Session, one: Import, limit: int | None = None, after: int = 0) -> list[FaultyRow]:
    query = select(FaultyRow).where(FaultyRow.import_id == one.id, FaultyRow.line > after)
    return list(session.scalars(query.order_by(FaultyRow.line).limit(limit)))
