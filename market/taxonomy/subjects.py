"""What a text is about, as the documents of the index carry it."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import TypedDict

from sqlalchemy.orm import Session

from market.taxonomy import codes
from market.taxonomy.suggest import Suggester, suggester
from market.values import Language

NARROWING, LABELLED = 6, 3
"""Suggested codes by which a document is found, and by whose labels."""
SURE = 0.3


class SubjectFields(TypedDict):
    """See `search.documents.Common`."""

    suggested: list[str]
    suggested_prefixes: list[str]
    suggested_labels: list[str]


def subject_fields(session: Session, title: str, text: str, language: str) -> SubjectFields:
    """From the author's own words alone: what they state of codes or trades changes nothing."""
    known: Language | None = language if language in ("de", "en", "pl") else None  # type: ignore[assignment]
    cpv = suggester(session, "cpv")
    vector = _vector(cpv, title, text, known)
    sure = [code for code, weight in vector.items() if weight >= SURE]
    return {
        "suggested": [f"{code} {weight}" for code, weight in vector.items()],
        "suggested_prefixes": codes.all_prefixes(list(vector)[:NARROWING]),
        "suggested_labels": list(dict.fromkeys(label for code in sure[:LABELLED] for label in cpv.labels_of(code))),
    }


@lru_cache(maxsize=4096)
def _vector(codes_of: Suggester, title: str, text: str, language: Language | None) -> Mapping[str, float]:
    """Remembered: a change of a firm writes all its documents anew, whose texts stay as they are."""
    return MappingProxyType(codes_of.vector(title, text, language))


def read_vector(suggested: list[str]) -> dict[str, float]:
    """The inverse of `suggested`."""
    return {code: float(weight) for code, weight in (line.split(" ") for line in suggested)}
