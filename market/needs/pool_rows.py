"""How much each of two partners asks for, item by item: on their own pages and, once it is out, for everybody."""

from typing import Any

from market.i18n import N_, Words
from market.needs import contents, labels, pooling, views
from market.needs.models import Need
from market.web.endpoint import Call


def rows_of(call: Call, need: Need) -> list[tuple[str, list[tuple[str, str]], str]]:
    """Item, each partner with its part, and the sum; empty where nobody has joined."""
    share = pooling.joined_share(need)
    if share is None:
        return []
    rows = [
        (item.title, item.quantity, share.quantities.get(item.ref, 0.0), item.unit)
        for item in contents.items_of(call.session, need)
    ]
    rows = rows or [(call.words(N_("Quantity")), need.quantity or 0.0, share.quantity, need.unit)]
    lead, other = need.organisation.name, share.organisation.name
    return [
        (
            title,
            [(lead, _said(call.words, total - part, unit)), (other, _said(call.words, part, unit))],
            _said(call.words, total, unit),
        )
        for title, total, part, unit in rows
    ]


def _said(w: Words, quantity: float, unit: str) -> str:
    return labels.amount(w, quantity, unit) if unit else w.number(quantity)


def of_page(call: Call, need: Need) -> dict[str, Any]:
    """For the page of a need that is out: who asks together, how much each, and the sum."""
    share = pooling.joined_share(need)
    return {"pool": {"share": share, "rows": rows_of(call, need)} if share else None}


views.PARTS.append(of_page)
