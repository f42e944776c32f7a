"""The answers as types: the views make them, the description of the API is made from them."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from search.documents import IndexName, Kind


class Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", title=None)


class Reason(Answer):
    """A fact why the hit fits; `fits` is false for one that was asked for and is missing or not known."""

    text: str
    fits: bool


class Hit(Answer):
    ref: str
    url: str
    kind: Kind | None
    """Null for providers, and for needs that any kind may answer."""
    kinds: list[Kind]
    """All kinds a provider offers; of offerings and needs the one."""
    title: str
    lang: Literal["de", "en", "pl"]
    """Language of the title."""
    organisation: str | None
    """Null where the listing does not name its firm."""
    place: str | None
    distance_km: float | None
    """From the point asked for, as the crow flies."""
    score: Annotated[float, Field(ge=0, le=1)] | None
    """How well the words match; null where the database answered."""
    reasons: list[Reason]


class Found(Answer):
    total: int
    total_is_exact: bool
    """False: there are at least so many."""
    hits: list[Hit]
    facets: dict[str, dict[str, int]]
    """Parameter -> value -> hits, each parameter counted without its own values."""
    limited: bool
    """True: the database answers instead of the search server, without forgiving typos and without scores."""


class Suggestion(Answer):
    text: str
    type: IndexName
    ref: str
    url: str


class Suggestions(Answer):
    suggestions: list[Suggestion]


Score = Annotated[float, Field(ge=0, le=1)]


class SuggestedCode(Answer):
    scheme: Literal["cpv", "ewc"]
    code: str
    label: str
    score: Score
    """Beside the best of its scheme."""


class SuggestedTrade(Answer):
    id: str
    name: str
    score: Score


class Categories(Answer):
    codes: list[SuggestedCode]
    """CPV codes, then waste codes, each best first."""
    trades: list[SuggestedTrade]


class MatchReason(Answer):
    criterion: str
    field: str
    """Field of the offering it rests on."""
    points: Score
    """Its part of the score; 0 for what is missing."""
    text: str


class Matched(Answer):
    external_id: str
    ref: str
    url: str
    kind: Kind
    title: str
    lang: Literal["de", "en", "pl"]
    organisation: str | None
    """Null where the listing does not name its firm."""
    place: str | None


class Match(Matched):
    score: Score
    """The sum of the points of its reasons."""
    reasons: list[MatchReason]
    missing: list[MatchReason]
    """What the need asks for and the offering does not say, short of what excludes it."""


class Offer(Answer):
    """An offering that helps over what is missing, a course for instance."""

    ref: str
    url: str
    title: str
    organisation: str | None
    place: str | None
    on: str | None
    """Its next date, where it has dates."""


class NearMiss(Matched):
    criterion: str
    """The one criterion that excludes it."""
    text: str
    advice: str
    offers: list[Offer]


class Matches(Answer):
    external_id: str
    matches: list[Match]
    """Best first."""
    near: list[NearMiss]
    limited: bool
    """True: the database answers instead of the search server."""


class Problem(BaseModel):
    """RFC 9457; `fields` maps a parameter to what is wrong with it."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str = ""
    fields: dict[str, str] = {}


MODELS: tuple[type[BaseModel], ...] = (Found, Suggestions, Categories, Matches, Problem)


def schemas() -> dict[str, Any]:
    """JSON schemas of all answers by name, as OpenAPI 3.1 wants them."""
    from pydantic.json_schema import models_json_schema

    _, found = models_json_schema(
        [(model, "serialization") for model in MODELS], ref_template="#/components/schemas/{model}"
    )
    schemas: dict[str, Any] = found["$defs"]
    return schemas
