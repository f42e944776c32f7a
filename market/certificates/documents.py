"""What of certificates is public and how the index holds it, the same for offerings and providers."""

from datetime import date
from typing import TypedDict

from market.certificates.models import Certificate
from market.taxonomy import certificates as catalogue


class CertificateFields(TypedDict):
    """See `search.documents.OfferingDocument`."""

    certificates: list[str]
    certificate_levels: list[str]
    certificate_until: dict[str, int]
    certificate_from: dict[str, int]
    certificate_words: list[str]


def public(held: list[Certificate]) -> list[Certificate]:
    """Only verified ones, and no types bound to a person."""
    return [c for c in held if c.state == "verified" and not catalogue.is_private(c.type)]


def certificate_fields(held: list[Certificate], today: date) -> CertificateFields:
    """Of several certificates of one type the one that holds on `today` counts, else the one that holds longest."""
    best: dict[str, Certificate] = {}
    for certificate in public(held):
        known = best.get(certificate.type)
        rank = (certificate.valid_on(today), certificate.until_number)
        if known is None or rank > (known.valid_on(today), known.until_number):
            best[certificate.type] = certificate
    valid = [c for c in best.values() if c.valid_on(today)]
    levels = [f"{c.type}:{level}" for c in valid for level in catalogue.levels_covered(c.type, c.level)]
    return {
        "certificates": [c.type for c in valid],
        "certificate_levels": levels,
        "certificate_until": {c.type: c.until_number for c in best.values()},
        "certificate_from": {c.type: c.from_number for c in best.values()},
        "certificate_words": [word for c in best.values() for word in catalogue.words(c.type)],
    }
