"""What the market knows as records of the import's formats: read again, they change nothing."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.accounts.models import Organisation
from market.catalogue import rules as providers
from market.certificates.documents import public
from market.certificates.models import Certificate
from market.certificates.service import of_organisations
from market.exchange.records import Held, NeedRecord, OfferingRecord
from market.needs.models import Need
from market.offerings.models import Offering

BATCH = 500
Record = dict[str, Any]

OFFERING_COLUMNS = tuple(OfferingRecord.model_fields)
NEED_COLUMNS = tuple(name for name in NeedRecord.model_fields if name != "exclude")
PROVIDER_COLUMNS = tuple(
    "external_id ref url name legal_form street postcode place country district lat lon phone email website "
    "languages employees certificates verified_on".split()
)
_SAME = tuple("name legal_form street postcode country district lat lon phone email website employees".split())


def offerings(session: Session, base_url: str) -> Iterator[Record]:
    """All offerings in all states, in the order they were made.

    An anonymous listing names nobody here either; read again, its `ref` says whose it is.
    """
    for batch in _batches(session, Offering):
        held = of_organisations(session, sorted({one.organisation_id for one in batch}))
        for one in batch:
            anonymous = bool(one.details_json.get("anonymous"))
            yield {
                **_common(one, f"{base_url}/offerings/{one.ref}/{one.slug}"),
                "provider": "" if anonymous else one.organisation.name,
                "provider_email": "" if anonymous else one.organisation.email,
                "kind": one.kind,
                "status": one.status,
                "keywords": list(one.keywords),
                "certificates": [] if anonymous else _certificates(held[one.organisation_id]),
                "radius_km": one.radius_km,
                "areas": list(one.areas),
                "available_on": _day(one.available_on),
                "lead_time_days": one.lead_time_days,
                "price": None if one.price_cents is None else one.price_cents / 100,
                "price_mode": one.price_mode,
                "currency": one.currency,
                "audience": one.audience,
                "details": one.details_json,
            }


def needs(session: Session, base_url: str) -> Iterator[Record]:
    """All needs in all stages, in the order they were made."""
    for batch in _batches(session, Need):
        for one in batch:
            yield {
                **_common(one, f"{base_url}/needs/{one.ref}/{one.slug}"),
                "organisation": one.organisation.name,
                "kind": one.kind,
                "status": one.stage,
                "procedure": one.procedure,
                "visibility": one.visibility,
                "site": one.site,
                "ewc": list(one.ewc),
                "on_date": _day(one.execution_from),
                "execution_until": _day(one.execution_until),
                "certificates": list(one.certificates),
                "quantity": one.quantity,
                "questions_until": _day(one.questions_until),
                "bids_until": _day(one.bids_until),
                "decision_by": _day(one.decision_by),
            }


def listed_providers(session: Session, base_url: str) -> Iterator[Record]:
    """Organisations the public finds as providers."""
    for batch in _batches(session, Organisation, providers.listed()):
        held = of_organisations(session, [one.id for one in batch])
        for one in batch:
            yield {
                "ref": one.ref,
                "url": f"{base_url}/providers/{one.ref}/{one.slug}",
                "external_id": one.external_id or one.ref,
                **{name: getattr(one, name) for name in _SAME},
                "place": one.town,
                "languages": list(one.languages),
                "certificates": _certificates(held[one.id]),
                "verified_on": _day(one.verified_on),
            }


def _batches(session: Session, model: type[Any], *where: Any) -> Iterator[list[Any]]:
    last = 0
    query = select(model).where(*where).order_by(model.id).limit(BATCH)
    while batch := list(session.scalars(query.where(model.id > last))):
        last = batch[-1].id
        yield batch
        session.expunge_all()


def _common(one: Offering | Need, url: str) -> Record:
    return {
        "ref": one.ref,
        "url": url,
        "external_id": one.external_id or one.ref,
        "lang": one.lang,
        "title": one.title,
        "summary": one.summary,
        "description": one.description,
        "texts": one.texts,
        "trades": list(one.trades),
        "cpv": list(one.cpv),
        "languages": list(one.languages),
        "postcode": one.postcode,
        "place": one.town,
        "country": one.country,
        "district": one.district,
        "lat": one.lat,
        "lon": one.lon,
        "unit": one.unit,
    }


def _certificates(held: list[Certificate]) -> list[Record]:
    """Without those bound to a person: they go nowhere."""
    return [
        Held.model_construct(type=c.type, level=c.level, valid_until=c.valid_until).model_dump(
            mode="json", exclude_defaults=True
        )
        for c in public(held)
    ]


def _day(value: Any) -> str | None:
    return None if value is None else value.isoformat()
