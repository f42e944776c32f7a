"""The same search from the database: plain words, filters and counts, for when Meilisearch is away.

No typo is forgiven and the order is plain: words in the title first. Trades still lead from everyday words and from
other languages to the firms, because offerings and queries share them.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from market.accounts.models import Organisation
from market.catalogue import rules as providers
from market.catalogue.documents import provider_documents
from market.certificates.models import Certificate
from market.needs import rules as needs
from market.needs.documents import need_documents
from market.needs.models import Need
from market.offerings import rules as offerings
from market.offerings.documents import offering_documents
from market.offerings.models import Offering
from market.taxonomy import certificates as catalogue
from market.taxonomy import codes, trades
from market.taxonomy.models import around
from market.values import day_number, distance_km, fold, from_day_number
from search.documents import IndexName
from search.query import Criteria, Hit, Hits

CANDIDATES = 5000
"""At most so many records are looked at: what is found in time is better than a late answer."""

DOCUMENTS = {"offerings": offering_documents, "providers": provider_documents, "needs": need_documents}


def find(session: Session, tab: IndexName, criteria: Criteria, today: date) -> Hits:
    """One page of hits, with the number of all and the counts of the few facets a plain query can give."""
    found = _found(session, tab, criteria, today)
    start = (criteria.page - 1) * criteria.per_page
    page = found[start : start + criteria.per_page]
    made = {id_: d for id_, d in DOCUMENTS[tab](session, [row.id for row in page], today) if d is not None}
    hits = [Hit.plain(made[row.id], distance_km=row.km) for row in page if row.id in made]
    return Hits(total=len(found), total_is_exact=len(found) < CANDIDATES, hits=hits, facets=_facets(found, tab))


def count(session: Session, tab: IndexName, criteria: Criteria, today: date) -> int:
    """How many hits a tab has."""
    return len(_found(session, tab, criteria, today))


class Row:
    """What order and facets need of one candidate."""

    __slots__ = ("day", "id", "in_title", "kind", "km", "languages", "moment", "price", "sunk")

    def __init__(self, row: Any, tab: IndexName, criteria: Criteria, words: list[str]) -> None:
        self.id: int = row.id
        title = fold(row.title)
        self.in_title = sum(word in title for word in words)
        self.kind: str = getattr(row, "kind", "") or ""
        self.languages: Sequence[str] = row.languages
        self.day: int = day_number(row.available_on) if getattr(row, "available_on", None) else 0
        self.price: int | None = getattr(row, "price_cents", None)
        self.moment: datetime | None = row.bids_until if tab == "needs" else row.updated_at
        self.sunk = getattr(row, "sunk_on", None) is not None
        self.km: float | None = None
        if criteria.near is not None and row.lat is not None and row.lon is not None:
            self.km = distance_km(criteria.near.lat, criteria.near.lng, row.lat, row.lon)


def _found(session: Session, tab: IndexName, criteria: Criteria, today: date) -> list[Row]:
    words = fold(criteria.q).split()[:10]
    query = _query(tab, criteria, words, today).limit(CANDIDATES)
    rows = [Row(row, tab, criteria, words) for row in session.execute(query)]
    if criteria.near is not None and criteria.radius_km:
        rows = [row for row in rows if row.km is not None and row.km <= criteria.radius_km]
    return sorted(rows, key=_order(criteria, tab))


def _query(tab: IndexName, criteria: Criteria, words: list[str], today: date) -> Select[*tuple[Any, ...]]:
    if tab == "providers":
        return _providers(criteria, words, today)
    if tab == "needs":
        return _needs(criteria, words)
    return _offerings(criteria, words, today)


def _offerings(criteria: Criteria, words: list[str], today: date) -> Select[*tuple[Any, ...]]:
    o = Offering
    columns = (o.id, o.title, o.kind, o.languages, o.lat, o.lon, o.available_on, o.price_cents, o.updated_at)
    query = select(*columns, o.sunk_on).join(o.organisation).where(offerings.published())
    of_firm = case((offerings.named(), Organisation.search_text), else_="")
    return query.where(
        _says(words, [o.search_text, of_firm], o.trades, criteria.q),
        _in(o.kind, criteria.kinds),
        _any_code(o.trades, criteria.trades),
        _any_code(o.cpv, criteria.cpv, prefix=True),
        _any_code(o.languages, criteria.languages),
        _in(o.district, criteria.districts),
        _certified(o.organisation_id, criteria, today),
        offerings.named() if criteria.certificates else and_(True),
        *_of_firm(criteria),
        *_of_details(criteria),
        *_around(criteria, o.lat, o.lon),
        *(
            [or_(o.available_on.is_(None), o.available_on <= _day(criteria.available_by))]
            if criteria.available_by
            else []
        ),
    )


def _providers(criteria: Criteria, words: list[str], today: date) -> Select[*tuple[Any, ...]]:
    p = Organisation
    columns = (p.id, p.name.label("title"), p.languages, p.lat, p.lon, p.updated_at)
    query = select(*columns).where(providers.listed())
    own = exists().where(Offering.organisation_id == p.id, Offering.status == "published", offerings.named())
    offers = [
        _in(Offering.kind, criteria.kinds),
        _any_code(Offering.trades, criteria.trades),
        _any_code(Offering.cpv, criteria.cpv, prefix=True),
    ]
    said = or_(
        _says(words, [p.search_text]),
        own.where(_says(words, [Offering.search_text], Offering.trades, criteria.q)),
    )
    wants_offers = criteria.kinds or criteria.trades or criteria.cpv
    return query.where(
        said if words else and_(True),
        own.where(*offers) if wants_offers else and_(True),
        _any_code(p.languages, criteria.languages),
        _in(p.district, criteria.districts),
        _certified(p.id, criteria, today),
        *_of_firm(criteria),
        *_around(criteria, p.lat, p.lon),
    )


def _needs(criteria: Criteria, words: list[str]) -> Select[*tuple[Any, ...]]:
    n = Need
    columns = (n.id, n.title, n.kind, n.languages, n.lat, n.lon, n.bids_until, n.updated_at)
    query = select(*columns).join(n.organisation).where(needs.is_open())
    return query.where(
        _says(words, [n.search_text, Organisation.search_text], n.trades, criteria.q),
        _in(n.kind, criteria.kinds),
        _any_code(n.trades, criteria.trades),
        _any_code(n.cpv, criteria.cpv, prefix=True),
        _any_code(n.languages, criteria.languages),
        _in(n.district, criteria.districts),
        _in(n.procedure, criteria.procedures),
        _any_code(n.ewc, [codes.normalise_ewc(code) for code in criteria.ewc]),
        *(_any_code(n.certificates, (wanted.partition(":")[0],), prefix=True) for wanted in criteria.certificates),
        *_of_firm(criteria.within("needs")),
        *_around(criteria, n.lat, n.lon),
    )


def _says(
    words: list[str],
    texts: Sequence[ColumnElement[str] | InstrumentedAttribute[str]],
    trade_column: InstrumentedAttribute[tuple[str, ...]] | None = None,
    q: str = "",
) -> ColumnElement[bool]:
    """Every word stands somewhere in the texts, or the query names a trade of the record."""
    if not words:
        return and_(True)
    every = and_(*(or_(*(text.contains(word, autoescape=True) for text in texts)) for word in words))
    named = [trade.id for trade in trades.named(q)] if trade_column is not None else []
    return or_(every, _any_code(trade_column, named)) if trade_column is not None and named else every


def _any_code(
    column: InstrumentedAttribute[tuple[str, ...]], wanted: Sequence[str], *, prefix: bool = False
) -> ColumnElement[bool]:
    """The `;a;b;` column holds one of the codes, or one that begins so."""
    text = func.coalesce(column, "", type_=Offering.search_text.type)
    end = "" if prefix else ";"
    return or_(*(text.contains(f";{code}{end}", autoescape=True) for code in wanted)) if wanted else and_(True)


def _in(column: InstrumentedAttribute[Any], wanted: Sequence[str]) -> ColumnElement[bool]:
    return column.in_(list(wanted)) if wanted else and_(True)


def _day(number: int) -> date:
    return from_day_number(number)


def _certified(organisation_id: InstrumentedAttribute[int], criteria: Criteria, today: date) -> ColumnElement[bool]:
    """Holds every certificate asked for, on the day asked for; a higher level covers a lower one."""
    day = _day(criteria.valid_on) if criteria.valid_on else today
    conditions = []
    for wanted in criteria.certificates:
        type_, _, level = wanted.partition(":")
        if catalogue.is_private(type_):
            return false()
        held = exists().where(
            Certificate.organisation_id == organisation_id,
            Certificate.type == type_,
            Certificate.state == "verified",
            or_(Certificate.valid_from.is_(None), Certificate.valid_from <= day),
            or_(Certificate.valid_until.is_(None), Certificate.valid_until >= day),
        )
        if level:
            held = held.where(Certificate.level.in_(catalogue.levels_covering(type_, level)))
        conditions.append(held)
    return and_(True, *conditions)


def _of_firm(criteria: Criteria) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if criteria.verified:
        conditions.append(Organisation.verified_on.is_not(None))
    if criteria.employees:
        bounds = {"1-9": (0, 9), "10-49": (10, 49), "50-249": (50, 249), "250+": (250, 10**9)}
        known = [bounds[band] for band in criteria.employees if band in bounds]
        conditions.append(or_(false(), *(Organisation.employees.between(low, high) for low, high in known)))
    return conditions


def _of_details(criteria: Criteria) -> list[ColumnElement[bool]]:
    """What only one kind of offering says: of residual material direction and waste codes, of a module the training
    occupations."""
    details, conditions = Offering.details_json, []
    if criteria.directions:
        conditions.append(details["direction"].as_string().in_(criteria.directions))
    if criteria.ewc:
        wanted = [codes.normalise_ewc(code) for code in criteria.ewc]
        permitted = details[("permit", "codes")].as_string()
        conditions.append(or_(details["ewc_code"].as_string().in_(wanted), _any_listed(permitted, wanted)))
    if criteria.occupations:
        conditions.append(_any_listed(details[("alliance", "occupations")].as_string(), criteria.occupations))
    return conditions


def _any_listed(column: ColumnElement[str], wanted: Sequence[str]) -> ColumnElement[bool]:
    """A list within the details, read as text, holds one of these."""
    return or_(*(column.contains(f'"{one}"', autoescape=True) for one in wanted))


def _around(
    criteria: Criteria, lat: InstrumentedAttribute[float | None], lon: InstrumentedAttribute[float | None]
) -> list[ColumnElement[bool]]:
    if criteria.near is None or not criteria.radius_km:
        return []
    return [around(lat, lon, (criteria.near.lat, criteria.near.lng), criteria.radius_km)]


def _order(criteria: Criteria, tab: IndexName) -> Any:
    far = datetime.max.replace(tzinfo=UTC)
    keys = {
        "distance": lambda r: (r.km is None, r.km or 0.0, r.id),
        "available": lambda r: (r.day, r.id),
        "price": lambda r: (r.price is None, r.price or 0, r.id),
        "newest": lambda r: (-(r.moment.timestamp() if r.moment else 0.0), r.id),
        "deadline": lambda r: (r.moment or far, r.id),
    }
    if criteria.sort == "newest" and tab == "needs":
        return lambda r: -r.id
    return keys.get(criteria.sort, lambda r: (-r.in_title, r.sunk, r.km or 0.0, r.id))


def _facets(found: list[Row], tab: IndexName) -> dict[str, dict[str, int]]:
    """Kind and language from the candidates; the other groups say nothing while the search is limited."""
    languages = Counter(language for row in found for language in row.languages)
    kinds = Counter(row.kind for row in found if row.kind) if tab != "providers" else Counter()
    return {"kinds": dict(kinds), "languages": dict(languages)}
