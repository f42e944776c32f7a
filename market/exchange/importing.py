"""Reads a file into the market in chunks: what a chunk has taken is kept, whatever happens to the next.

Interrupted or repeated, an import goes on where it was: records are known again by organisation and external
id, and one that changes nothing leaves no trace.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, BinaryIO

from sqlalchemy import select
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from market.certificates import service as wallet
from market.db import Sessions, exclusive, read_only
from market.errors import Invalid, MarketError
from market.exchange import needs, offerings
from market.exchange.files import Format, Row, rows
from market.exchange.organisations import Directory, key
from market.exchange.reasons import Refused, read
from market.exchange.records import NeedRecord, OfferingRecord
from market.needs.models import Need
from market.offerings.models import Offering
from market.taxonomy.places import Gazetteer
from market.viewer import Viewer

CHUNK = 200
"""Records a transaction: short enough to let others write in between."""
LOCK = "import"
Progress = Callable[[int], None]
Key = tuple[str, str]


@dataclass
class Report:
    """What an import did. `refused` holds line, external id and reason; line 0 is the file as a whole."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: list[tuple[int, str, str]] = field(default_factory=list)


def import_offerings(sessions: Sessions, file: BinaryIO, kind: Format = "jsonl", **options: Any) -> Report:
    """See `Import.run` for the options."""
    return Import(sessions, Offering, OfferingRecord, "provider").run(file, kind, **options)


def import_needs(sessions: Sessions, file: BinaryIO, kind: Format = "jsonl", **options: Any) -> Report:
    """See `Import.run` for the options."""
    return Import(sessions, Need, NeedRecord, "organisation").run(file, kind, **options)


class Import:
    """One import of records of one sort into one database."""

    def __init__(self, sessions: Sessions, model: type[Any], record: type[Any], owner: str) -> None:
        self.sessions = sessions
        self.model = model
        self.record = record
        self.owner = owner
        self.directory = Directory()
        self.seen: dict[Key, int] = {}
        self.report = Report()

    def run(
        self,
        file: BinaryIO,
        kind: Format,
        *,
        now: datetime,
        viewer: Viewer,
        dry_run: bool = False,
        encoding: str | None = None,
        progress: Progress = lambda rows: None,
    ) -> Report:
        """Take every record that can be taken; a dry run does the same and keeps nothing."""
        self.viewer, self.now, self.dry_run = viewer, now, dry_run
        found = self._rows(file, kind, encoding)
        with exclusive(self.sessions.kw["bind"], LOCK):
            with read_only(self.sessions) as session:
                self.gazetteer = Gazetteer.load(session)
            while chunk := list(islice(found, CHUNK)):
                self._chunk(chunk)
                progress(len(chunk))
        return self.report

    def _rows(self, file: BinaryIO, kind: Format, encoding: str | None) -> Iterator[Row]:
        try:
            yield from rows(file, kind, list(self.record.model_fields), encoding)
        except Invalid as error:
            yield Row(0, reason=str(error))

    def _chunk(self, chunk: list[Row]) -> None:
        """One transaction. Its part of the report counts only once it is committed."""
        part = Report()
        readable = list(self._readable(chunk, part))
        if readable:
            with self.sessions() as session:
                Chunk(self, session, readable).take(part)
                session.rollback() if self.dry_run else session.commit()
        self.report.created += part.created
        self.report.changed += part.changed
        self.report.unchanged += part.unchanged
        self.report.refused += sorted(part.refused)

    def _readable(self, chunk: list[Row], part: Report) -> Iterator[tuple[int, Any]]:
        for row in chunk:
            external_id = str(row.values.get("external_id") or "")
            try:
                if row.reason:
                    raise Refused(row.reason)
                record = read(self.record, row.values)
                once = (key(getattr(record, self.owner)), record.external_id)
                if once in self.seen:
                    raise Refused(f"'external_id' {record.external_id!r} stands in line {self.seen[once]} already")
                self.seen[once] = row.line
                yield row.line, record
            except Refused as reason:
                part.refused.append((row.line, external_id[:200], str(reason)))


class Chunk:
    """The records of one transaction with what the database knows of them."""

    def __init__(self, work: Import, session: Session, records: list[tuple[int, Any]]) -> None:
        self.work = work
        self.session = session
        self.records = records
        work.directory.refresh(session)
        names = {getattr(record, work.owner) for _, record in records}
        owners = [work.directory.find(session, name) for name in names]
        self.owners = [owner for owner in owners if owner is not None]
        ids = [owner.id for owner in self.owners]
        self.wallets = wallet.of_organisations(session, ids) if work.model is Offering else {}
        model = work.model
        same = model.external_id.in_([record.external_id for _, record in records])
        found = session.scalars(select(model).where(model.organisation_id.in_(ids), same))
        self.by_key = {(one.organisation_id, one.external_id): one for one in found}
        refs = [record.ref for _, record in records if record.ref]
        self.by_ref = {one.ref: one for one in session.scalars(select(model).where(model.ref.in_(refs)))}

    def take(self, part: Report) -> None:
        for line, record in self.records:
            before = dict(self.work.directory.fresh)
            try:
                with self.session.begin_nested():
                    outcome = self._take(record)
            except (Refused, MarketError) as reason:
                part.refused.append((line, record.external_id, str(reason)))
            except (IntegrityError, DataError) as error:
                reason_ = str(error.orig).splitlines()[0]
                part.refused.append((line, record.external_id, f"the database refuses it: {reason_}"))
            else:
                setattr(part, outcome, getattr(part, outcome) + 1)
                continue
            self.work.directory.fresh = before
            self.wallets.clear()  # may name what was rolled back

    def _take(self, record: Any) -> str:
        """`created`, `changed` or `unchanged`. Raises Refused, or what the services refuse."""
        work = self.work
        name = getattr(record, work.owner)
        slice_ = offerings if isinstance(record, OfferingRecord) else needs
        known = self.by_ref.get(record.ref)
        if known is None:
            make = slice_.organisation_fields(record, work.gazetteer)
            owner = work.directory.find_or_create(self.session, work.viewer, name, work.now, **make)
            known = self.by_key.get((owner.id, record.external_id))
        else:
            owner = known.organisation
            if name and key(name) != key(owner.name):
                raise Refused(f"'ref' {record.ref!r} is a record of {owner.name!r}; leave it out to create a new one")
        common = (self.session, work.viewer, record, owner, known, work.gazetteer, work.now)
        one, changed = slice_.take(*common)
        if isinstance(record, OfferingRecord) and record.certificates:
            held = self.wallets.get(owner.id)
            if held is None:
                held = self.wallets[owner.id] = wallet.of_organisations(self.session, [owner.id])[owner.id]
            filed = offerings.file_certificates(self.session, work.viewer, owner, record.certificates, held, work.now)
            changed = changed or filed
        self.by_key[owner.id, record.external_id] = one
        return "created" if known is None else "changed" if changed else "unchanged"
