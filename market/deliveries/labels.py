"""How permits and deliveries read: amounts, periods, states from the side of whoever reads them."""

from collections.abc import Mapping
from typing import Final

from market.accounts.models import Organisation
from market.deliveries.models import Delivery, Permit
from market.deliveries.rules import other_of
from market.deliveries.tonnes import TONNE, Amount, tonnes
from market.i18n import N_, Words

STANDINGS: Final[Mapping[str, str]] = {
    "valid": N_("checked, valid"),
    "waiting": N_("is being checked"),
    "declined": N_("not taken"),
    "coming": N_("checked, begins later"),
    "expired": N_("expired"),
}
STATES: Final[Mapping[str, str]] = {
    "ours": N_("waits for the other side"),
    "yours": N_("waits for your answer"),
    "agreed": N_("agreed"),
    "delivered": N_("delivered"),
    "cancelled": N_("cancelled"),
    "declined": N_("not agreed"),
}
MATCHED: Final[Mapping[str, str]] = {
    "month": N_("%(matched)s of %(all)s t a month matched"),
    "year": N_("%(matched)s of %(all)s t a year matched"),
    "once": N_("%(matched)s of %(all)s t matched"),
}
FREE: Final[Mapping[str, str]] = {
    "month": N_("%(free)s t a month are free"),
    "year": N_("%(free)s t a year are free"),
    "once": N_("%(free)s t are free"),
}


def weight(w: Words, kg: int) -> str:
    """`12.5 t`"""
    return f"{w.number(tonnes(kg))}\u00a0t"


def amount(w: Words, one: Amount) -> str:
    """`24 t a month, Jan 2027 to Dec 2027`; `30 t, 1 March 2027 to 15 March 2027`."""
    number = w.number(tonnes(one.kg))
    if one.per == "month":
        return w(
            N_("%(amount)s t a month, %(first)s to %(last)s"),
            amount=number,
            first=w.day(one.starts_on, "month"),
            last=w.day(one.ends_on, "month"),
        )
    return w(
        N_("%(amount)s t, %(first)s to %(last)s"), amount=number, first=w.day(one.starts_on), last=w.day(one.ends_on)
    )


def state_key(delivery: Delivery, organisation: Organisation) -> str:
    if delivery.state == "proposed":
        return "ours" if delivery.by_holder == (delivery.holder_id == organisation.id) else "yours"
    if delivery.state == "cancelled" and delivery.agreed_at is None:
        return "declined"
    return delivery.state


def state(w: Words, delivery: Delivery, organisation: Organisation) -> str:
    return w(STATES[state_key(delivery, organisation)])


def other(w: Words, delivery: Delivery, organisation: Organisation) -> str:
    """Name of the other side, or that it is not told yet."""
    firm, named = other_of(delivery, organisation)
    return firm.name if named else w(N_("Provider not named in public"))


def standing(w: Words, one: Permit, key: str) -> str:
    return w(STANDINGS[key])


def matched(w: Words, cover: tuple[int, int, str]) -> str:
    kg, in_all, over = cover
    return w(MATCHED[over], matched=w.number(kg / TONNE), all=w.number(in_all / TONNE))


def free(w: Words, cover: tuple[int, int, str]) -> str:
    kg, in_all, over = cover
    return w(FREE[over], free=w.number((in_all - kg) / TONNE))
