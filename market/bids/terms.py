"""A bid against what its need asks for: which items and requirements it answers, what it sums up to, what it lacks.

Pure but for `asked_by`, which reads what a need asks for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy.orm import Session

from market.bids.contents import CENT, Answer, Content, Faults, Line
from market.i18n import N_
from market.needs import contents
from market.needs.models import Need
from market.needs.parts import Item, Lot, Requirement
from market.web.figures import as_number


@dataclass(frozen=True)
class Terms:
    """What a need asks for."""

    lots: Sequence[Lot] = ()
    items: Sequence[Item] = ()
    requirements: Sequence[Requirement] = ()


@dataclass(frozen=True)
class Sums:
    """Net, in EUR, each line rounded to cents; optional items are in neither sum."""

    lots: Mapping[str, Decimal]
    """Ref of the lot -> its sum; items outside of lots under the empty name."""
    whole: Decimal
    gaps: Sequence[Item]
    """Items of what is bid for that have no price."""


def asked_by(session: Session, need: Need) -> Terms:
    lots, items = contents.lots_of(session, need), contents.items_of(session, need)
    return Terms(lots, items, contents.requirements_of(session, need))


def within(content: Content, terms: Terms) -> Content:
    """Without answers to what the need does not ask (any more), or only of lots that are not bid for."""
    lots = {lot.ref for lot in terms.lots}
    chosen = tuple(ref for ref in content.lots if ref in lots)
    content = replace(content, lots=chosen)
    items = {item.ref for item in scope(content, terms)}
    asked = {one.ref for one in asked_of(content, terms)}
    others = [one for one in content.alternatives if one.item in {"", *items} and (one.text or one.price is not None)]
    return replace(
        content,
        lines={ref: line for ref, line in content.lines.items() if ref in items},
        alternatives=tuple(others),
        requirements={ref: one for ref, one in content.requirements.items() if ref in asked},
    )


def scope(content: Content, terms: Terms) -> list[Item]:
    """The items a bid answers: those of its lots, and those outside of lots."""
    chosen = _chosen(content, terms)
    return [item for item in terms.items if item.lot_id in chosen]


def asked_of(content: Content, terms: Terms) -> list[Requirement]:
    """The requirements a bid has to answer."""
    chosen = _chosen(content, terms)
    return [one for one in terms.requirements if one.lot_id in chosen]


def _chosen(content: Content, terms: Terms) -> set[int | None]:
    """Ids of the lots bid for, and None for what belongs to no lot."""
    return {None, *(lot.id for lot in terms.lots if lot.ref in content.lots)}


def concerning(faults: Faults, content: Content, terms: Terms) -> Faults:
    """Those that are of what is bid for: in a lot that is not, anything may stand."""
    of_lots = {item.ref for item in terms.items} | {one.ref for one in terms.requirements}
    bid_for = {item.ref for item in scope(content, terms)} | {one.ref for one in asked_of(content, terms)}
    return {
        name: fault
        for name, fault in faults.items()
        if (ref := name.partition(".")[2]) not in of_lots or ref in bid_for
    }


def amount(quantity: Decimal, price: Decimal) -> Decimal:
    """What a line costs, in cents: the one place that rounds."""
    return (quantity * price).quantize(CENT, ROUND_HALF_UP)


def line_sum(item: Item, line: Line | None) -> Decimal | None:
    """Of one item; None where there is no price."""
    return None if line is None or line.price is None else amount(Decimal(str(item.quantity)), line.price)


def sums(content: Content, terms: Terms) -> Sums:
    names = {lot.id: lot.ref for lot in terms.lots}
    lots: dict[str, Decimal] = {ref: Decimal(0) for ref in content.lots}
    gaps = []
    for item in scope(content, terms):
        found = line_sum(item, content.lines.get(item.ref))
        if item.optional:
            continue
        if found is None:
            gaps.append(item)
            continue
        name = names.get(item.lot_id or 0, "")
        lots[name] = lots.get(name, Decimal(0)) + found
    return Sums(lots, sum(lots.values(), Decimal(0)), gaps)


def check(content: Content, terms: Terms, today: date, binding_until: date | None) -> Faults:
    """What keeps it from being handed in. Gaps and knock-outs do not: the buyer decides on them."""
    faults: Faults = {}
    if terms.lots and not content.lots:
        faults["lots"] = (N_("Choose at least one lot."), {})
    items = scope(content, terms)
    if items and not any(content.lines.get(item.ref, Line()).price is not None for item in items):
        faults[f"price.{items[0].ref}"] = (N_("Enter at least one price."), {})
    if not terms.items and not content.remark and not any(_given(one) for one in content.requirements.values()):
        faults["remark"] = (N_("Say what you can offer."), {})
    if content.delivery_on and content.delivery_on < today:
        faults["delivery_on"] = (N_("This day is over."), {})
    if content.valid_until and content.valid_until < max(today, binding_until or today):
        faults["valid_until"] = (N_("A bid has to hold until the decision at least."), {})
    for place, other in enumerate(content.alternatives):
        if other.price is not None and not other.text:
            faults[f"alternative.{place}.text"] = (N_("Say what is different about it."), {})
    for one in asked_of(content, terms):
        if (answer := content.requirements.get(one.ref)) is not None and (sentence := unfit(one, answer)):
            faults[f"value.{one.ref}"] = (sentence, {})
    return faults


def unfit(requirement: Requirement, answer: Answer) -> str:
    """Why an answer is none to this kind of requirement; empty where it is one, or nothing was answered."""
    value = answer.value
    if value is None or value == "":
        return ""
    if requirement.type in ("number", "range") and number(value) is None:
        return N_("Write a number, for example 12.5.")
    if requirement.type == "choice" and value not in requirement.limits.get("options", ()):
        return N_("Please choose one of the options.")
    if requirement.type in ("bool", "certificate") and not isinstance(value, bool):
        return N_("Please choose one of the options.")
    return ""


def meets(requirement: Requirement, answer: Answer | None) -> bool | None:
    """Whether what was answered is what is asked for; None where that cannot be told."""
    value = answer.value if answer else None
    if value is None or value == "" or answer is None or unfit(requirement, answer):
        return None
    if requirement.type in ("bool", "certificate"):
        return value is True
    if requirement.type in ("number", "range"):
        found, low, high = number(value), requirement.limits.get("min"), requirement.limits.get("max")
        assert found is not None
        return (low is None or found >= Decimal(str(low))) and (high is None or found <= Decimal(str(high)))
    return True


def number(value: object) -> Decimal | None:
    """An answer that is a figure, however it was typed."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        return Decimal(str(as_number(value)))
    except ValueError:
        return None


def _given(answer: Answer) -> bool:
    return bool(answer.statement) or answer.value not in (None, "")
