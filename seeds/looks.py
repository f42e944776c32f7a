"""Two weeks of page views for every firm and offering of the demo: drawn by their references, the same on every run."""

import random
from collections import Counter
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.accounts.models import Organisation
from market.desk.counting import add
from market.desk.models import DailyViews
from market.offerings.models import Offering

DAYS = 14
WEEKEND = 0.3
"""Share of a working day's views on a day of the weekend."""


def plant(session: Session, today: date) -> int:
    """Views of the days before `today`; nothing where any are there already. Returns rows written."""
    if session.scalar(select(DailyViews.ref).limit(1)) is not None:
        return 0
    firms = select(Organisation.ref, Organisation.external_id).where(Organisation.external_id.is_not(None))
    offerings = select(Offering.ref, Offering.external_id).where(
        Offering.external_id.is_not(None), Offering.status == "published"
    )
    counts: Counter[tuple[str, str, date]] = Counter()
    for kind, query, usual in (("provider", firms, 9), ("offering", offerings, 5)):
        for ref, key in session.execute(query):
            chance = random.Random(f"{kind} {key}")
            often = chance.uniform(0.4, 1.6) * usual
            for back in range(1, DAYS + 1):
                day = today - timedelta(days=back)
                count = round(chance.uniform(0.5, 1.5) * often * (WEEKEND if day.weekday() > 4 else 1))
                if count:
                    counts[kind, ref, day] = count
    add(session, counts)
    return len(counts)
