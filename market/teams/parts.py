"""What a need can be divided into, and whether two parts make a whole. Pure, but for reading the need."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from market.needs import contents
from market.needs.models import Need
from market.needs.parts import Item, Lot

Part = frozenset[str]


@dataclass(frozen=True)
class Group:
    """A lot with what it consists of, or what belongs to no lot; a lot without items is one part itself."""

    lot: Lot | None
    parts: Sequence[Item | Lot]


def groups_of(session: Session, need: Need) -> list[Group]:
    """In the order a bidder reads them."""
    items = contents.items_of(session, need)
    found = []
    for lot in contents.lots_of(session, need):
        inside = [item for item in items if item.lot_id == lot.id]
        found.append(Group(lot, inside or [lot]))
    loose = [item for item in items if item.lot_id is None]
    return [*found, Group(None, loose)] if loose else found


def packages_of(groups: Iterable[Group]) -> list[Part]:
    """What is awarded as one: the whole need and each lot, without what is optional; those of two parts or more."""
    needed = [frozenset(part.ref for part in group.parts if not _is_optional(part)) for group in groups]
    whole = frozenset[str]().union(*needed)
    return [package for package in dict.fromkeys([whole, *needed]) if len(package) > 1]


def fit_together(one: Part, other: Part, packages: Iterable[Part]) -> bool:
    """Nothing in both, for there they would compete; and together a package that neither covers alone."""
    if one & other:
        return False
    return any(p <= one | other and not p <= one and not p <= other for p in packages)


def _is_optional(part: Item | Lot) -> bool:
    return isinstance(part, Item) and part.optional
