"""Residual materials: a stream somebody has, or takes. The waste code is the European one (EWC)."""

from typing import Literal

from pydantic import Field, model_validator

from market.offerings.kinds.common import Details

EWC = r"^\d{2} \d{2} \d{2}\*?$"


class Component(Details):
    name: str
    percent_min: float | None = Field(None, ge=0, le=100)
    percent_max: float | None = Field(None, ge=0, le=100)


class Permit(Details):
    """What a recipient may take: codes and tonnes a year; what is used counts down the rest."""

    codes: list[str] = Field(min_length=1)
    tonnes_per_year: float = Field(gt=0)
    tonnes_used: float = Field(0, ge=0)
    authority: str = ""

    @property
    def tonnes_left(self) -> float:
        return max(0.0, self.tonnes_per_year - self.tonnes_used)


class Residual(Details):
    direction: Literal["available", "wanted"]
    material: str
    composition: list[Component] = []
    ewc_code: str | None = Field(None, pattern=EWC)
    legal_status: Literal["waste", "by_product", "end_of_waste"] = "waste"
    quantity: float | None = Field(None, gt=0)
    unit: str = "TNE"
    """UN/ECE Recommendation 20, e.g. TNE = tonne."""
    per: Literal["once", "week", "month", "year"] = "year"
    form: str = ""
    storage: str = ""
    transport: str = ""
    anonymous: bool = False
    """The listing does not name the firm in public."""
    permit: Permit | None = None

    @model_validator(mode="after")
    def _waste_needs_a_code(self) -> "Residual":
        if self.legal_status == "waste" and self.ewc_code is None and self.permit is None:
            raise ValueError("waste needs ewc_code (or a permit with codes)")
        return self

    @property
    def hazardous(self) -> bool:
        return any(code.endswith("*") for code in self.waste_codes())

    def facts(self) -> dict[str, object]:
        return {
            "direction": self.direction,
            "material": self.material,
            "ewc_code": self.ewc_code,
            "hazardous": self.hazardous,
            "legal_status": self.legal_status,
            "quantity": self.quantity,
            "unit": self.unit,
            "per": self.per,
        }

    def words(self) -> list[str]:
        return [self.material, self.form, *self.waste_codes(), *(c.name for c in self.composition)]

    def waste_codes(self) -> list[str]:
        own = [self.ewc_code] if self.ewc_code else []
        return list(dict.fromkeys([*own, *(self.permit.codes if self.permit else [])]))
