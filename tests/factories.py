"""Records made through the services, as any user would make them."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from market.accounts import people
from market.accounts import service as accounts
from market.accounts.models import Organisation, Person
from market.bids import log, opening, opening_keys, sealing
from market.bids.models import Bid, Opener, OpeningKey, OpeningRecord, Seal
from market.certificates import service as certificates
from market.certificates.models import Certificate
from market.needs import service as needs
from market.needs.models import Need
from market.offerings import service as offerings
from market.offerings.models import Offering
from market.values import new_ref
from market.viewer import Viewer

TESTER = Viewer("tester", "operator")
_numbers = count(1)

DETAILS: dict[str, dict[str, Any]] = {
    "service": {"crew_size": 6},
    "training": {"qualification": "Schweißer nach EN ISO 9606-1"},
    "lab_test": {"methods": [{"parameter": "Zugfestigkeit", "matrix": "Stahl", "standard": "DIN EN ISO 6892-1"}]},
    "residual": {"direction": "available", "material": "Hüttensand", "legal_status": "by_product"},
    "rail": {"services": ["shunting"]},
}
ALLIANCE: dict[str, Any] = {
    "occupations": ["machining-mechanic", "tool-mechanic"],
    "weeks": 8,
    "years": [1, 2],
    "apprentices_per_year": 12,
    "contract": "lead_firm",
    "lead": "Musterdreh GmbH",
    "partners": ["Probebau, Klein & Co. KG", "Beispielwerk e. K."],
    "support_possible": True,
}
"""Everything a module of joint apprenticeship training can say."""


def organisation(session: Session, now: datetime, **fields: Any) -> Organisation:
    number = next(_numbers)
    given = {"name": f"Probefirma {number}", "town": "Guben", "postcode": "03172", "district": "DE40G"}
    more = {"lat": 51.95, "lon": 14.71, "languages": ("de",), "is_demo": True}
    return accounts.create(session, TESTER, now, **(given | more | fields))


def offering(session: Session, now: datetime, firm: Organisation | None = None, **fields: Any) -> Offering:
    number = next(_numbers)
    kind = fields.get("kind", "service")
    given = {
        "kind": kind,
        "title": f"Rohrleitungsbau {number}",
        "trades": ("piping-construction",),
        "cpv": ("45231100",),
        "languages": ("de",),
        "town": "Guben",
        "district": "DE40G",
        "lat": 51.95,
        "lon": 14.71,
        "status": "published",
        "details": DETAILS[kind],
    }
    return offerings.create(session, TESTER, firm or organisation(session, now), now, **(given | fields))


def need(session: Session, now: datetime, firm: Organisation | None = None, **fields: Any) -> Need:
    number = next(_numbers)
    given = {
        "kind": "service",
        "title": f"Revision der Rohrleitungen {number}",
        "trades": ("piping-construction",),
        "cpv": ("45231100",),
        "stage": "published",
        "town": "Guben",
        "lat": 51.95,
        "lon": 14.71,
        "bids_until": now + timedelta(days=20),
    }
    return needs.create(session, TESTER, firm or organisation(session, now), now, **(given | fields))


def person(session: Session, now: datetime) -> Person:
    return people.create(session, TESTER, now, f"person{next(_numbers)}@factory.example", name="Pia Probe")


def seal(session: Session, now: datetime, need: Need, openers: Sequence[Person]) -> Seal:
    """The need's seal, made without a key process: the platform's share is lost, and nobody opens it."""
    session.flush()
    keys = [opening_keys.of_person(session, one.id) or opening_key(session, one, now) for one in openers]
    ref = new_ref()
    made, _ = sealing.new_tender_key(ref, {key.person.ref: key.public for key in keys})
    assert need.bids_until is not None
    fields = {"public": made.public, "wrapped": made.wrapped, "platform": b"", "log_head": log.start(ref)}
    row = Seal(ref=ref, need=need, deadline=need.bids_until, created_at=now, **fields)
    session.add(row)
    session.flush()
    session.add_all(Opener(seal_id=row.id, person_id=key.person_id, key_id=key.id) for key in keys)
    log.add(session, row, {"what": "sealed"}, now)
    return row


def opening_key(session: Session, person: Person, now: datetime) -> OpeningKey:
    """Under the passphrase `Elster Kandis Waage Moor`, which is cheap to try."""
    made = sealing.new_opener_key("Elster Kandis Waage Moor", sealing.Cost(1, 8192))
    fields = {"public": made.public, "salt": made.salt, "wrapped": made.wrapped}
    row = OpeningKey(person=person, created_at=now, passes=1, memory=8192, **fields)
    session.add(row)
    session.flush()
    return row


def bid(session: Session, now: datetime, need: Need, **fields: Any) -> Bid:
    """As a row alone: nothing of it is sealed, stored or logged."""
    number = next(_numbers)
    facts = {"size": 1_000 * number**2, "sha256": sealing.digest(b"%d" % number), "commitment": "c" * 64}
    given = facts | {"need_version": need.version, "received_at": now, "changed_at": now}
    firm = fields.pop("organisation", None) or organisation(session, now)
    row = Bid(need=need, organisation=firm, **(given | fields))
    session.add(row)
    session.flush()
    return row


def record(session: Session, now: datetime, seal: Seal, bids: Sequence[Bid]) -> OpeningRecord:
    """As if two people had opened these bids, whose states say what was found."""
    seal.opened_at, seal.need.stage = now, "opened"
    rows = [opening.row(one) | {"state": one.state} for one in bids]
    names = {"first": "Jana Petrow-Mustermann", "second": "Tomasz Lehnert", "first_at": now, "at": now}
    facts = {"deadline": seal.deadline, "log_place": seal.log_place, "log_head": seal.log_head}
    row = OpeningRecord(need=seal.need, bids=rows, **names, **facts)
    session.add(row)
    session.flush()
    return row


def certificate(session: Session, now: datetime, firm: Organisation, **fields: Any) -> Certificate:
    given = {"type": "iso-9001", "valid_from": date(2025, 1, 1), "valid_until": date(2027, 12, 31), "state": "verified"}
    return certificates.add(session, TESTER, firm, now, **(given | fields))
