"""How whole a profile is: countable items, and the next missing one by name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from market.accounts.models import Organisation
from market.certificates.models import Certificate
from market.files.models import File
from market.i18n import N_


@dataclass(frozen=True)
class Item:
    """One thing a buyer looks for. `field` is where it is filled in."""

    field: str
    text: str
    done: bool


def items(organisation: Organisation, logo: File | None, held: Sequence[Certificate]) -> list[Item]:
    """What makes a profile whole, the most useful first."""
    o = organisation
    checks: list[tuple[str, str, Callable[[], object]]] = [
        ("about_de", N_("A text about the firm"), lambda: o.about),
        ("phone", N_("A telephone number"), lambda: o.phone),
        ("street", N_("Street and number"), lambda: o.street),
        ("imprint", N_("Your imprint"), lambda: o.imprint or o.registers),
        ("hrb", N_("A register number"), lambda: o.registers),
        ("languages", N_("Languages you speak with customers"), lambda: o.languages),
        ("employees", N_("How many people you are"), lambda: o.employees),
        ("contact", N_("A person to talk to"), lambda: o.contact),
        ("certificates", N_("A certificate"), lambda: held),
        ("logo", N_("Your logo"), lambda: logo),
        ("website", N_("Your website"), lambda: o.website),
        ("about_en", N_("The text in a second language"), lambda: len(o.about or {}) > 1),
    ]
    return [Item(field, text, bool(check())) for field, text, check in checks]


def next_missing(found: Sequence[Item]) -> Item | None:
    return next((item for item in found if not item.done), None)
