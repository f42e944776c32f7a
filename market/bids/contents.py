"""What a bid says, as typed values: read from what was typed or kept, and written again.

Pure: neither database nor clock. What is kept is a dictionary (`written`), in drafts with the prices as they were
typed, in bids with decimal strings; `of` reads either as far as it can be read.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from market.i18n import N_
from market.web.figures import as_number
from market.web.forms import as_day

FREIGHT: Final = {
    "included": N_("Freight and travel are included"),
    "extra": N_("Freight and travel are charged extra"),
    "none": N_("There is no freight and no travel"),
}
CENT: Final = Decimal("0.01")
MOST_ALTERNATIVES: Final = 10
LENGTHS: Final = {"remark": 4000, "quote_number": 60, "line": 500, "alternative": 2000, "statement": 1000}
AMBIGUOUS: Final = N_("This can be read in two ways. Write 1234 or 1,23.")
NO_PRICE: Final = N_("Write a price, for example 58,50.")
TOO_LONG: Final = N_("Please write it shorter, with at most %(most)s characters.")


@dataclass(frozen=True)
class Line:
    """The price of one unit of an item; none is a gap."""

    price: Decimal | None = None
    remark: str = ""


@dataclass(frozen=True)
class Alternative:
    item: str = ""
    """Ref of the item it stands for; empty for the whole."""
    text: str = ""
    price: Decimal | None = None


@dataclass(frozen=True)
class Answer:
    """To a requirement: `value` is True or False, or text (`number` reads figures); None is no answer."""

    value: bool | str | None = None
    statement: str = ""


@dataclass(frozen=True)
class Party:
    """A firm of a joint bid: its reference and name, and what it does of what is bid for."""

    firm: str
    name: str
    role: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Joint:
    """That two firms bid together; the lead has handed it in and signed, the partner has consented."""

    lead: Party
    partner: Party
    consented_at: str

    @property
    def parties(self) -> tuple[Party, Party]:
        return self.lead, self.partner


@dataclass(frozen=True)
class Content:
    lots: tuple[str, ...] = ()
    lines: Mapping[str, Line] = field(default_factory=dict)
    alternatives: tuple[Alternative, ...] = ()
    delivery_on: date | None = None
    valid_until: date | None = None
    payment_days: int | None = None
    freight: str = "none"
    quote_number: str = ""
    remark: str = ""
    requirements: Mapping[str, Answer] = field(default_factory=dict)
    teaming: bool = False
    joint: Joint | None = None


Faults = dict[str, tuple[str, dict[str, object]]]
"""Name of the field -> sentence, marked for translation, and what fills it."""


def price(typed: str) -> Decimal | None:
    """58,5 and 58.50 and 1.234,50 and 1 234,5 €; None for nothing. Raises ValueError with a sentence."""
    text = typed.strip().removesuffix("EUR").removesuffix("€").strip().removesuffix(",-")
    if not text:
        return None
    if re.fullmatch(r"[1-9]\d{0,2},\d{3}", text):
        raise ValueError(AMBIGUOUS)
    try:
        found = Decimal(str(as_number(text)))
    except ValueError:
        raise ValueError(NO_PRICE) from None
    if found < 0:
        raise ValueError(NO_PRICE)
    return found


def of(kept: Mapping[str, Any]) -> Content:
    """What is kept of a bid or draft; what cannot be read counts as not given."""
    return read(kept)[0]


def read(kept: Mapping[str, Any]) -> tuple[Content, Faults]:
    """As `of`, with a sentence for each field that cannot be read."""
    reading = _Reading()
    lines = {
        ref: Line(reading.price(f"price.{ref}", line.get("price")), reading.text(f"remark.{ref}", line, "line"))
        for ref, line in kept.get("lines", {}).items()
    }
    others = tuple(
        Alternative(
            str(other.get("item", "")),
            reading.text(f"alternative.{place}.text", other, "alternative", "text"),
            reading.price(f"alternative.{place}.price", other.get("price")),
        )
        for place, other in enumerate(kept.get("alternatives", [])[:MOST_ALTERNATIVES])
    )
    answers = {
        ref: Answer(_value(given.get("value")), reading.text(f"statement.{ref}", given, "statement", "statement"))
        for ref, given in kept.get("requirements", {}).items()
    }
    content = Content(
        lots=tuple(str(lot) for lot in kept.get("lots", ())),
        lines=lines,
        alternatives=others,
        delivery_on=reading.day("delivery_on", kept.get("delivery_on")),
        valid_until=reading.day("valid_until", kept.get("valid_until")),
        payment_days=reading.days("payment_days", kept.get("payment_days")),
        freight=freight if (freight := str(kept.get("freight"))) in FREIGHT else "none",
        quote_number=reading.text("quote_number", kept, "quote_number", "quote_number"),
        remark=reading.text("remark", kept, "remark"),
        requirements=answers,
        teaming=kept.get("teaming") is True,
        joint=_joint(kept.get("joint")),
    )
    return content, reading.faults


def written(content: Content) -> dict[str, Any]:
    """As it is kept in a bid: the other way round of `of`."""
    return {
        "lots": list(content.lots),
        "lines": {ref: {"price": _plain(line.price), "remark": line.remark} for ref, line in content.lines.items()},
        "alternatives": [
            {"item": other.item, "text": other.text, "price": _plain(other.price)} for other in content.alternatives
        ],
        "delivery_on": content.delivery_on.isoformat() if content.delivery_on else "",
        "valid_until": content.valid_until.isoformat() if content.valid_until else "",
        "payment_days": content.payment_days,
        "freight": content.freight,
        "quote_number": content.quote_number,
        "remark": content.remark,
        "requirements": {
            ref: {"value": one.value, "statement": one.statement} for ref, one in content.requirements.items()
        },
        "teaming": content.teaming,
    } | ({"joint": asdict(content.joint)} if content.joint else {})


def _joint(kept: Mapping[str, Any] | None) -> Joint | None:
    if not kept:
        return None
    lead, partner = (Party(**kept[name] | {"parts": tuple(kept[name]["parts"])}) for name in ("lead", "partner"))
    return Joint(lead, partner, str(kept["consented_at"]))


def _value(kept: object) -> bool | str | None:
    return kept if isinstance(kept, bool) or kept is None else str(kept).strip()


def _plain(value: Decimal | None) -> str:
    """`12.50`, `0.125`: never an exponent, at least cents."""
    if value is None:
        return ""
    return f"{value:f}" if -int(value.as_tuple().exponent) > 2 else f"{value.quantize(CENT):f}"


class _Reading:
    """Reads field by field and remembers what could not be read."""

    def __init__(self) -> None:
        self.faults: Faults = {}

    def price(self, name: str, typed: object) -> Decimal | None:
        try:
            return price(str(typed or ""))
        except ValueError as error:
            self.faults[name] = (str(error), {})
            return None

    def text(self, name: str, given: Mapping[str, Any], most: str, key: str = "remark") -> str:
        text = str(given.get(key) or "").strip()
        if len(text) > LENGTHS[most]:
            self.faults[name] = (TOO_LONG, {"most": LENGTHS[most]})
        return text[: LENGTHS[most]]

    def day(self, name: str, typed: object) -> date | None:
        text = str(as_day(typed or ""))
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            self.faults[name] = (N_("Write a day, for example 2027-03-31."), {})
            return None

    def days(self, name: str, typed: object) -> int | None:
        text = "" if typed is None else str(typed).strip()
        if text and not (text.isascii() and text.isdecimal() and int(text) <= 365):
            self.faults[name] = (N_("Write a number of days between 0 and 365."), {})
            return None
        return int(text) if text else None
