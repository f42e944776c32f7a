"""Structured data (schema.org) of an offering, for search engines and other programs.

It stands in the page as a data block: browsers do not run it, so the policy for scripts does not concern it.
"""

import json
from datetime import date

from markupsafe import Markup

from market.offerings.kinds.common import Details
from market.offerings.kinds.training import Alliance, Session, Training
from market.offerings.models import Offering
from market.taxonomy import occupations

TYPES = {
    "service": "Service",
    "training": "Course",
    "lab_test": "Service",
    "residual": "Product",
    "rail": "Service",
}


def script(data: dict[str, object]) -> Markup:
    """The data as JSON that is safe inside a script element: no `<` can end it early."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return Markup(text)


def offering(
    record: Offering,
    url: str,
    title: str,
    summary: str,
    language: str,
    today: date,
    details: Details | None = None,
) -> dict[str, object]:
    """What the page says of an offering; an anonymous one names no provider here either.

    `details` are those with the seats as they are counted now.
    """
    data: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": TYPES[record.kind],
        "name": title,
        "url": url,
    }
    if summary:
        data["description"] = summary
    if record.kind == "training":  # a creative work in the vocabulary; services and products have no language
        data["inLanguage"] = language
    details = details or record.details
    provider = {"@type": "Organization", "name": record.organisation.name}
    if record.kind == "residual":
        seller = {} if getattr(details, "anonymous", False) else {"seller": provider}
        data["offers"] = {"@type": "Offer", **seller, **_price(record)}
    else:
        data["provider"] = provider
    if record.kind in ("service", "lab_test", "rail"):
        data |= _area(record) | ({"offers": {"@type": "Offer", **_price(record)}} if _price(record) else {})
    if isinstance(details, Training):
        if details.alliance:
            data |= _alliance(details.alliance, language)
        coming = [session for session in details.sessions if session.starts_on >= today]
        if coming:
            data["hasCourseInstance"] = [_instance(record, details, session) for session in coming]
        if _price(record):
            data["offers"] = {"@type": "Offer", "category": "Paid", **_price(record)}
    return data


def _alliance(alliance: Alliance, language: str) -> dict[str, object]:
    """A module for apprentices: how long it takes and for which occupations. No firm of the alliance is named."""
    return {
        "timeRequired": f"P{alliance.weeks}W",
        "about": [{"@type": "Occupation", "name": occupations.name(id_, language)} for id_ in alliance.occupations],
        "audience": {"@type": "EducationalAudience", "educationalRole": "apprentice"},
    }


def _instance(record: Offering, details: Training, session: Session) -> dict[str, object]:
    """One date of a course with where it is, and its own price where it has one."""
    data: dict[str, object] = {
        "@type": "CourseInstance",
        "courseMode": "onsite",
        "startDate": session.starts_on.isoformat(),
        "endDate": session.ends_on.isoformat(),
        "inLanguage": session.language,
        "maximumAttendeeCapacity": session.seats_max,
        "remainingAttendeeCapacity": session.seats_free,
    }
    place = session.place or details.venue or " ".join(filter(None, (record.postcode, record.town)))
    if place:
        data["location"] = {"@type": "Place", "name": place}
    if session.price_cents is not None:
        own = {"price": f"{session.price_cents / 100:.2f}", "priceCurrency": record.currency}
        data["offers"] = {"@type": "Offer", "category": "Paid", **own}
    return data


def _price(record: Offering) -> dict[str, object]:
    if record.price_mode == "on_request" or record.price_cents is None:
        return {}
    return {"price": f"{record.price_cents / 100:.2f}", "priceCurrency": record.currency}


def _area(record: Offering) -> dict[str, object]:
    if record.lat is None or record.lon is None or not record.radius_km:
        return {}
    middle = {"@type": "GeoCoordinates", "latitude": record.lat, "longitude": record.lon}
    return {
        "areaServed": {"@type": "GeoCircle", "geoMidpoint": middle, "geoRadius": record.radius_km * 1000},
    }
