"""Settings of the indexes as code: what is searched, in which order it counts, what can be filtered and sorted."""

from collections.abc import Mapping
from typing import Any
from unicodedata import normalize

import meilisearch
from meilisearch.errors import MeilisearchApiError

from search.documents import IndexName, read_in_answers
from search.errors import FAULTS, SearchUnavailable
from search.synonyms import synonyms
from search.words import WITH_KIND, stop_words

MAX_HITS = 5000
"""Counts are exact up to here; "5000+" above."""
MAX_FACET_VALUES = 5000

TEXTS = [
    *("title", "titles.de", "titles.en", "titles.pl", "translit", "trade_names", "keywords", "parts", "trade_words"),
    *("organisation", "town", "translit_names", "postcode", "site", "offering_titles"),
    *("summary", "summaries.de", "summaries.en", "summaries.pl", "translit_more"),
    *("certificate_words", "code_labels", "cpv", "ewc", "text", "suggested_labels"),
]
"""A match further up counts more."""

LACKING: dict[IndexName, frozenset[str]] = {
    "offerings": frozenset({"site", "offering_titles"}),
    "providers": frozenset({"site", "ewc"}),
    "needs": frozenset({"offering_titles", "certificate_words"}),
}
"""Fields an index does not have; Meilisearch refuses to search in a field no document has."""

SINKING: dict[IndexName, tuple[str, ...]] = {"offerings": ("unconfirmed:asc",), "providers": (), "needs": ()}
"""Among documents with the same words, those nobody has confirmed stand further down."""

BROAD = ("trade_words", "trade_names", "code_labels", "suggested_labels", "parts")
"""Fields that find by meaning, and the parts of their words; `Criteria.exact` leaves them out."""

EQUAL = [
    *("id", "kind", "kinds", "trades", "cpv_prefixes", "suggested_prefixes", "languages", "district", "employees"),
    *("verified", "ewc", "occupations"),
    *("certificates", "certificate_levels", "procedure", "stage", "direction", "audience", "emergency"),
    *("organisation_ref", "is_partner", "point", "cells", "country"),
    *WITH_KIND.values(),
]
COMPARED = [
    *("lat", "lng", "available_on", "price_cents", "bids_until", "verified_on", "updated_on"),
    *("certificate_until.*", "certificate_from.*"),
]
SORTED = ["available_on", "price_cents", "updated_on", "published_on", "bids_until"]


def texts(name: IndexName, *, exact: bool = False) -> list[str]:
    """Searched fields of an index, the most telling first; `exact` leaves out those that find by meaning."""
    return [field for field in TEXTS if field not in LACKING[name] and not (exact and field in BROAD)]


def settings(name: IndexName) -> dict[str, Any]:
    """The settings of one index, in the form of Meilisearch's settings route."""
    return {
        "searchableAttributes": texts(name),
        "displayedAttributes": read_in_answers(name),
        "filterableAttributes": [_filterable(EQUAL, compare=False), _filterable(COMPARED, compare=True)],
        "sortableAttributes": sorted(SORTED),
        "rankingRules": ["sort", "words", "typo", *SINKING[name], "attribute", "proximity", "exactness"],
        "stopWords": sorted(stop_words()),
        "synonyms": synonyms(),
        "typoTolerance": {
            "enabled": True,
            "minWordSizeForTypos": {"oneTypo": 5, "twoTypos": 9},
            "disableOnWords": [],
            "disableOnAttributes": ["cpv", "ewc", "postcode"],
            "disableOnNumbers": True,
        },
        "proximityPrecision": "byAttribute",
        "pagination": {"maxTotalHits": MAX_HITS},
        "faceting": {"maxValuesPerFacet": MAX_FACET_VALUES, "sortFacetValuesBy": {"*": "count", "point": "alpha"}},
        "searchCutoffMs": 500,
    }


def _filterable(patterns: list[str], *, compare: bool) -> dict[str, Any]:
    return {
        "attributePatterns": patterns,
        "features": {"facetSearch": False, "filter": {"equality": True, "comparison": compare}},
    }


def apply(client: meilisearch.Client, name: IndexName, wanted: dict[str, Any]) -> bool:
    """Write the settings that differ from the server's; True where something was written.

    An index that does not exist is left to the rebuild. Raises SearchUnavailable.
    """
    try:
        changed = differing(client.index(name).get_settings(), wanted)
        if not changed:
            return False
        task = client.index(name).update_settings({key: wanted[key] for key in changed})
        done = client.wait_for_task(task.task_uid, timeout_in_ms=600_000, interval_in_ms=50)
    except MeilisearchApiError as error:
        if error.code == "index_not_found":
            return False
        raise SearchUnavailable(str(error)) from error
    except FAULTS as error:
        raise SearchUnavailable(str(error)) from error
    if done.status != "succeeded":
        raise SearchUnavailable(f"settings of {name}: {done.error}")
    return True


def differing(present: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """Names of the settings that are not as wanted."""
    return [key for key, value in wanted.items() if not _same(key, present.get(key), value)]


def _same(key: str, present: Any, wanted: Any) -> bool:
    """Sets come back in the server's own order, words in decomposed Unicode."""
    if key in ("stopWords", "sortableAttributes", "displayedAttributes"):
        return {normalize("NFC", word) for word in present or ()} == set(wanted)
    return bool(present == wanted)
