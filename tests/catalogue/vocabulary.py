"""The part of the schema.org vocabulary that our pages speak, and a validator that needs no network.

Written from the definitions of the types: a property outside the table, a value of the wrong type or one that does not
parse is a fault. `required` is what a reader of the data cannot do without, `expected` what the page always knows too.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from babel import Locale
from babel.numbers import is_currency

Check = Callable[[Any], bool]


def text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def url(value: Any) -> bool:
    parts = urlsplit(value) if isinstance(value, str) else urlsplit("")
    return parts.scheme in ("http", "https") and bool(parts.netloc) and not re.search(r"\s", value)


def day(value: Any) -> bool:
    """Date of ISO 8601; a year alone is one too (reduced precision)."""
    return isinstance(value, str) and (bool(re.fullmatch(r"\d{4}", value)) or _parses(date.fromisoformat, value))


def moment(value: Any) -> bool:
    """Date, or date and time with its zone."""
    if day(value):
        return True
    return _parses(datetime.fromisoformat, value) and datetime.fromisoformat(value).tzinfo is not None


def _parses(parse: Callable[[str], object], value: Any) -> bool:
    try:
        parse(value)
    except (ValueError, TypeError):
        return False
    return True


def price(value: Any) -> bool:
    """Digits with a point, as the vocabulary asks: no grouping, no symbol."""
    return isinstance(value, str) and bool(re.fullmatch(r"\d+(\.\d{1,2})?", value))


def currency(value: Any) -> bool:
    """Of ISO 4217."""
    return isinstance(value, str) and bool(re.fullmatch(r"[A-Z]{3}", value)) and is_currency(value)


def language(value: Any) -> bool:
    """Of ISO 639-1."""
    return isinstance(value, str) and bool(re.fullmatch(r"[a-z]{2}", value)) and value in Locale("en").languages


def country(value: Any) -> bool:
    """Of ISO 3166-1, two letters."""
    return isinstance(value, str) and bool(re.fullmatch(r"[A-Z]{2}", value)) and value in Locale("en").territories


def count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def between(least: float, most: float) -> Check:
    return lambda value: isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most


def email(value: Any) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value))


def phone(value: Any) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"\+?[\d\s()/-]{5,}", value))


def duration(value: Any) -> bool:
    """Of ISO 8601, in whole weeks or days."""
    return isinstance(value, str) and bool(re.fullmatch(r"P[1-9]\d*[WD]", value))


def one_of(*values: str) -> Check:
    return lambda value: value in values


@dataclass(frozen=True)
class Type:
    """A property takes values that pass the check, or things of the types named."""

    properties: dict[str, Check | tuple[str, ...]]
    required: tuple[str, ...] = ()
    expected: tuple[str, ...] = ()


THING: dict[str, Check | tuple[str, ...]] = {"name": text, "description": text, "url": url, "sameAs": url}
TYPES: dict[str, Type] = {
    "Service": Type(
        THING | {"provider": ("Organization",), "areaServed": ("GeoCircle",), "offers": ("Offer",)},
        required=("name", "url", "provider"),
        expected=("description", "areaServed", "offers"),
    ),
    "Course": Type(
        THING
        | {
            "inLanguage": language,
            "provider": ("Organization",),
            "hasCourseInstance": ("CourseInstance",),
            "offers": ("Offer",),
            "timeRequired": duration,
            "about": ("Occupation",),
            "audience": ("EducationalAudience",),
        },
        required=("name", "url", "description", "provider"),
        expected=("inLanguage", "hasCourseInstance", "offers"),
    ),
    "Occupation": Type(THING, required=("name",)),
    "EducationalAudience": Type(THING | {"educationalRole": text}, required=("educationalRole",)),
    "CourseInstance": Type(
        THING
        | {
            "courseMode": one_of("onsite", "online", "blended"),
            "startDate": moment,
            "endDate": moment,
            "inLanguage": language,
            "location": ("Place",),
            "maximumAttendeeCapacity": count,
            "remainingAttendeeCapacity": count,
            "offers": ("Offer",),
        },
        required=("courseMode", "startDate", "endDate"),
        expected=("location", "maximumAttendeeCapacity", "remainingAttendeeCapacity", "offers"),
    ),
    "Product": Type(
        THING | {"offers": ("Offer",), "category": text}, required=("name", "url", "offers"), expected=("description",)
    ),
    "Offer": Type(
        THING | {"price": price, "priceCurrency": currency, "category": text, "seller": ("Organization",)},
    ),
    "Demand": Type(
        THING | {"validThrough": moment, "areaServed": ("Place",)},
        required=("name", "url"),
        expected=("description", "validThrough", "areaServed"),
    ),
    "Organization": Type(THING, required=("name",)),
    "LocalBusiness": Type(
        THING
        | {
            "address": ("PostalAddress",),
            "knowsLanguage": language,
            "telephone": phone,
            "email": email,
            "foundingDate": day,
            "geo": ("GeoCoordinates",),
        },
        required=("name", "url", "address"),
        expected=("geo", "telephone", "email", "description"),
    ),
    "PostalAddress": Type(
        {"streetAddress": text, "postalCode": text, "addressLocality": text, "addressCountry": country},
        required=("addressLocality", "addressCountry"),
        expected=("streetAddress", "postalCode"),
    ),
    "Place": Type(THING | {"address": text}, required=("name",)),
    "GeoCircle": Type(
        {"geoMidpoint": ("GeoCoordinates",), "geoRadius": between(1, 2_000_000)}, required=("geoMidpoint", "geoRadius")
    ),
    "GeoCoordinates": Type(
        {"latitude": between(-90, 90), "longitude": between(-180, 180)}, required=("latitude", "longitude")
    ),
}


def faults(data: dict[str, Any]) -> list[str]:
    """What is wrong with a page's block, as `Course.offers.price: '1.180,00'`; empty where nothing is."""
    found = [] if data.get("@context") == "https://schema.org" else ["@context: not schema.org"]
    return found + list(_of_thing({k: v for k, v in data.items() if k != "@context"}, str(data.get("@type"))))


def missing(data: dict[str, Any]) -> list[str]:
    """Properties a whole record of ours has that are not there, as `Course.offers`."""
    kind = TYPES[data["@type"]]
    absent = [f"{data['@type']}.{name}" for name in kind.expected if name not in data]
    return absent + [gap for value in data.values() for one in _listed(value) if _thing(one) for gap in missing(one)]


def _of_thing(thing: dict[str, Any], path: str) -> Iterator[str]:
    kind = TYPES.get(thing.get("@type", ""))
    if kind is None:
        yield f"{path}: {thing.get('@type')!r} is no type of ours"
        return
    yield from (f"{path}: no {name}" for name in kind.required if name not in thing)
    if ("price" in thing) != ("priceCurrency" in thing):
        yield f"{path}: a price needs its currency"
    for name, value in thing.items():
        if name == "@type":
            continue
        takes = kind.properties.get(name)
        if takes is None:
            yield f"{path}: no property {name}"
            continue
        for one in _listed(value):
            yield from _of_value(one, takes, f"{path}.{name}")


def _of_value(value: Any, takes: Check | tuple[str, ...], path: str) -> Iterator[str]:
    if not isinstance(takes, tuple):
        if not takes(value):
            yield f"{path}: {value!r}"
    elif not _thing(value) or value.get("@type") not in takes:
        yield f"{path}: not one of {', '.join(takes)}"
    else:
        yield from _of_thing(value, path)


def _thing(value: Any) -> bool:
    return isinstance(value, dict)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
