"""The form of a bid: read as it was typed, and shown again as people write figures in their language."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from starlette.datastructures import FormData

from market.bids import contents
from market.bids.contents import Content, Faults
from market.bids.labels import money, price
from market.bids.terms import Terms, line_sum, scope, sums
from market.i18n import Words
from market.needs.parts import Requirement
from market.values import readable
from market.web.forms import Filled

YES = {"yes": True, "no": False}


def typed(form: FormData, terms: Terms) -> dict[str, Any]:
    """What stands in the form, in the shape of what is kept of a bid. Lots that are not chosen keep their prices."""
    return {
        "lots": [str(lot) for lot in form.getlist("lots")],
        "lines": {
            item.ref: {"price": _text(form, f"price.{item.ref}"), "remark": _text(form, f"remark.{item.ref}")}
            for item in terms.items
        },
        "alternatives": _alternatives(form),
        **{name: _text(form, name) for name in ("delivery_on", "valid_until", "payment_days", "freight")},
        **{name: _text(form, name) for name in ("quote_number", "remark")},
        "requirements": {one.ref: _answer(form, one) for one in terms.requirements},
        "teaming": bool(form.get("teaming")),
    } | _pair(form)


def _pair(form: FormData) -> dict[str, str]:
    """Whether it is a joint bid, by the reference of the agreement; only from a page that has asked."""
    given = form.getlist("pair")
    return {"pair": str(given[-1])} if given else {}


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return readable(value).strip() if isinstance(value, str) else ""


def _answer(form: FormData, one: Requirement) -> dict[str, Any]:
    said = _text(form, f"value.{one.ref}")
    value: bool | str | None = YES.get(said) if one.type == "bool" else said or None
    return {"value": value, "statement": _text(form, f"statement.{one.ref}")}


def _alternatives(form: FormData) -> list[dict[str, str]]:
    rows = [
        {part: _text(form, f"alternative.{place}.{part}") for part in ("item", "text", "price")}
        for place in range(contents.MOST_ALTERNATIVES)
    ]
    return [row for row in rows if row["text"] or row["price"]]


def filled(w: Words, kept: dict[str, Any], faults: Faults) -> Filled[Any]:
    """As the page shows it: what could be read as it is written in this language, all else as it was typed."""
    content = contents.of(kept)
    values: dict[str, Any] = {"lots": list(content.lots), "teaming": "yes" if content.teaming else ""}
    for ref, line in kept.get("lines", {}).items():
        values |= {f"price.{ref}": _price(w, line.get("price"), content.lines[ref].price)}
        values |= {f"remark.{ref}": line.get("remark", "")}
    for place, (row, one) in enumerate(zip(kept.get("alternatives", []), content.alternatives, strict=False)):
        values |= {f"alternative.{place}.item": one.item, f"alternative.{place}.text": row.get("text", "")}
        values[f"alternative.{place}.price"] = _price(w, row.get("price"), one.price)
    for ref, answer in kept.get("requirements", {}).items():
        value = answer.get("value")
        values[f"value.{ref}"] = ("yes" if value else "no") if isinstance(value, bool) else value or ""
        values[f"statement.{ref}"] = answer.get("statement", "")
    for name, day in (("delivery_on", content.delivery_on), ("valid_until", content.valid_until)):
        values[name] = _day(w, day) if day else kept.get(name, "")
    values |= {name: kept.get(name) or "" for name in ("payment_days", "quote_number", "remark")}
    values["freight"] = content.freight
    return Filled(values, said(w, faults))


def said(w: Words, faults: Faults) -> dict[str, str]:
    return {name: w(sentence, **more) for name, (sentence, more) in faults.items()}


def _price(w: Words, typed: object, read: Decimal | None) -> str:
    return str(typed or "") if read is None else price(w, read)


def _day(w: Words, day: date) -> str:
    """As `Day` reads it again."""
    return f"{day:%d.%m.%Y}" if w.language in ("de", "pl") else day.isoformat()


def outputs(w: Words, content: Content, terms: Terms) -> dict[str, str]:
    """What the server computes, by the name of its place on the page."""
    summed = sums(content, terms)
    found = {f"line.{item.ref}": "" for item in terms.items}
    for item in scope(content, terms):
        amount = line_sum(item, content.lines.get(item.ref))
        found[f"line.{item.ref}"] = "" if amount is None else money(w, amount)
    for lot in terms.lots:
        found[f"sum.{lot.ref}"] = money(w, summed.lots[lot.ref]) if lot.ref in summed.lots else ""
    found |= {"sum.": money(w, summed.lots.get("", Decimal(0))), "whole": money(w, summed.whole)}
    gaps = len(summed.gaps)
    found["gaps"] = w.ngettext("%(num)s item without a price", "%(num)s items without a price", gaps) % {"num": gaps}
    return found | ({"gaps": ""} if not gaps else {})


def options(terms: Terms) -> dict[str, list[tuple[str, str]]]:
    """What there is to choose from, by requirement."""
    return {one.ref: [(said, said) for said in one.limits.get("options", ())] for one in terms.requirements}


def names(w: Words, terms: Terms) -> dict[str, str]:
    """What the fields are called where something is wrong with them, in their order on the page."""
    found = {"lots": ""}
    found |= {f"{part}.{item.ref}": item.title for item in terms.items for part in ("price", "remark")}
    return found | {f"{part}.{one.ref}": one.title for one in terms.requirements for part in ("value", "statement")}


def grouped(terms: Terms) -> Sequence[tuple[Any, list[Any]]]:
    """Each lot with its items; those outside of lots, and a need without lots, under none."""
    found: list[tuple[Any, list[Any]]] = [
        (lot, [item for item in terms.items if item.lot_id == lot.id]) for lot in terms.lots
    ]
    rest = [item for item in terms.items if item.lot_id is None]
    return [*found, (None, rest)] if rest else found
