"""How many certificates run out that a firm's courses renew: by month, and only where enough of enough firms do.

Whose they are is nobody's business: a cell that would tell less than `ENOUGH` certificates of `FIRMS` firms apart is
left out, and the provider's own people are not in it.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.accounts.models import Organisation
from market.certificates.models import Certificate
from market.offerings.courses import leads_to
from market.offerings.models import Offering
from market.offerings.rules import visible
from market.taxonomy import certificates as catalogue
from market.values import first_of_month

ENOUGH: Final = 5
FIRMS: Final = 3
AHEAD: Final = timedelta(days=365)


@dataclass(frozen=True)
class Renewal:
    month: date
    type: str
    count: int


def due(session: Session, organisation: Organisation, today: date) -> list[Renewal]:
    """Soonest first, of the types the firm's published courses lead to."""
    trainings = visible().where(Offering.kind == "training", Offering.organisation_id == organisation.id)
    types = renewed_by(list(session.scalars(trainings)))
    query = select(Certificate.valid_until, Certificate.type, Certificate.organisation_id).where(
        Certificate.state == "verified",
        Certificate.type.in_(types),
        Certificate.valid_until >= today,
        Certificate.valid_until < today + AHEAD,
        Certificate.organisation_id != organisation.id,
    )
    cells: dict[tuple[date, str], list[int]] = defaultdict(list)
    for until, type_, firm in session.execute(query):
        assert until is not None
        cells[first_of_month(until), type_].append(firm)
    told = (one for one in cells.items() if len(one[1]) >= ENOUGH and len(set(one[1])) >= FIRMS)
    return [Renewal(month, type_, len(firms)) for (month, type_), firms in sorted(told)]


def renewed_by(trainings: Sequence[Offering]) -> list[str]:
    """Types of certificate bound to people that one of these courses leads to."""
    people = [type_ for type_, one in catalogue.types().items() if one.private]
    return [type_ for type_ in people if any(leads_to(offering, type_) for offering in trainings)]
