"""What stands in the index: public facts only, so the index needs no permissions and may be thrown away at any time.

Every document is built by one function of the slice that owns it (`offering_document`, `provider_document`,
`need_document`) from the current state of the database; the fields under "helper fields" are added here in `search`
(see `search.words.enrich`), so that relay, rebuild and tests cannot differ.

Units: days as integers `yyyymmdd` (99991231 = without end), coordinates in degrees WGS 84, amounts in whole cents.
"""

from typing import Literal, NotRequired, TypeAlias, TypedDict, get_type_hints

Kind: TypeAlias = Literal["service", "training", "lab_test", "residual", "rail"]
IndexName: TypeAlias = Literal["offerings", "providers", "needs"]
Texts: TypeAlias = dict[str, str]
"""A text per language code (de, en, pl); missing languages are absent."""

INDEXES: tuple[IndexName, ...] = ("offerings", "providers", "needs")
LATER: dict[str, frozenset[str]] = {name: frozenset({"reached"}) for name in ("offerings", "providers")}
"""Fields that came later: an index in which no document has them was filled by an earlier version."""


class Common(TypedDict):
    """What all three kinds of document share. `id` is the public reference, never a sequence number."""

    id: str
    slug: str
    title: str
    """In the language it was written in (`lang`)."""
    lang: str
    titles: Texts
    """Translations given by the author, without `lang` itself."""
    summary: str
    summaries: Texts
    """Translations given by the author, without `lang` itself."""
    text: str
    """Plain text of the description, all languages, without markup."""
    kinds: list[str]
    """Kinds of offering: one for offerings and needs, all published ones for a provider."""
    trades: list[str]
    """Ids of trades, the main one first."""
    trade_names: list[str]
    """Names of these trades in German, English and Polish: what makes a Polish query find a German text."""
    trade_words: list[str]
    """Everyday words for these trades in all languages: found while typing and in spite of typos, unlike synonyms."""
    cpv: list[str]
    """Eight digits, the main code first."""
    cpv_prefixes: list[str]
    """Every prefix of 2 to 8 digits without trailing zeros: a filter on one value is a filter on its subtree."""
    code_labels: list[str]
    """Official labels of the CPV and EWC codes in three languages."""
    suggested: list[str]
    """What the text is about by our own reading, never the firm's claim: "45262100 0.83", CPV code and weight, best
    first; what is stated is in `cpv`."""
    suggested_prefixes: list[str]
    """As `cpv_prefixes`, of the best suggested codes."""
    suggested_labels: list[str]
    """Labels of the best suggested codes in three languages: the weakest of the searched fields."""
    keywords: list[str]
    languages: list[str]
    organisation: str
    organisation_ref: str
    organisation_slug: str
    verified_on: int | None
    is_demo: bool
    town: str
    postcode: str
    country: str
    district: str
    """NUTS 3 code, e.g. DE40C."""
    lat: float | None
    lng: float | None
    updated_on: int


class OfferingDocument(Common):
    kind: str
    certificates: list[str]
    """Types valid on the day the document was made; the clock makes it anew on the day one expires."""
    certificate_levels: list[str]
    """`type:level` for every level covered, e.g. `en-1090:EXC2` also where EXC3 is held."""
    certificate_until: dict[str, int]
    """Type -> last valid day. With `certificate_from`, decides "valid on a date" exactly."""
    certificate_from: dict[str, int]
    certificate_words: list[str]
    """Names and standards of the certificates, for the text search."""
    radius_km: int | None
    areas: list[str]
    """NUTS or LAU codes served, instead of a radius."""
    available_on: int
    lead_time_days: int | None
    price_mode: str
    price_cents: int | None
    currency: str
    unit: str
    emergency: bool
    employees: str
    """Band: 1-9, 10-49, 50-249, 250+ or empty."""
    audience: str
    facts: dict[str, object]
    """Facts of the kind shown on the card (`offerings.kinds`), JSON scalars or lists of them."""
    ewc: list[str]
    """Waste codes as digits with the star: `10 02 01` is `100201`, hazardous `191211*`."""
    direction: str | None
    """available or wanted, for residual materials."""
    occupations: list[str]
    """Training occupations of a module of joint apprenticeship training."""
    unconfirmed: int
    """1 where the firm was asked whether this still holds and did not answer in time."""
    answer_minutes: NotRequired[int | None]
    """Working minutes until the firm answers, as measured; None where it is not known, or nobody is named."""
    reached: NotRequired[bool]
    """Whether a letter with an enquiry reaches the firm."""


class ProviderDocument(Common):
    certificates: list[str]
    certificate_levels: list[str]
    certificate_until: dict[str, int]
    certificate_from: dict[str, int]
    certificate_words: list[str]
    offering_titles: list[str]
    offering_count: int
    is_partner: bool
    employees: str
    available_on: int
    emergency: bool
    answer_minutes: NotRequired[int | None]
    reached: NotRequired[bool]


class NeedDocument(Common):
    kind: str
    procedure: str
    stage: str
    certificates: list[str]
    """Types the need asks for."""
    published_on: int
    bids_until: int | None
    """Deadline in seconds since 1970 UTC."""
    execution_from: int | None
    execution_until: int | None
    quantity: float | None
    unit: str
    site: str
    ewc: list[str]


Document: TypeAlias = OfferingDocument | ProviderDocument | NeedDocument

_TYPES: dict[IndexName, type] = {"offerings": OfferingDocument, "providers": ProviderDocument, "needs": NeedDocument}
FOUND_BY = frozenset(
    {"trade_words", "cpv_prefixes", "suggested_prefixes", "code_labels", "suggested_labels", "offering_titles"}
)
"""Fields that only find: nobody reads them in an answer."""


def read_in_answers(name: IndexName) -> list[str]:
    """Fields a hit may show. The server takes each of them out of the store for each hit, whoever asks for which."""
    return sorted(set(get_type_hints(_TYPES[name])) - FOUND_BY)
