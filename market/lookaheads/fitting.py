"""Which planned work fits what a firm offers: a trade or a CPV group in common, and a site it serves."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.accounts.models import Organisation
from market.lookaheads.models import Lookahead
from market.lookaheads.rules import is_open
from market.offerings.area import beyond
from market.offerings.models import Offering
from market.values import distance_km

GROUP = 3
"""Digits of a CPV code that make its group."""


@dataclass(frozen=True)
class Fit:
    entry: Lookahead
    offering: Offering
    trades: tuple[str, ...]
    """In common; empty where only the CPV group is."""
    km: float | None


def fitting(session: Session, organisation: Organisation) -> list[Fit]:
    """Open entries of others with the offering that fits best, the earliest first."""
    mine = select(Offering).where(Offering.organisation_id == organisation.id, Offering.status == "published")
    offerings = session.scalars(mine.order_by(Offering.id)).all()
    theirs = select(Lookahead).join(Lookahead.organisation).where(is_open())
    entries = session.scalars(theirs.where(Lookahead.organisation_id != organisation.id)) if offerings else ()
    found = [fit for entry in entries if (fit := best(entry, offerings)) is not None]
    return sorted(found, key=lambda fit: (fit.entry.first_on, fit.entry.id))


def best(entry: Lookahead, offerings: Sequence[Offering]) -> Fit | None:
    fits = [fit for offering in offerings if (fit := _compare(entry, offering)) is not None]
    return max(fits, key=lambda fit: len(fit.trades), default=None)


def _compare(entry: Lookahead, offering: Offering) -> Fit | None:
    common = tuple(id_ for id_ in entry.trades if id_ in offering.trades)
    groups = {code[:GROUP] for code in entry.cpv} & {code[:GROUP] for code in offering.cpv}
    km = distance_km(*entry.point, *offering.point) if entry.point and offering.point else None
    out = beyond(offering.areas, offering.radius_km, entry.district, km)
    return Fit(entry, offering, common, km) if (common or groups) and not out else None
