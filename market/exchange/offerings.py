"""Takes one offering record: creates, changes or moves the offering, and files its certificates."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy.orm import Session

from market.accounts import service as accounts
from market.accounts.models import Organisation
from market.certificates import service as wallet
from market.certificates.models import Certificate
from market.exchange.derived import news, place_fields, trade_fields
from market.exchange.reasons import SENTENCES, Fault, Refused, read_details
from market.exchange.records import Held, OfferingRecord, State
from market.i18n import N_
from market.offerings import lifecycle, service
from market.offerings.kinds.common import Details
from market.offerings.models import Offering
from market.taxonomy.languages import language_of_text
from market.taxonomy.places import Gazetteer, same_place
from market.viewer import Viewer

OWN_STATES = ("draft", "published", "paused", "archived")
"""What a firm may say of its own offerings; the others are the operator's and the clock's."""
SHOWN = ("submitted", "published")
"""States in which the operator looks at what a firm has written."""
PLAIN = tuple("title summary description texts keywords radius_km available_on lead_time_days unit".split())


def organisation_fields(record: OfferingRecord, gazetteer: Gazetteer) -> dict[str, object]:
    """What a firm created by this record is known by."""
    place = place_fields(record, gazetteer)
    return {"email": record.provider_email, "languages": tuple(record.languages), **place}


def take(
    session: Session,
    viewer: Viewer,
    record: OfferingRecord,
    organisation: Organisation,
    known: Offering | None,
    gazetteer: Gazetteer,
    now: datetime,
    firm: "Firm | None" = None,
) -> tuple[Offering, bool]:
    """The offering and whether anything changed. Raises Refused, or Conflict of the lifecycle."""
    changed = False
    if firm is not None:
        record = firm.own(record, known)
    elif record.provider_email and not organisation.email:
        changed = accounts.change(session, viewer, organisation, now, email=record.provider_email)
    if known is None:
        fields = _new(record, organisation, gazetteer) | {"status": record.status or "published"}
        made = service.create(session, viewer, organisation, now, **fields)
        if firm is not None and made.status in SHOWN:
            service.queue(made, now)
        return made, True
    begins = known.status == "draft"
    changed |= service.change(session, viewer, known, now, **news(known, _fields(record, known, gazetteer)))
    if record.status is not None:
        for move in lifecycle_path(known.status, record.status):
            service.move(session, viewer, known, move, now)
            changed = True
        if firm is not None and begins and known.status in SHOWN:
            service.queue(known, now)
    return known, changed


@dataclass(frozen=True)
class Firm:
    """Whose offerings a file holds when a firm brings it itself. `first` is the state of a new one that says none."""

    id: int
    first: Literal["published", "submitted"] = "published"

    def own(self, record: OfferingRecord, known: Offering | None) -> OfferingRecord:
        """The record as this firm may say it; details it does not name stay as they are. Raises Refused."""
        status = record.status
        if status is not None and status not in OWN_STATES:
            expected = ", ".join(OWN_STATES)
            fault = Fault("status", status, SENTENCES["literal_error"], {"expected": expected})
            raise Refused(f"'status' is {status!r}; it takes {expected}", fault)
        if known is None or known.status == "draft":
            status = self._begun(status if known is not None or status else "published")
        elif known.status == "submitted" and status in ("published", "paused"):
            status = None  # the operator looks at it first
        details = record.details
        if details and known is not None and (record.kind or known.kind) == known.kind:
            details = merged(known.details_json, details)
        given = {name: getattr(record, name) for name in record.model_fields_set}
        kept = {name: value for name, value in details.items() if value is not None}
        return OfferingRecord.model_construct(**given | {"status": status, "details": kept})

    def _begun(self, status: State) -> State:
        """The state of what nobody has seen yet: by way of the operator, where the operator looks first."""
        if status == "published" or (status == "paused" and self.first == "submitted"):
            return self.first
        return status


SAME = {"sessions": ("starts_on",), "slots": ("day", "window"), "methods": ("parameter", "matrix", "standard")}
"""What tells one line of a table inside the details from another."""


def merged(known: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """The details known with those given on top; what is nested and lines of a table keep what the given ones do not
    say."""
    result = {**known, **given}
    for name, value in given.items():
        if isinstance(value, dict) and isinstance(known.get(name), dict):
            result[name] = known[name] | value
    for name, keys in SAME.items():
        before = {tuple(str(line.get(key)) for key in keys): line for line in known.get(name) or []}
        if isinstance(given.get(name), list) and all(isinstance(line, dict) for line in given[name]):
            lines = [(tuple(str(line.get(key)) for key in keys), line) for line in given[name]]
            result[name] = [before.get(key, {}) | line for key, line in lines]
    return result


def lifecycle_path(state: str, wanted: str) -> list[str]:
    """The shortest row of moves from one state to another. Raises Refused where there is none."""
    return shortest(lifecycle.MOVES, state, wanted, "an offering")


def shortest(moves: dict[str, dict[str, str]], state: str, wanted: str, what: str) -> list[str]:
    paths: dict[str, list[str]] = {state: []}
    for here in (queue := [state]):
        for move, there in moves[here].items():
            if there not in paths:
                paths[there] = [*paths[here], move]
                queue.append(there)
    if wanted not in paths:
        message = N_("This is archived and does not come back. Give it a new number to enter it anew.")
        fault = Fault("status", wanted, message) if state == "archived" else Fault("status", wanted)
        raise Refused(f"'status' is {wanted!r}, but {what} that is {state} does not become {wanted} any more", fault)
    return paths[wanted]


def _new(record: OfferingRecord, organisation: Organisation, gazetteer: Gazetteer) -> dict[str, Any]:
    kind = record.kind or "service"
    fields = _fields(record, None, gazetteer)
    fields.setdefault("details", details_of(record, kind))
    if not any(fields.get(name) not in (None, "") for name in ("postcode", "town", "lat")):
        fields |= same_place(organisation)
    fields.setdefault("lang", language_of_text(f"{record.title}\n{record.summary}\n{record.description}"))
    return fields | {"kind": kind, "external_id": record.external_id}


def _fields(record: OfferingRecord, known: Offering | None, gazetteer: Gazetteer) -> dict[str, Any]:
    """The model's fields from the columns that were there."""
    fields = record.given(*PLAIN)
    for name in ("languages", "cpv", "areas"):
        fields |= {name: tuple(value) for name, value in record.given(name).items()}
    for name in ("lang", "audience", "kind", "currency"):
        fields |= {name: value for name, value in record.given(name).items() if value}
    kind = record.kind or (known.kind if known else "service")
    if record.details or (known is not None and kind != known.kind):
        fields["details"] = details_of(record, kind)
    fields |= _price(record, known)
    fields |= place_fields(record, gazetteer, known)
    fields |= trade_fields(record, kind, known)
    if known is not None and known.external_id != record.external_id and record.external_id != known.ref:
        fields["external_id"] = record.external_id
    return fields


def _price(record: OfferingRecord, known: Offering | None) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if "price" in record.model_fields_set:
        fields["price_cents"] = None if record.price is None else round(record.price * 100)
        # A price that stays keeps its mode; a new one is meant as it stands there.
        if known is None or known.price_cents != fields["price_cents"]:
            fields["price_mode"] = "on_request" if record.price is None else "fixed"
    if record.price_mode is not None:
        fields["price_mode"] = record.price_mode
        cents = fields.get("price_cents", known and known.price_cents)
        if record.price_mode != "on_request" and cents is None:
            fault = Fault("price_mode", record.price_mode, N_("There is no price. Give one, or write “on request”."))
            raise Refused(f"'price_mode' is {record.price_mode!r} without a price; give one or write on_request", fault)
    return fields


def details_of(record: OfferingRecord, kind: str) -> Details:
    """The details given; without any, what the title says. Raises Refused where a kind needs more."""
    given = record.details
    if not given and kind == "training":
        given = {"qualification": record.title}
    elif not given and kind == "lab_test":
        given = {"methods": [{"parameter": record.title, "matrix": "", "standard": ""}]}
    return read_details(kind, given)


def file_certificates(
    session: Session,
    viewer: Viewer,
    organisation: Organisation,
    held: list[Held],
    known: list[Certificate],
    now: datetime,
) -> bool:
    """Add what the wallet `known` does not have yet; nothing is taken out. Whether anything changed.

    A certificate named with its last day is in the wallet when one of that type, level and day is; one named
    without a day when any of that type and level is. So records that name different days do not quarrel.
    """
    changed = False
    for wanted in held:
        same = [c for c in known if (c.type, c.level) == (wanted.type, wanted.level)]
        if any(wanted.valid_until in (None, c.valid_until) for c in same):
            continue
        endless = next(
            (c for c in same if c.valid_until is None and (c.state, c.source) == ("verified", "import")), None
        )
        if endless is not None:
            changed |= wallet.change(session, viewer, endless, now, valid_until=wanted.valid_until)
            continue
        fields = {"type": wanted.type, "level": wanted.level, "valid_until": wanted.valid_until}
        imported = {"state": "verified", "source": "import"}
        known.append(wallet.add(session, viewer, organisation, now, **fields, **imported))
        changed = True
    return changed
