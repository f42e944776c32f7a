"""What people type about a need, task by task. What is missing is told apart from what is wrong (`readiness`)."""

from typing import Annotated, ClassVar, Literal

from pydantic import StringConstraints, field_validator

from market.i18n import N_
from market.needs.labels import UNITS
from market.needs.parts import EVIDENCE, REQUIREMENT_TYPES
from market.taxonomy import certificates
from market.taxonomy.codes import normalise_cpv
from market.values import KINDS, LANGUAGES
from market.web.figures import Number
from market.web.forms import Day, Form, one_of

Title = Annotated[str, StringConstraints(max_length=160)]
Line = Annotated[str, StringConstraints(max_length=300)]
Prose = Annotated[str, StringConstraints(max_length=20_000)]
TEXTS = ("title", "summary", "description")
Yes = Literal["", "yes"]


class NewForm(Form):
    procedure: Literal["information", "quotation", "tender", "call_off"]
    title: Title


class BasicsForm(Form):
    lang: Literal["de", "en", "pl"] = "de"
    title_de: Title = ""
    title_en: Title = ""
    title_pl: Title = ""
    summary_de: Line = ""
    summary_en: Line = ""
    summary_pl: Line = ""
    description_de: Prose = ""
    description_en: Prose = ""
    description_pl: Prose = ""
    estimate: Number = None

    @field_validator("estimate")
    @classmethod
    def is_a_value(cls, value: float | None) -> float | None:
        if value is not None and value < 0:
            raise ValueError(N_("Write a number, for example 12.5."))
        return value

    def fields(self) -> dict[str, object]:
        texts = {c: {n: said for n in TEXTS if (said := getattr(self, f"{n}_{c}"))} for c in LANGUAGES}
        own = texts.pop(self.lang)
        return {
            "lang": self.lang,
            **{name: own.get(name, "") for name in TEXTS},
            "texts": {code: said for code, said in texts.items() if said},
            "estimate_cents": None if self.estimate is None else round(self.estimate * 100),
        }


class CodesForm(Form):
    kind: str = ""
    trades: list[str] = []
    cpv: list[str] = []
    more_cpv: str = ""
    languages: list[Literal["de", "en", "pl"]] = []

    @field_validator("kind")
    @classmethod
    def is_known(cls, value: str) -> str:
        return one_of(value, ("", *KINDS))

    @field_validator("more_cpv")
    @classmethod
    def are_codes(cls, value: str) -> str:
        try:
            return " ".join(normalise_cpv(part) for part in value.replace(",", " ").split())
        except ValueError as error:
            raise ValueError(N_("Write CPV codes with eight digits, for example 45262100.")) from error


class PlaceForm(Form):
    place: Line = ""
    site: Line = ""
    execution_from: Day = None
    execution_until: Day = None


class LotRow(Form):
    KEYS: ClassVar = ("title", "description")
    ref: str = ""
    title: Title
    description: Prose = ""


class ItemRow(Form):
    KEYS: ClassVar = ("title", "quantity")
    ref: str = ""
    lot: int | None = None
    title: Title
    quantity: Number
    unit: str = "H87"
    required_on: Day = None
    cpv: str = ""
    optional: Yes = ""

    @field_validator("quantity")
    @classmethod
    def is_some(cls, value: float | None) -> float | None:
        if value is None or value <= 0:
            raise ValueError(N_("It has to be more than nothing."))
        return value

    @field_validator("unit")
    @classmethod
    def is_a_unit(cls, value: str) -> str:
        return one_of(value, UNITS)

    @field_validator("cpv")
    @classmethod
    def is_a_code(cls, value: str) -> str:
        return CodesForm.are_codes(value)


class RequirementRow(Form):
    KEYS: ClassVar = ("title", "certificate")
    ref: str = ""
    lot: int | None = None
    title: Title = ""
    type: str = "bool"
    least: Number = None
    most: Number = None
    unit: Annotated[str, StringConstraints(max_length=20)] = ""
    options: Line = ""
    certificate: str = ""
    knock_out: Yes = ""
    evidence: str = ""

    @field_validator("type")
    @classmethod
    def is_a_type(cls, value: str) -> str:
        return one_of(value, REQUIREMENT_TYPES)

    @field_validator("evidence")
    @classmethod
    def is_evidence(cls, value: str) -> str:
        return one_of(value, EVIDENCE)

    @field_validator("certificate")
    @classmethod
    def is_a_certificate(cls, value: str) -> str:
        one_of(value.partition(":")[0], ("", *certificates.types()))
        return value

    def faults(self) -> list[tuple[str, str]]:
        """What does not fit together, as field and sentence."""
        found = []
        if self.type != "certificate" and not self.title:
            found.append(("title", N_("Please fill in this field.")))
        if self.type == "certificate" and not self.certificate:
            found.append(("certificate", N_("Choose the certificate.")))
        if self.type == "number" and self.least is None and self.most is None:
            found.append(("least", N_("Write the least or the most.")))
        if self.type == "range" and (self.least is None or self.most is None or self.least > self.most):
            found.append(("most", N_("A range needs both ends, the smaller one first.")))
        if self.type == "choice" and len(self.choices()) < 2:
            found.append(("options", N_("Write at least two options, separated by semicolons.")))
        return found

    def choices(self) -> list[str]:
        return [part.strip() for part in self.options.split(";") if part.strip()]

    def limits(self) -> dict[str, object]:
        """As `parts.Requirement` keeps them."""
        if self.type in ("number", "range"):
            ends = {"min": self.least, "max": self.most}
            return {name: value for name, value in ends.items() if value is not None} | {"unit": self.unit}
        if self.type == "choice":
            return {"options": self.choices()}
        if self.type == "certificate":
            type_, _, level = self.certificate.partition(":")
            return {"type": type_, "level": level}
        return {}


class CriterionRow(Form):
    KEYS: ClassVar = ("title", "weight")
    ref: str = ""
    title: Title
    weight: int
    is_price: Yes = ""

    @field_validator("weight")
    @classmethod
    def is_a_share(cls, value: int) -> int:
        if not 1 <= value <= 100:
            raise ValueError(N_("Write a whole number from 1 to 100."))
        return value


class PeriodsForm(Form):
    questions_day: Day = None
    questions_time: str = "12:00"
    bids_day: Day = None
    bids_time: str = "12:00"
    decision_by: Day = None


class PeopleForm(Form):
    contact: int | None = None
    contact_hidden: Yes = ""
    approver: list[int] = []
    opener: list[int] = []
    evaluator: list[int] = []


class AudienceForm(Form):
    visibility: Literal["public", "verified", "invited"] = "public"
    late_policy: Literal["refuse", "extend", "link"] = "refuse"


class PaperForm(Form):
    text: Annotated[str, StringConstraints(max_length=200)] = ""
    gated: Yes = ""


class ReasonForm(Form):
    reason: Annotated[str, StringConstraints(max_length=2000)]

    @field_validator("reason")
    @classmethod
    def says_something(cls, value: str) -> str:
        if len(value) < 5:
            raise ValueError(N_("Write the reason in a sentence: it is read by those it concerns."))
        return value


class QuestionForm(Form):
    text: Annotated[str, StringConstraints(max_length=2000)]
    lot: str = ""

    @field_validator("text")
    @classmethod
    def asks_something(cls, value: str) -> str:
        if len(value) < 10:
            raise ValueError(N_("Write your question in a sentence."))
        return value


class AnswerForm(Form):
    answer: Annotated[str, StringConstraints(max_length=6000)]


class ThresholdForm(Form):
    amount: Number

    @field_validator("amount")
    @classmethod
    def is_an_amount(cls, value: float | None) -> float | None:
        if value is None or value < 0:
            raise ValueError(N_("Write a number, for example 12.5."))
        return value
