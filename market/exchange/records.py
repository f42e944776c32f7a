"""The records of the formats: one model for import, export and `match`.

A column that is absent leaves a value as it is; one that is there and empty empties it. `ref` and `url` are
written by the export; the import knows a record again by `ref`, and reads no `url`.
"""

from collections.abc import Mapping
from datetime import date, datetime
from difflib import get_close_matches
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from market.errors import Said
from market.exchange import cells, units
from market.i18n import N_
from market.taxonomy import certificates, codes
from market.values import Language
from search.documents import Kind


def _unit(value: Any) -> Any:
    written = cells.text(value)
    return units.code(written) if isinstance(written, str) else written


def _word(value: Any) -> Any:
    """A word out of a list, in any case; empty is "not said"."""
    written = cells.text(value)
    return (written.lower() or None) if isinstance(written, str) else written


def _upper(value: Any) -> Any:
    written = cells.text(value)
    return written.upper() if isinstance(written, str) else written


def _cpv(code: str) -> str:
    # A spreadsheet drops the leading zero of 09000000.
    return codes.normalise_cpv(code.zfill(8) if code.isdecimal() and len(code) == 7 else code)


def _ewc(code: str) -> str:
    return codes.normalise_ewc(code.replace(".", " "))


def _language(code: str) -> str:
    if len(code) != 2 or not (code.isascii() and code.isalpha()):
        raise Said(N_("%(value)r is no language; write two letters, for example de, en, pl"), value=code)
    return code.lower()


def _area(code: str) -> str:
    if not (code.isascii() and code.isalnum() and len(code) <= 12):
        raise Said(N_("%(value)r is no NUTS or LAU code, for example DE40C"), value=code)
    return code.upper()


def _postcode(value: Any) -> Any:
    written = cells.text(value)
    if isinstance(written, str) and written.isdecimal() and len(written) == 4:
        return written.zfill(5)  # a spreadsheet drops the leading zero of 03172
    return written


def _held(value: Any) -> Any:
    """A list of certificates, in a cell separated by `;`."""
    if isinstance(value, Mapping):
        return [value]
    return cells.items(value) if value is None or isinstance(value, str) else value


def _required(value: Any) -> Any:
    """Required certificates as `type` or `type:level`; objects as in an offering are understood."""
    listed = _held(value)
    if not isinstance(listed, list):
        return listed
    wanted = [Held.model_validate(item) for item in listed if item != ""]
    return list(dict.fromkeys(f"{held.type}:{held.level}" if held.level else held.type for held in wanted))


Id: TypeAlias = Annotated[str, Field(max_length=200), BeforeValidator(cells.text)]
Line: TypeAlias = Annotated[str, Field(max_length=300), BeforeValidator(cells.text)]
Note: TypeAlias = Annotated[str, Field(max_length=1000), BeforeValidator(cells.text)]
Prose: TypeAlias = Annotated[str, Field(max_length=32_000), BeforeValidator(cells.text)]
"""Markdown; what one cell of a spreadsheet can hold."""
Postcode: TypeAlias = Annotated[str, Field(max_length=12), BeforeValidator(_postcode)]
Country: TypeAlias = Annotated[str, Field(pattern=r"^([A-Z]{2})?$"), BeforeValidator(_upper)]
District: TypeAlias = Annotated[str, Field(pattern=r"^[A-Z0-9]{0,8}$"), BeforeValidator(_upper)]
Currency: TypeAlias = Annotated[str, Field(pattern=r"^([A-Z]{3})?$"), BeforeValidator(_upper)]
Email: TypeAlias = Annotated[str, Field(pattern=r"^$|^[^@\s]+@[^@\s]+$", max_length=254), BeforeValidator(cells.text)]
Unit: TypeAlias = Annotated[str, Field(max_length=20), BeforeValidator(_unit)]
Words: TypeAlias = Annotated[list[str], Field(max_length=100), BeforeValidator(cells.items)]
CpvCodes: TypeAlias = Annotated[list[str], Field(max_length=100), BeforeValidator(cells.each(_cpv))]
EwcCodes: TypeAlias = Annotated[list[str], Field(max_length=100), BeforeValidator(cells.each(_ewc))]
Tongues: TypeAlias = Annotated[list[str], Field(max_length=30), BeforeValidator(cells.each(_language))]
Areas: TypeAlias = Annotated[list[str], Field(max_length=500), BeforeValidator(cells.each(_area))]
Day: TypeAlias = Annotated[date | None, BeforeValidator(cells.day)]
Moment: TypeAlias = Annotated[datetime | None, BeforeValidator(cells.moment)]
Lat: TypeAlias = Annotated[
    Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] | None, BeforeValidator(cells.number)
]
Lon: TypeAlias = Annotated[
    Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] | None, BeforeValidator(cells.number)
]
Amount: TypeAlias = Annotated[
    Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)] | None, BeforeValidator(cells.number)
]
Price: TypeAlias = Annotated[
    Annotated[float, Field(ge=0, le=20_000_000, allow_inf_nan=False)] | None, BeforeValidator(cells.money)
]
Kilometres: TypeAlias = Annotated[Annotated[int, Field(ge=0, le=2000)] | None, BeforeValidator(cells.whole)]
Days: TypeAlias = Annotated[Annotated[int, Field(ge=0, le=3650)] | None, BeforeValidator(cells.whole)]
Choice = BeforeValidator(_word)
Tongue: TypeAlias = Annotated[Language | None, Choice]
AnyKind: TypeAlias = Annotated[Kind | None, Choice]
State: TypeAlias = Annotated[Literal["draft", "submitted", "published", "paused", "expired", "archived"] | None, Choice]
Stage: TypeAlias = Annotated[
    Literal[
        "draft",
        "approval",
        "published",
        "closed",
        "opened",
        "evaluation",
        "awarded",
        "unsuccessful",
        "completed",
        "cancelled",
    ]
    | None,
    Choice,
]
Visibility: TypeAlias = Annotated[Literal["public", "verified", "invited"] | None, Choice]
Procedure: TypeAlias = Annotated[Literal["information", "quotation", "tender", "call_off"] | None, Choice]
PriceMode: TypeAlias = Annotated[Literal["on_request", "from", "fixed"] | None, Choice]
Audience: TypeAlias = Annotated[Literal["business_only", "open_to_consumers"] | None, Choice]
Texts: TypeAlias = Annotated[
    dict[Language, dict[Literal["title", "summary", "description"], str]], BeforeValidator(cells.structure)
]


class Record(BaseModel):
    model_config = ConfigDict(extra="forbid")

    def given(self, *names: str) -> dict[str, Any]:
        """The columns that were there, by name."""
        return {name: getattr(self, name) for name in names if name in self.model_fields_set}


class Held(Record):
    """A certificate held: in a cell `type` or `type:level`, each with `@2027-05-31` as its last valid day."""

    type: str
    level: Line = ""
    valid_until: Day = None

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if isinstance(value, str):
            rest, _, until = value.partition("@")
            value = {"type": rest, "valid_until": until}
        if isinstance(value, Mapping) and "code" in value and "type" not in value:
            value = {("type" if key == "code" else key): inner for key, inner in value.items()}
        if isinstance(value, Mapping) and isinstance(value.get("type"), str):
            type_, level = certificate_type(cells.text(value["type"]))
            value = {**value, "type": type_, "level": value.get("level") or level}
        return value

    def __str__(self) -> str:
        level = f":{self.level}" if self.level else ""
        return f"{self.type}{level}{f'@{self.valid_until}' if self.valid_until else ''}"


def certificate_type(written: str) -> tuple[str, str]:
    """Type and level of `en-1090`, `en-1090:EXC2` or what people call it. Raises ValueError."""
    type_, _, level = (part.strip() for part in written.partition(":"))
    if type_ in certificates.types():
        return type_, level
    found = certificates.find(written) or certificates.find(type_)
    if found is None:
        near = get_close_matches(type_.lower(), certificates.types(), 1)
        hint = f"; did you mean {near[0]!r}?" if near else "; seeds/data/certificates.yaml lists the types"
        raise ValueError(f"{written!r} is no certificate we know{hint}")
    return found[0], found[1] or level


class Common(Record):
    """What offerings and needs share."""

    external_id: Id = Field(min_length=1)
    ref: Id = ""
    url: Note = ""
    lang: Tongue = None
    """Language of the texts; guessed from them where it is not said."""
    title: Line = Field(min_length=1)
    summary: Note = ""
    description: Prose = ""
    texts: Texts = {}
    """Translations: language -> title, summary, description."""
    trades: Words = []
    cpv: CpvCodes = []
    languages: Tongues = []
    postcode: Postcode = ""
    place: Line = ""
    country: Country = ""
    district: District = ""
    lat: Lat = None
    lon: Lon = None
    unit: Unit = ""

    @model_validator(mode="after")
    def _whole_point(self) -> "Common":
        if (self.lat is None) != (self.lon is None):
            raise Said(N_("lat and lon belong together: give both or neither"))
        return self


class OfferingRecord(Common):
    provider: Note = ""
    """Name of the firm; it is created when nobody is called so."""
    provider_email: Email = ""
    kind: AnyKind = None
    """service unless said otherwise."""
    status: State = None
    """A new record is published unless said otherwise; a known one stays as it is."""
    keywords: Words = []
    certificates: Annotated[list[Held], Field(max_length=100), BeforeValidator(_held)] = []
    """Go into the wallet of the firm; what is there already stays."""
    radius_km: Kilometres = None
    areas: Areas = []
    available_on: Day = None
    lead_time_days: Days = None
    price: Price = None
    price_mode: PriceMode = None
    currency: Currency = ""
    audience: Audience = None
    details: Annotated[dict[str, Any], BeforeValidator(cells.structure)] = {}
    """Of the kind (docs/interface.md)."""


class NeedRecord(Common):
    organisation: Note = ""
    """Name of the buyer; it is created when nobody is called so."""
    kind: AnyKind = None
    """Any kind may answer unless one is said."""
    status: Stage = None
    """A new record is published unless said otherwise, and a list knows draft, published and closed; a known one stays
    as it is."""
    procedure: Procedure = None
    visibility: Visibility = None
    """public unless said otherwise."""
    site: Id = ""
    ewc: EwcCodes = []
    on_date: Day = None
    """First day of the work: required certificates have to be valid then."""
    execution_until: Day = None
    certificates: Annotated[list[str], Field(max_length=100), BeforeValidator(_required)] = []
    """Required ones, `type` or `type:level`."""
    quantity: Amount = None
    questions_until: Moment = None
    bids_until: Moment = None
    decision_by: Day = None
    exclude: Annotated[list[str], Field(max_length=10_000), BeforeValidator(cells.items)] = []
    """External ids `match` never returns; the import has no use for them."""
