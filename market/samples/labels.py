"""How orders read: states from the side of whoever reads, days, prices."""

from collections.abc import Mapping
from typing import Final

from market.i18n import N_, Words
from market.offerings.kinds.lab_test import Method
from market.samples.models import SampleOrder

STATES: Final[Mapping[str, str]] = {
    "ordered": N_("ordered, samples on their way"),
    "received": N_("samples received"),
    "in_test": N_("in test"),
    "reported": N_("reported"),
    "cancelled": N_("order cancelled"),
}
STEPS: Final = ("ordered", "received", "in_test", "reported")


def state(w: Words, order: SampleOrder) -> str:
    return w(STATES[order.state])


def method(one: Method) -> str:
    """Parameter and standard, as both stand in the laboratory's own table."""
    return ", ".join(part for part in (one.parameter, one.standard) if part)


def duration(w: Words, order: SampleOrder) -> str:
    days = order.turnaround_days
    if days is None:
        return w(N_("not stated"))
    return w.ngettext("%(num)s working day after receipt", "%(num)s working days after receipt", days) % {"num": days}


def price(w: Words, order: SampleOrder) -> str:
    cents = order.price_cents
    return w(N_("on request")) if cents is None else w.money(cents, order.offering.currency or "EUR")
