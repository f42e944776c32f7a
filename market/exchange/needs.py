"""Takes one need record: creates, changes or moves the need."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from market.accounts.models import Organisation
from market.exchange.derived import news, place_fields, trade_fields
from market.exchange.offerings import shortest
from market.exchange.reasons import Fault, Refused
from market.exchange.records import NeedRecord
from market.needs import lifecycle, service
from market.needs.models import Need
from market.taxonomy.languages import language_of_text
from market.taxonomy.places import Gazetteer, same_place
from market.viewer import Viewer

PLAIN = ("title", "summary", "description", "texts", "site", "execution_until", "quantity", "unit", "kind")
PERIODS = ("questions_until", "bids_until", "decision_by")


def organisation_fields(record: NeedRecord, gazetteer: Gazetteer) -> dict[str, object]:
    """What a buyer created by this record is known by."""
    return place_fields(record, gazetteer)


def take(
    session: Session,
    viewer: Viewer,
    record: NeedRecord,
    organisation: Organisation,
    known: Need | None,
    gazetteer: Gazetteer,
    now: datetime,
) -> tuple[Need, bool]:
    """The need and whether anything changed. Raises Refused, or Conflict of the lifecycle."""
    if known is None:
        stage = record.status or "published"
        if stage not in lifecycle.PLAIN:
            raise Refused(
                f"'status' is {stage!r}: a need comes in as draft, published or closed", Fault("status", stage)
            )
        fields = _new(record, organisation, gazetteer) | {"stage": stage}
        return service.create(session, viewer, organisation, now, **fields), True
    changed = service.change(session, viewer, known, now, **news(known, _fields(record, known, gazetteer)))
    if record.status is not None:
        for move in shortest(lifecycle.plain_moves(), known.stage, record.status, "a need"):
            service.move(session, viewer, known, move, now)
            changed = True
    return known, changed


def _new(record: NeedRecord, organisation: Organisation, gazetteer: Gazetteer) -> dict[str, Any]:
    fields = _fields(record, None, gazetteer)
    if not any(fields.get(name) not in (None, "") for name in ("postcode", "town", "lat")):
        fields |= same_place(organisation)
    fields.setdefault("lang", language_of_text(f"{record.title}\n{record.summary}\n{record.description}"))
    return fields | {"external_id": record.external_id}


def _fields(record: NeedRecord, known: Need | None, gazetteer: Gazetteer) -> dict[str, Any]:
    """The model's fields from the columns that were there."""
    fields = record.given(*PLAIN, *PERIODS)
    for name in ("languages", "cpv", "ewc", "certificates"):
        fields |= {name: tuple(value) for name, value in record.given(name).items()}
    for name in ("lang", "procedure", "visibility"):
        fields |= {name: value for name, value in record.given(name).items() if value}
    if "on_date" in record.model_fields_set:
        fields["execution_from"] = record.on_date
    fields |= place_fields(record, gazetteer, known)
    fields |= trade_fields(record, record.kind, known)
    if known is not None and known.external_id != record.external_id and record.external_id != known.ref:
        fields["external_id"] = record.external_id
    return fields
