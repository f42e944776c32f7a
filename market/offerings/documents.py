"""The public document of an offering, as the index and the API know it."""

from collections.abc import Iterator, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.accounts import people
from market.certificates.documents import certificate_fields
from market.certificates.models import Certificate
from market.certificates.service import of_organisations
from market.offerings import sessions
from market.offerings.models import Offering
from market.taxonomy import codes, trades
from market.taxonomy.subjects import subject_fields
from market.values import day_number, local_day
from search.documents import OfferingDocument

ANONYMOUS = ""
"""Name of the organisation in an anonymous listing; pages say "anonymous" in the reader's language."""


def offering_documents(session: Session, ids: list[int], today: date) -> Iterator[tuple[int, OfferingDocument | None]]:
    """Id and document of each offering asked for; None = not public or not there. Relay and rebuild both come here."""
    offerings = {o.id: o for o in session.scalars(select(Offering).where(Offering.id.in_(ids)))}
    held = of_organisations(session, sorted({o.organisation_id for o in offerings.values()}))
    silent = people.unreachable(session, {o.organisation for o in offerings.values()})
    dates = sessions.of_offerings(session, [o.id for o in offerings.values() if o.kind == "training"])
    for id_ in ids:
        offering = offerings.get(id_)
        if offering is None or not offering.is_public:
            yield id_, None
        else:
            firm = offering.organisation_id
            coming, reached = dates.get(id_, ()), firm not in silent
            yield id_, offering_document(session, offering, held[firm], today, coming, reached)


def offering_document(
    session: Session,
    offering: Offering,
    held: list[Certificate],
    today: date,
    dates: Sequence[sessions.CourseSession] = (),
    reached: bool = True,
) -> OfferingDocument:
    """Public facts only. `held` are the certificates of the offering's organisation, `dates` its sessions;
    `reached`: a letter reaches the firm."""
    organisation = offering.organisation
    details = sessions.counted(offering.details, dates)
    anonymous = bool(getattr(details, "anonymous", False))
    waste = details.waste_codes()
    summary = offering.summary or offering.description.strip().split("\n")[0][:200]
    return {
        "id": offering.ref,
        "slug": offering.slug,
        "title": offering.title,
        "lang": offering.lang,
        "titles": {lang: text for lang, text in offering.text_in("title").items() if lang != offering.lang},
        "summary": summary,
        "summaries": {lang: text for lang, text in offering.text_in("summary").items() if lang != offering.lang},
        "text": " ".join([*offering.text_in("description").values(), *offering.text_in("summary").values()]),
        "kinds": [offering.kind],
        "kind": offering.kind,
        "trades": list(offering.trades),
        "trade_names": trades.trade_names(offering.trades),
        "trade_words": trades.trade_words(offering.trades),
        "cpv": list(offering.cpv),
        "cpv_prefixes": codes.all_prefixes(offering.cpv),
        "code_labels": codes.labels(session, offering.cpv, waste),
        **subject_fields(session, offering.title, f"{offering.summary} {offering.description}", offering.lang),
        "keywords": [*offering.keywords, *details.words()],
        "languages": list(offering.languages),
        "organisation": ANONYMOUS if anonymous else organisation.name,
        "organisation_ref": "" if anonymous else organisation.ref,
        "organisation_slug": "" if anonymous else organisation.slug,
        "verified_on": day_number(organisation.verified_on) if organisation.verified_on else None,
        "is_demo": organisation.is_demo,
        "town": offering.town,
        "postcode": offering.postcode,
        "country": offering.country,
        "district": offering.district,
        "lat": offering.lat,
        "lng": offering.lon,
        "updated_on": day_number(local_day(offering.updated_at)),
        **certificate_fields([] if anonymous else held, today),
        "radius_km": offering.radius_km,
        "areas": list(offering.areas),
        "available_on": _free(offering, today),
        "lead_time_days": offering.lead_time_days,
        "price_mode": offering.price_mode,
        "price_cents": offering.price_cents,
        "currency": offering.currency,
        "unit": offering.unit,
        "emergency": bool(getattr(details, "emergency_24_7", False)),
        "employees": organisation.employees_band,
        "audience": offering.audience,
        "facts": details.facts(),
        "ewc": [code.replace(" ", "") for code in waste],
        "direction": getattr(details, "direction", None),
        "occupations": details.occupation_ids(),
        "unconfirmed": int(offering.sunk_on is not None),
        "answer_minutes": None if anonymous else organisation.answer_minutes,
        "reached": reached,
    }


def _free(offering: Offering, today: date) -> int:
    """The day work can begin, as a number; 0 = at once."""
    stated, free = offering.available_on, offering.free_from(today)
    if free > max(stated or today, today):
        return day_number(free)
    return day_number(stated) if stated else 0
