"""The parameters of a search: one table for the description of the API and for what the views let through."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams

from market.catalogue.criteria import BANDS, DIRECTIONS, MAX_RADIUS, MAX_TEXT, MAX_VALUES, PAGES, PROCEDURES, SORTS
from market.errors import BadRequest
from market.taxonomy import occupations
from market.values import KINDS
from search.documents import INDEXES, IndexName

LIMIT = 20
MAX_LIMIT = 100
MAX_PROSE = 4000
"""Characters read of a text in an address."""

Schema = dict[str, Any]
TEXT: Schema = {"type": "string", "maxLength": MAX_TEXT}
DAY: Schema = {"type": "string", "examples": ["2026-11-24"]}
FLAG: Schema = {"type": "string", "enum": ["1", "true", "0", "false"]}


@dataclass(frozen=True)
class Parameter:
    """One parameter; `many` ones may be repeated: their values are alternatives unless the text says otherwise."""

    name: str
    text: str
    schema: Schema
    many: bool = False
    tabs: tuple[IndexName, ...] = INDEXES

    def described(self, tab: IndexName) -> dict[str, Any]:
        """As a parameter object of OpenAPI."""
        schema = {"type": "array", "items": self.schema, "maxItems": MAX_VALUES} if self.many else self.schema
        if self.name == "sort":
            schema = {"type": "string", "enum": list(SORTS[tab])}
        found: dict[str, Any] = {"name": self.name, "in": "query", "description": self.text, "schema": schema}
        return found | ({"style": "form", "explode": True} if self.many else {})


def code(pattern: str) -> Schema:
    return {"type": "string", "pattern": pattern}


PARAMETERS: tuple[Parameter, ...] = (
    Parameter("q", "Words, in German, English or Polish.", TEXT),
    Parameter("kind", "Kind of offering.", {"type": "string", "enum": list(KINDS)}, many=True),
    Parameter("trade", "Id of a trade.", {"type": "string"}, many=True),
    Parameter("cpv", "CPV code or its beginning: finds its subtree.", code(r"^[0-9]{2,8}(-[0-9])?$"), many=True),
    Parameter("ewc", "Waste code of a residual.", code(r"^[0-9]{2} ?[0-9]{2} ?[0-9]{2}[*]?$"), many=True),
    Parameter("direction", "Residuals offered or looked for.", {"type": "string", "enum": list(DIRECTIONS)}, many=True),
    Parameter(
        "occupation",
        "Training occupation of a module of joint apprenticeship training.",
        {"type": "string", "enum": list(occupations.by_id())},
        many=True,
    ),
    Parameter("near", "Postcode or town.", TEXT),
    Parameter(
        "radius_km",
        "Kilometres around `near`.",
        {"type": "integer", "minimum": 1, "maximum": MAX_RADIUS},
    ),
    Parameter(
        "certificate",
        "Certificate type, or `type:level`; of several all have to hold.",
        {"type": "string"},
        many=True,
    ),
    Parameter("valid_on", "Day on which the certificates have to hold (default: today).", DAY),
    Parameter("verified", "Only firms the operator has checked.", FLAG),
    Parameter("language", "Language spoken, two letters.", code(r"^[A-Za-z]{2}$"), many=True),
    Parameter("available_by", "Free from this day at the latest.", DAY),
    Parameter("employees", "Size of the firm.", {"type": "string", "enum": list(BANDS)}, many=True),
    Parameter("district", "NUTS 3 code.", code(r"^[A-Z]{2}[0-9A-Z]{1,3}$"), many=True),
    Parameter("procedure", "Procedure of a need.", {"type": "string", "enum": list(PROCEDURES)}, many=True),
    Parameter("exact", "Only the words themselves, not what they mean.", FLAG),
    Parameter("sort", "Order; by relevance unless one is named.", {}),
    Parameter("page", "Page, from 1.", {"type": "integer", "minimum": 1, "maximum": PAGES, "default": 1}),
    Parameter(
        "limit",
        "Hits a page.",
        {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": LIMIT},
    ),
)
SUGGEST: tuple[Parameter, ...] = (Parameter("q", "The letters typed so far.", TEXT),)
CATEGORIES: tuple[Parameter, ...] = (
    Parameter("text", "A title, or a title and a description after it.", {"type": "string", "maxLength": MAX_PROSE}),
)
MATCH: tuple[Parameter, ...] = (
    Parameter("limit", "Matches at most.", {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": LIMIT}),
)


def known_only(params: QueryParams, known: Sequence[Parameter]) -> QueryParams:
    """The parameters as they are. Raises BadRequest naming those that are unknown."""
    names = {parameter.name for parameter in known}
    faults = {name: "unknown parameter" for name in params if name not in names}
    if faults:
        raise BadRequest("; ".join(f"{name}: {fault}" for name, fault in sorted(faults.items())), fields=faults)
    return params
