"""The parts every kind shares. What is missing is told apart from what is wrong: a draft may lack things."""

from typing import Literal

from pydantic import field_validator

from market.i18n import N_
from market.offerings.labels import PRICES
from market.publishing.fields import Number, short
from market.values import KINDS, LANGUAGES
from market.web.forms import Day, Form, one_of

MOST_TITLE, MOST_SUMMARY, MOST_TEXT = 120, 300, 6000
RADII = (30, 60, 100)
TEXTS = ("title", "summary", "description")
Missing = list[tuple[str, str]]
FILL_IN = N_("Please fill in this field.")


class WhatForm(Form):
    """Screen 1: what is offered, in own words, and of which kind."""

    title: str = ""
    kind: str = "service"
    summary: str = ""

    @field_validator("kind")
    @classmethod
    def is_known(cls, value: str) -> str:
        return one_of(value, KINDS)

    @field_validator("title")
    @classmethod
    def is_a_title(cls, value: str) -> str:
        return short(value, MOST_TITLE)

    @field_validator("summary")
    @classmethod
    def is_a_summary(cls, value: str) -> str:
        return short(value, MOST_SUMMARY)

    def missing(self) -> Missing:
        return [] if self.title else [("title", N_("Write in a few words what you offer."))]


class TradeForm(Form):
    """Screen 2: trades by name or by tapping, codes only if they are ticked."""

    trade: str = ""
    trades: list[str] = []
    cpv: list[str] = []
    keywords: str = ""


class WhereForm(Form):
    """Screen 4: base, reach, availability and price."""

    place: str = ""
    reach: Literal["30", "60", "100", "other", "areas"] = "60"
    km: Number = None
    areas: list[str] = []
    available_on: Day = None
    lead_time_days: int | None = None
    price_mode: Literal["on_request", "from", "fixed"] = "on_request"
    price: Number = None
    currency: Literal["EUR", "PLN"] = "EUR"
    unit: str = "HUR"

    @field_validator("unit")
    @classmethod
    def is_a_unit(cls, value: str) -> str:
        return one_of(value, PRICES)

    @field_validator("lead_time_days")
    @classmethod
    def is_a_time(cls, value: int | None) -> int | None:
        if value is not None and not 0 <= value <= 365:
            raise ValueError(N_("Write the days as a number from 0 to 365."))
        return value

    @field_validator("km")
    @classmethod
    def is_a_distance(cls, value: float | None) -> float | None:
        if value is not None and not 1 <= value <= 500:
            raise ValueError(N_("Write the kilometres as a number from 1 to 500."))
        return value

    @field_validator("price")
    @classmethod
    def is_a_price(cls, value: float | None) -> float | None:
        if value is not None and not 0 < value < 10_000_000:
            raise ValueError(N_("Write the price as a number above 0, for example 58.50."))
        return value

    def missing(self) -> Missing:
        found: Missing = []
        if not self.place:
            found.append(("place", N_("Give a postcode or a town.")))
        if self.reach == "other" and self.km is None:
            found.append(("km", N_("Write how many kilometres you travel.")))
        if self.reach == "areas" and not self.areas:
            found.append(("areas", N_("Tick at least one district.")))
        if self.price_mode != "on_request" and self.price is None:
            found.append(("price", N_("Write the price, or choose “on request”.")))
        return found

    def radius(self) -> int | None:
        if self.reach == "areas":
            return None
        return round(self.km) if self.reach == "other" and self.km else int(self.reach) if self.reach.isdigit() else 60

    def fields(self) -> dict[str, object]:
        """The offering's fields but the place."""
        priced = self.price_mode != "on_request" and self.price is not None
        return {
            "radius_km": self.radius(),
            "areas": tuple(self.areas) if self.reach == "areas" else (),
            "available_on": self.available_on,
            "lead_time_days": self.lead_time_days,
            "price_mode": self.price_mode if priced else "on_request",
            "price_cents": round((self.price or 0) * 100) if priced else None,
            "currency": self.currency,
            "unit": self.unit if priced else "",
        }


class TextsForm(Form):
    """Everything longer, in up to three languages; the title in the others."""

    lang: Literal["de", "en", "pl"] = "de"
    title_de: str = ""
    title_en: str = ""
    title_pl: str = ""
    summary_de: str = ""
    summary_en: str = ""
    summary_pl: str = ""
    description_de: str = ""
    description_en: str = ""
    description_pl: str = ""
    languages: list[str] = []
    audience: Literal["business_only", "open_to_consumers"] = "business_only"

    @field_validator("title_de", "title_en", "title_pl")
    @classmethod
    def is_a_title(cls, value: str) -> str:
        return short(value, MOST_TITLE)

    @field_validator("summary_de", "summary_en", "summary_pl")
    @classmethod
    def is_a_summary(cls, value: str) -> str:
        return short(value, MOST_SUMMARY)

    @field_validator("description_de", "description_en", "description_pl")
    @classmethod
    def is_readable(cls, value: str) -> str:
        return short(value, MOST_TEXT)

    def missing(self) -> Missing:
        own = f"title_{self.lang}"
        return [] if getattr(self, own) else [(own, N_("Write in a few words what you offer."))]

    def fields(self) -> dict[str, object]:
        texts = {
            code: {name: said for name in TEXTS if (said := getattr(self, f"{name}_{code}"))} for code in LANGUAGES
        }
        own = texts.pop(self.lang)
        return {
            "lang": self.lang,
            **{name: own.get(name, "") for name in TEXTS},
            "texts": {code: said for code, said in texts.items() if said},
            "audience": self.audience,
        }


class PauseForm(Form):
    """Until when, and weeks without capacity."""

    until: Day = None
