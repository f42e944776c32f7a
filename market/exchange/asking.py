"""A need that a program asks about: the record as matching reads it."""

from sqlalchemy.orm import Session

from market.exchange.derived import place_fields
from market.exchange.records import NeedRecord
from market.matching.asked import Asked, language, tonnes
from market.matching.service import refs_of
from market.taxonomy.places import Gazetteer
from market.values import day_number


def asked(session: Session, record: NeedRecord, gazetteer: Gazetteer) -> Asked:
    """The point of its postcode or town where none is given; what it excludes as references."""
    place = place_fields(record, gazetteer)
    text = " ".join(part for part in (record.summary, record.description) if part)
    return Asked(
        title=record.title,
        text=text,
        language=language(record.lang, record.title, text),
        kind=record.kind,
        cpv=tuple(record.cpv),
        ewc=tuple(record.ewc),
        trades=tuple(record.trades),
        lat=place.get("lat"),
        lon=place.get("lon"),
        district=place.get("district") or "",
        on_date=day_number(record.on_date) if record.on_date else None,
        certificates=tuple(record.certificates),
        languages=tuple(record.languages),
        tonnes=tonnes(record.quantity, record.unit),
        exclude=refs_of(session, record.exclude),
    )
