"""The public page of a provider: what, where, proofs, contact; printed it is one A4 page."""

import re
from collections import Counter
from collections.abc import Sequence

from sqlalchemy import select
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from market.accounts.models import Organisation
from market.awards.figures import answered_in_time
from market.catalogue import areas  # noqa: F401 - fills the place for the map on the pages below
from market.catalogue.mapping import Map, reach_map
from market.catalogue.rules import visible
from market.certificates import labels as proofs
from market.certificates.documents import public
from market.certificates.models import Certificate
from market.certificates.service import of_organisations
from market.enquiries.service import is_reachable
from market.errors import NotFound
from market.needs import rules as needs
from market.needs.models import Need
from market.offerings import labels, schema_org
from market.offerings.models import Offering
from market.offerings.views import is_anonymous, trade_names
from market.taxonomy import certificates as catalogue
from market.values import KINDS
from market.web.endpoint import Call, endpoint

OPEN_NEEDS = 5
REGISTERS = {
    "DE-HRB": "HRB",
    "DE-HRA": "HRA",
    "DE-VR": "VR",
    "DE-GNR": "GnR",
    "PL-KRS": "KRS",
    "PL-NIP": "NIP",
    "PL-REGON": "REGON",
    "EU-VAT": "USt-IdNr.",
}
"""How each register is named before its number."""


def show(call: Call, ref: str, slug: str = "") -> Response:
    """The page; 404 unknown, suspended or without anything public, 308 from an old or short address."""
    organisation = call.session.scalar(visible().where(Organisation.ref == ref))
    if organisation is None:
        raise NotFound(f"no listed organisation {ref}")
    if slug != organisation.slug:
        return RedirectResponse(call.link("providers:show", ref=ref, slug=organisation.slug), 308)
    held = of_organisations(call.session, [organisation.id])[organisation.id]
    valid = [c for c in held if c.valid_on(call.today)]
    offerings = offerings_of(call, organisation)
    about, about_lang = call.words.in_language(organisation.about or {})
    lead, _, rest = re.sub(r"(?<=[.!?])\s+", "\n", about, count=1).partition("\n")
    return call.render(
        "providers/show.html",
        organisation=organisation,
        labels=labels,
        proofs=proofs,
        registers=REGISTERS,
        offerings=offerings,
        kinds=sorted({o.kind for o in offerings}, key=KINDS.index),
        certificates=public(valid),
        people=people(valid),
        trades=trade_names(call, dict.fromkeys(trade for o in offerings for trade in o.trades)),
        free_on=min((o.available_on or call.today for o in offerings if o.kind != "residual"), default=None),
        reach=widest(offerings),
        map=map_of(organisation, offerings),
        emergency=any(getattr(o.details, "emergency_24_7", False) for o in offerings),
        lead=lead,
        about=rest,
        about_lang=about_lang,
        needs=needs_of(call, organisation),
        answered=answered_in_time(call.session, organisation.id, call.today),
        askable=is_reachable(call.session, organisation),
        structured=schema_org.script(business(call, organisation, about)),
    )


def offerings_of(call: Call, organisation: Organisation) -> list[Offering]:
    """Everything published, by kind; anonymous listings stay out, or they would not be anonymous."""
    query = select(Offering).where(Offering.organisation_id == organisation.id, Offering.status == "published")
    found = [o for o in call.session.scalars(query.order_by(Offering.title)) if not is_anonymous(o)]
    return sorted(found, key=lambda o: KINDS.index(o.kind))


def people(valid: list[Certificate]) -> list[tuple[str, int]]:
    """Certificates bound to persons, as type and number only: whose they are stays inside the firm."""
    return Counter(c.type for c in valid if catalogue.is_private(c.type)).most_common()


def needs_of(call: Call, organisation: Organisation) -> list[Need]:
    """What the organisation itself looks for, the nearest deadline first."""
    query = needs.visible(call.viewer).where(Need.organisation_id == organisation.id).limit(OPEN_NEEDS)
    return list(call.session.scalars(query))


def widest(offerings: Sequence[Offering]) -> Offering | None:
    """The offering that reaches furthest."""
    return max((o for o in offerings if o.radius_km), key=lambda o: o.radius_km or 0, default=None)


def map_of(organisation: Organisation, offerings: Sequence[Offering]) -> Map | None:
    """Where the firm is and how far it goes; None where we do not know its point."""
    if organisation.lat is None or organisation.lon is None:
        return None
    reach = widest(offerings)
    radius = reach.radius_km if reach else None
    return reach_map(organisation.lat, organisation.lon, radius, organisation.town)


def business(call: Call, organisation: Organisation, about: str) -> dict[str, object]:
    """Structured data (schema.org) of a firm."""
    address = {
        "streetAddress": organisation.street,
        "postalCode": organisation.postcode,
        "addressLocality": organisation.town,
        "addressCountry": organisation.country,
    }
    data: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "LocalBusiness",
        "name": organisation.name,
        "url": call.pages.base_url + call.link("providers:show", ref=organisation.ref, slug=organisation.slug),
        "address": {"@type": "PostalAddress"} | {name: value for name, value in address.items() if value},
    }
    optional: dict[str, object] = {
        "knowsLanguage": list(organisation.languages),
        "description": about[:300],
        "telephone": organisation.phone,
        "email": organisation.email,
        "sameAs": organisation.website if organisation.website.startswith(("https://", "http://")) else "",
        "foundingDate": str(organisation.founded or ""),
    }
    data |= {name: value for name, value in optional.items() if value}
    if organisation.lat is not None:
        place = {"@type": "GeoCoordinates", "latitude": organisation.lat, "longitude": organisation.lon}
        data["geo"] = place
    return data


routes: list[BaseRoute] = [
    Route("/providers/{ref}/{slug}", endpoint(show), name="providers:show"),
    Route("/providers/{ref}", endpoint(show), name="providers:short"),
]
