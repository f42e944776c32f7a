"""Reads a file into the market in chunks: what a chunk has taken is kept, whatever happens to the next.

Interrupted or repeated, an import goes on where it was: records are known again by organisation and external
id, and one that changes nothing leaves no trace.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, BinaryIO

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from market.accounts.models import Organisation
from market.certificates import service as wallet
from market.db import Sessions, exclusive, read_only
from market.errors import Invalid, MarketError
from market.exchange import needs, offerings
from market.exchange.files import Format, Row, rows
from market.exchange.offerings import Firm
from market.exchange.organisations import Directory, key
from market.exchange.reasons import Fault, Refused, faults_of, read
from market.exchange.records import NeedRecord, OfferingRecord
from market.i18n import N_
from market.needs.models import Need
from market.offerings.models import Offering
from market.offerings.sessions import Refusal
from market.taxonomy.places import Gazetteer
from market.viewer import Viewer

CHUNK = 200
"""Records a transaction: short enough to let others write in between."""
LOCK = "import"
TWICE = N_("This number stands in row %(line)s already. Each row needs a number of its own.")
Progress = Callable[[int], None]
Key = tuple[str, str]


@dataclass
class Report:
    """What an import did. `refused` holds line, external id and reason; line 0 is the file as a whole.

    `faults` says by line what the reasons say, for people; `touched` are the ids of what was created or changed.
    """

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: list[tuple[int, str, str]] = field(default_factory=list)
    faults: dict[int, tuple[Fault, ...]] = field(default_factory=dict)
    touched: list[int] = field(default_factory=list)

    def refuse(self, line: int, external_id: str, reason: Exception) -> None:
        self.refused.append((line, external_id, str(reason)))
        if isinstance(reason, Refused):
            self.faults[line] = reason.faults
        elif isinstance(reason, Refusal):
            said = {name: str(value) for name, value in reason.details.items()}
            self.faults[line] = (Fault("details.sessions", "", reason.sentence, said),)
        else:
            self.faults[line] = (Fault(),)


def import_offerings(sessions: Sessions, file: BinaryIO, kind: Format = "jsonl", **options: Any) -> Report:
    """See `Import.run` for the options."""
    return Import(sessions, Offering, OfferingRecord, "provider").run(file, kind, **options)


def import_needs(sessions: Sessions, file: BinaryIO, kind: Format = "jsonl", **options: Any) -> Report:
    """See `Import.run` for the options."""
    return Import(sessions, Need, NeedRecord, "organisation").run(file, kind, **options)


class Import:
    """One import of records of one sort into one database."""

    def __init__(
        self, sessions: Sessions, model: type[Any], record: type[Any], owner: str, firm: Firm | None = None
    ) -> None:
        self.firm = firm
        """The firm whose records all are; without one each names its own."""
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
        found = self._rows(file, kind, encoding)
        with exclusive(self.sessions.kw["bind"], LOCK):
            self.begin(now=now, viewer=viewer, dry_run=dry_run)
            while chunk := list(islice(found, CHUNK)):
                self._chunk(chunk)
                progress(len(chunk))
        return self.report

    def begin(self, *, now: datetime, viewer: Viewer, dry_run: bool) -> None:
        """What every chunk needs to know."""
        self.viewer, self.now, self.dry_run = viewer, now, dry_run
        with read_only(self.sessions) as session:
            self.gazetteer = Gazetteer.load(session)

    def skip(self, chunk: list[Row]) -> None:
        """Rows a run before this one has taken: only what they are called is remembered."""
        for _ in self._readable(chunk, Report()):
            pass

    def take(self, session: Session, chunk: list[Row]) -> Report:
        """Take the rows inside the caller's transaction; what becomes of it is the caller's to say."""
        part = Report()
        readable = list(self._readable(chunk, part))
        if readable:
            Chunk(self, session, readable).take(part)
        return part

    def _rows(self, file: BinaryIO, kind: Format, encoding: str | None) -> Iterator[Row]:
        try:
            yield from rows(file, kind, list(self.record.model_fields), encoding)
        except Invalid as error:
            yield Row(0, reason=str(error))

    def _chunk(self, chunk: list[Row]) -> None:
        """One transaction. Its part of the report counts only once it is committed."""
        with self.sessions() as session:
            part = self.take(session, chunk)
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
                    raise Refused(row.reason, Fault(message=N_("This line cannot be read as a record.")))
                record = read(self.record, row.values)
                once = ("" if self.firm else key(getattr(record, self.owner)), record.external_id)
                if once in self.seen:
                    fault = Fault("external_id", record.external_id, TWICE, {"line": self.seen[once]})
                    raise Refused(
                        f"'external_id' {record.external_id!r} stands in line {self.seen[once]} already", fault
                    )
                self.seen[once] = row.line
                yield row.line, record
            except Refused as reason:
                part.refuse(row.line, external_id[:200], reason)


class Chunk:
    """The records of one transaction with what the database knows of them."""

    def __init__(self, work: Import, session: Session, records: list[tuple[int, Any]]) -> None:
        self.work = work
        self.session = session
        self.records = records
        work.directory.refresh(session)
        names = {getattr(record, work.owner) for _, record in records}
        owners = [work.directory.find(session, name) for name in names]
        if work.firm is not None:
            owners = [session.get_one(Organisation, work.firm.id)]
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
                    outcome, one = self._take(record)
                    self.session.flush()
            except (Refused, MarketError) as reason:
                part.refuse(line, record.external_id, reason)
            except ValidationError as error:  # a draft that lacks what its kind requires
                refused = Refused("the details are not whole", *faults_of(error, ("details",)))
                part.refuse(line, record.external_id, refused)
            except (IntegrityError, DataError) as error:
                reason_ = str(error.orig).splitlines()[0]
                part.refuse(line, record.external_id, Refused(f"the database refuses it: {reason_}", Fault()))
            else:
                setattr(part, outcome, getattr(part, outcome) + 1)
                if outcome != "unchanged":
                    part.touched.append(one.id)
                continue
            self.work.directory.fresh = before
            self.wallets.clear()  # may name what was rolled back

    def _take(self, record: Any) -> tuple[str, Any]:
        """`created`, `changed` or `unchanged`, and the record. Raises Refused, or what the services refuse."""
        if self.work.firm is not None:
            return self._take_own(record, self.work.firm)
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
        return "created" if known is None else "changed" if changed else "unchanged", one

    def _take_own(self, record: Any, firm: Firm) -> tuple[str, Any]:
        """A record of the firm that brings the file: nothing of another firm is touched, no certificate is filed."""
        owner = self.owners[0]
        if record.provider and key(record.provider) != key(owner.name):
            fault = Fault("provider", record.provider, N_("This is another firm. You import offerings of your own."))
            raise Refused(f"'provider' is {record.provider!r}, not {owner.name!r}", fault)
        known = self.by_ref.get(record.ref)
        if record.ref and (known is None or known.organisation_id != owner.id):
            fault = Fault(
                "ref", record.ref, N_("You have no offering with this reference. Leave it empty for a new one.")
            )
            raise Refused(f"'ref' {record.ref!r} is none of {owner.name!r}", fault)
        known = known or self.by_key.get((owner.id, record.external_id))
        work = self.work
        one, changed = offerings.take(self.session, work.viewer, record, owner, known, work.gazetteer, work.now, firm)
        self.by_key[owner.id, record.external_id] = one
        return "created" if known is None else "changed" if changed else "unchanged", one
