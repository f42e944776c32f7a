"""What the landing page, the directory and the map count: published offerings and listed firms."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from market.accounts.models import Organisation
from market.catalogue.rules import listed
from market.needs import rules as needs
from market.needs.models import Need
from market.offerings.models import Offering


@dataclass(frozen=True)
class Site:
    """A town with the firms that have their seat there."""

    town: str
    country: str
    district: str
    lat: float
    lon: float
    firms: int


def _public() -> tuple[ColumnElement[bool], ...]:
    return Offering.status == "published", Organisation.suspended_at.is_(None)


def offerings_by_trade(session: Session) -> Counter[str]:
    """Published offerings per trade; one that names two trades counts for both."""
    rows = (
        select(Offering.trades, func.count())
        .join(Organisation, Organisation.id == Offering.organisation_id)
        .where(*_public())
        .group_by(Offering.trades)
    )
    counts: Counter[str] = Counter()
    for ids, number in session.execute(rows):
        for trade_id in ids:
            counts[trade_id] += number
    return counts


def offerings_by_kind(session: Session) -> dict[str, int]:
    rows = (
        select(Offering.kind, func.count())
        .join(Organisation, Organisation.id == Offering.organisation_id)
        .where(*_public())
        .group_by(Offering.kind)
    )
    return {kind: number for kind, number in session.execute(rows)}  # noqa: C416 - rows are no pairs to mypy


def firms(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Organisation).where(listed())) or 0


def sites(session: Session, kind: str = "") -> list[Site]:
    """Towns with listed firms, or with those that publish an offering of a kind; the largest first.

    A listing that does not name its firm would be given away by a dot, so it puts none on the map.
    """
    where = [listed(), Organisation.lat.is_not(None), Organisation.lon.is_not(None), Organisation.town != ""]
    if kind:
        named = or_(Offering.kind != "residual", Offering.details_json["anonymous"].as_boolean().is_not(True))
        of_kind = select(Offering.organisation_id).where(Offering.status == "published", Offering.kind == kind, named)
        where.append(Organisation.id.in_(of_kind))
    place = (Organisation.country, Organisation.district, Organisation.town)
    number = func.count()
    rows = (
        select(*place, func.avg(Organisation.lat), func.avg(Organisation.lon), number)
        .where(*where)
        .group_by(*place)
        .order_by(number.desc(), Organisation.town)
    )
    return [
        Site(town, country, district, lat, lon, firms)
        for country, district, town, lat, lon, firms in session.execute(rows)
    ]


def open_needs(session: Session, now: datetime, limit: int) -> tuple[int, Sequence[Need]]:
    """How many needs are open, and those that close next."""
    is_open = (
        needs.is_open(),
        or_(Need.bids_until.is_(None), Need.bids_until > now),
    )
    number = select(func.count()).select_from(Need).join(Need.organisation).where(*is_open)
    total = session.scalar(number) or 0
    order = (Need.bids_until.is_(None), Need.bids_until, Need.id)
    query = select(Need).join(Need.organisation).where(*is_open).order_by(*order).limit(limit)
    return total, session.scalars(query).all()


def shows_examples(session: Session) -> bool:
    """Whether invented entries are among what is public."""
    example = select(Organisation.id).where(listed(), Organisation.is_demo.is_(True)).limit(1)
    return session.scalar(example) is not None
