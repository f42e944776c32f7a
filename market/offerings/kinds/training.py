"""Training and qualification: what is awarded, by which standard, and the dated sessions."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from market.errors import Said
from market.i18n import N_
from market.offerings.kinds.common import Details
from market.taxonomy import occupations

CONFIRM_MONTHS = 6
"""EN ISO 9606-1, 9.2: the welding supervisor confirms the qualification every six months."""
ValidityRule = Literal["9.3a", "9.3b", "9.3c"]
"""How a qualification is revalidated (EN ISO 9606-1, 9.3): by a new test every three years, by evidence for two more
years, or without an end while the employer fulfils ISO 3834 and confirms."""
RULE_YEARS: dict[str, int | None] = {"9.3a": 3, "9.3b": 2, "9.3c": None}


class Welding(Details):
    """A welder qualification: standard with process (ISO 4063), product, seam, position (ISO 6947), validity rule."""

    standard: str = "EN ISO 9606-1"
    process: str = Field(pattern=r"^\d{2,3}$")
    product: Literal["plate", "pipe"]
    seams: list[Literal["BW", "FW"]] = []
    """Butt welds, fillet welds."""
    positions: list[str] = []
    filler: str = Field("", pattern=r"^(FM[1-6])?$")
    """Group of the filler material."""
    validity_rule: ValidityRule | None = None


class Session(Details):
    """One date of a course. Seats are counted, never estimated."""

    starts_on: date
    ends_on: date
    seats_min: int = Field(1, ge=1)
    seats_max: int = Field(ge=1, le=500)
    seats_taken: int = Field(0, ge=0)
    cancel_by: date | None = None
    language: str = "de"
    place: str = Field("", max_length=200)
    """Where it is held, if not at the course's own venue."""
    price_cents: int | None = Field(None, ge=0)
    """A seat, if it costs another amount than the course."""
    is_sure: bool = Field(False, exclude=True)
    """Known once it is counted: it takes place, whatever happens."""

    @model_validator(mode="after")
    def _in_order(self) -> "Session":
        if self.ends_on < self.starts_on:
            raise ValueError("ends_on is before starts_on")
        if self.seats_min > self.seats_max or self.seats_taken > self.seats_max:
            raise ValueError("seats_min and seats_taken may not exceed seats_max")
        return self

    @property
    def seats_free(self) -> int:
        return self.seats_max - self.seats_taken

    @property
    def runs_for_sure(self) -> bool:
        return self.is_sure or self.seats_taken >= self.seats_min


class Alliance(Details):
    """A module of joint apprenticeship training (Verbundausbildung): several firms send their apprentices to it."""

    occupations: list[str] = Field(min_length=1)
    """Ids of `taxonomy.occupations`."""
    weeks: int = Field(ge=1, le=52)
    """How long the module takes."""
    years: list[Literal[1, 2, 3, 4]] = []
    """Of the training it fits."""
    apprentices_per_year: int | None = Field(None, ge=1, le=1000)
    contract: Literal["sending_firm", "lead_firm"] | None = None
    """Who holds the apprenticeship contract: each firm that sends somebody, or one for all."""
    lead: str = Field("", max_length=120, validate_default=True)
    """The lead firm, by name."""
    partners: list[Annotated[str, Field(max_length=120)]] = Field([], max_length=20)
    """Firms that are in already, as the provider states them: shown on its page, and nowhere else."""
    support_possible: bool = False
    """Support by the programme of the state of Brandenburg may be asked for."""

    @field_validator("occupations")
    @classmethod
    def _are_known(cls, value: list[str]) -> list[str]:
        for one in value:
            if one not in occupations.by_id():
                raise Said(N_("We do not know the occupation “%(name)s”. The template names those we know."), name=one)
        return value

    @field_validator("lead")
    @classmethod
    def _is_named(cls, value: str, info: ValidationInfo) -> str:
        if not value and info.data.get("contract") == "lead_firm":
            raise Said(N_("Write the name of the lead firm, which holds the apprenticeship contracts."))
        return value


class Training(Details):
    qualification: str
    """What the participant holds afterwards."""
    standards: list[str] = []
    """E.g. EN ISO 9606-1, DGUV Grundsatz 308-001."""
    welding: list[Welding] = []
    forklift_stage: Literal[1, 2, 3] | None = None
    """Stage of DGUV Grundsatz 308-001: general, additional for special trucks, in the company."""
    truck_types: list[str] = []
    prerequisites: str = ""
    teaching_units: int | None = Field(None, ge=1)
    """Units of 45 minutes."""
    group_size: int | None = Field(None, ge=1)
    venue: str = ""
    funding: list[str] = []
    alliance: Alliance | None = None
    sessions: list[Session] = []

    def next_session(self, today: date) -> Session | None:
        """The next session that has not begun, with free seats if there is one."""
        coming = sorted((s for s in self.sessions if s.starts_on >= today), key=lambda s: s.starts_on)
        return next((s for s in coming if s.seats_free), coming[0] if coming else None)

    def facts(self) -> dict[str, object]:
        sessions = sorted(self.sessions, key=lambda s: s.starts_on)
        return {
            "qualification": self.qualification,
            "standards": self.standards,
            "teaching_units": self.teaching_units,
            "sessions": [s.starts_on.isoformat() for s in sessions],
            "seats_free": [s.seats_free for s in sessions],
            **(self.alliance.model_dump(include={"occupations", "weeks", "years"}) if self.alliance else {}),
        }

    def words(self) -> list[str]:
        welding = [f"{w.standard} {w.process}" for w in self.welding]
        taught = ["Verbundausbildung", *occupations.names(self.alliance.occupations)] if self.alliance else []
        return [self.qualification, *self.standards, *welding, *self.truck_types, *self.funding, *taught]

    def occupation_ids(self) -> list[str]:
        return list(self.alliance.occupations) if self.alliance else []
