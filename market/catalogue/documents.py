"""The public document of a provider: an organisation seen from its published offerings (reads across slices)."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.accounts import people
from market.accounts.models import Organisation
from market.catalogue.rules import listed
from market.certificates.documents import certificate_fields
from market.certificates.models import Certificate
from market.certificates.service import of_organisations
from market.offerings.models import Offering
from market.taxonomy import codes, trades
from market.values import day_number, local_day
from search.documents import ProviderDocument


def provider_documents(session: Session, ids: list[int], today: date) -> Iterator[tuple[int, ProviderDocument | None]]:
    """Id and document of each organisation asked for; None = suspended, not there, or nothing public to show."""
    organisations = {o.id: o for o in session.scalars(select(Organisation).where(Organisation.id.in_(ids)))}
    held = of_organisations(session, ids)
    silent = people.unreachable(session, organisations.values())
    listed_ids = set(session.scalars(select(Organisation.id).where(Organisation.id.in_(ids), listed())))
    published: dict[int, list[Offering]] = defaultdict(list)
    query = select(Offering).where(Offering.organisation_id.in_(listed_ids), Offering.status == "published")
    for offering in session.scalars(query.order_by(Offering.id)):
        if not getattr(offering.details, "anonymous", False):  # would give the anonymous firm away
            published[offering.organisation_id].append(offering)
    for id_ in ids:
        if id_ in listed_ids:
            reached = id_ not in silent
            yield id_, provider_document(session, organisations[id_], published[id_], held[id_], today, reached)
        else:
            yield id_, None


def provider_document(
    session: Session,
    organisation: Organisation,
    offerings: list[Offering],
    held: list[Certificate],
    today: date,
    reached: bool,
) -> ProviderDocument:
    trade_ids = list(dict.fromkeys(trade for o in offerings for trade in o.trades))
    cpv = list(dict.fromkeys(code for o in offerings for code in o.cpv))
    titles = [title for o in offerings for title in o.text_in("title").values()]
    about = organisation.about or {}
    lang = next((code for code in ("de", "pl", "en") if about.get(code)), "de")
    return {
        "id": organisation.ref,
        "slug": organisation.slug,
        "title": organisation.name,
        "lang": lang,
        "titles": {},
        "summary": about.get(lang, "")[:300],
        "summaries": {code: text[:300] for code, text in about.items() if code != lang},
        "text": " ".join([*about.values(), *(o.summary for o in offerings)]),
        "kinds": sorted({o.kind for o in offerings}),
        "trades": trade_ids,
        "trade_names": trades.trade_names(trade_ids),
        "trade_words": trades.trade_words(trade_ids),
        "cpv": cpv,
        "cpv_prefixes": codes.all_prefixes(cpv),
        "code_labels": codes.labels(session, cpv, ()),
        "suggested": [],
        "suggested_prefixes": [],
        "suggested_labels": [],
        "keywords": list(dict.fromkeys(word for o in offerings for word in o.keywords)),
        "languages": list(organisation.languages),
        "organisation": organisation.name,
        "organisation_ref": organisation.ref,
        "organisation_slug": organisation.slug,
        "verified_on": day_number(organisation.verified_on) if organisation.verified_on else None,
        "is_demo": organisation.is_demo,
        "town": organisation.town,
        "postcode": organisation.postcode,
        "country": organisation.country,
        "district": organisation.district,
        "lat": organisation.lat,
        "lng": organisation.lon,
        "updated_on": day_number(local_day(organisation.updated_at)),
        **certificate_fields(held, today),
        "offering_titles": titles,
        "offering_count": len(offerings),
        "is_partner": organisation.is_partner,
        "employees": organisation.employees_band,
        "available_on": min((day_number(o.available_on) if o.available_on else 0 for o in offerings), default=0),
        "emergency": any(getattr(o.details, "emergency_24_7", False) for o in offerings),
        "answer_minutes": organisation.answer_minutes,
        "reached": reached,
    }
