"""How soon whoever is to hear of a need has a letter, and whether exactly those do: 10,000 firms, 1,000 saved searches.

    python -m tests.bench.alerts [--firms 10000] [--searches 1000] [--needs 40]

Firms of trades that have nothing in common; of each trade some lack the proof a need asks for, some are too far
away. So who is to hear of a need is known beforehand: its trade's firms within reach that hold the proof, and the
searches for its trade or its word. Everything goes through the real relay; the time runs from the commit of the
publication to the letter in the outbox.
"""

import argparse
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from market.accounts.models import MAIL, Member, Organisation, Person
from market.certificates.models import Certificate
from market.commands.migrate import migrate
from market.db import Sessions, connect, read_only, sessions
from market.journal import Errand
from market.mail.models import Letter
from market.needs import service
from market.notifications.models import Alert, SavedSearch, new_token
from market.offerings.models import Offering
from market.taxonomy.trades import Trade, by_id
from market.values import local_day, new_ref, utc_now
from market.viewer import Viewer
from search.client import admin
from tests.bench.report import Report, p50, share
from tests.conftest import empty
from tests.factories import DETAILS
from tests.support import postgres
from tests.support.town import KEY, Town, town, until

GOAL = 60.0
AUTHOR = Viewer("bench", "operator")
NEAR, FAR = (52.15, 14.63), (48.14, 11.58)
PROOF = "iso-9001"
NEEDS = 40
"""Published one after the other, at most one of each trade."""


@dataclass(frozen=True)
class Planted:
    """Addresses that are to hear of a need, by its trade."""

    trades: Sequence[Trade]
    firms: dict[str, set[str]]
    searches: dict[str, set[str]]


def apart() -> list[Trade]:
    """Trades of which no two share a class of codes or are related: what fits one fits no other."""
    chosen: list[Trade] = []
    taken: set[str] = set()
    for trade in by_id().values():
        mine = {trade.id, *trade.related, *(code[:4] for code in trade.cpv)}
        if trade.kind == "service" and trade.cpv and not mine & taken:
            chosen.append(trade)
            taken |= mine
    return chosen


def plant(session: Session, firms: int, searches: int) -> Planted:
    now, day = utc_now(), local_day(utc_now())
    trades = apart()
    found = Planted(trades, {one.id: set() for one in trades}, {one.id: set() for one in trades})
    rows: dict[Any, list[dict[str, Any]]] = {Organisation: [], Person: [], Member: [], Offering: [], Certificate: []}
    common = {"created_at": now, "updated_at": now}
    for number in range(1, firms + 1):
        trade, turn = trades[number % len(trades)], number // len(trades) % 10
        holds, near = turn in (0, 1), turn != 1
        address = f"firm{number}@bench.example"
        if holds and near:
            found.firms[trade.id].add(address)
        lat, lon = NEAR if near else FAR
        place = {"lat": lat, "lon": lon, "town": "Probestadt"}
        rows[Organisation].append(common | place | {"id": number, "name": f"Firma {number}", "verified_on": day})
        person = {"id": number, "issuer": MAIL, "subject": address, "email": address, "created_at": now}
        rows[Person].append(person)
        member = {"person_id": number, "organisation_id": number, "roles": ("bidder",), "created_at": now}
        rows[Member].append(member)
        rows[Offering].append(common | place | _offering(trade, number))
        if holds:
            rows[Certificate].append(common | _certificate(number, day))
    for model, some in rows.items():
        for start in range(0, len(some), 1000):
            session.execute(insert(model), some[start : start + 1000])
    for number in range(searches):
        session.add(_search(trades[number % len(trades)], number, found))
    return found


def _offering(trade: Trade, number: int) -> dict[str, Any]:
    words = ", ".join(trade.synonyms.get("de", ()))
    return {
        "organisation_id": number,
        "kind": "service",
        "status": "published",
        "title": f"{trade.names['de']}",
        "description": f"{trade.names['de']}: {words}.",
        "trades": (trade.id,),
        "cpv": trade.cpv[:1],
        "radius_km": 100,
        "details_json": DETAILS["service"],
        "published_at": utc_now(),
    }


def _certificate(number: int, day: date) -> dict[str, Any]:
    until_ = day + timedelta(days=400)
    return {"organisation_id": number, "type": PROOF, "state": "verified", "valid_until": until_}


def _search(trade: Trade, number: int, found: Planted) -> SavedSearch:
    """By trade, by the need's own word, or by trade in a place where nothing is."""
    address, sort = f"search{number}@bench.example", number // len(found.trades) % 3
    query = (f"tab=needs&trade={trade.id}", f"tab=needs&q={word_of(trade)}", f"trade={trade.id}&tab=offerings")[sort]
    if sort < 2:
        found.searches[trade.id].add(address)
    return SavedSearch(
        email=address,
        language="de",
        name=query,
        tab="offerings" if sort == 2 else "needs",
        query=query,
        frequency="instant",
        created_at=utc_now(),
        confirmed_at=utc_now(),
        token=new_token(),
    )


def word_of(trade: Trade) -> str:
    """A word only the need of this trade holds, more typing errors away from the others than are forgiven."""
    return "".join(chr(ord("a") + int(digit, 16)) for digit in sha256(trade.id.encode()).hexdigest()[:14])


def publish(factory: Sessions, trade: Trade, buyer_id: int) -> float:
    """A need of the trade; when its publication was committed."""
    now = utc_now()
    with factory.begin() as session:
        buyer = session.get_one(Organisation, buyer_id)
        service.create(
            session,
            AUTHOR,
            buyer,
            now,
            stage="published",
            kind="service",
            title=f"{trade.names['de']} {word_of(trade)}",
            description=f"{trade.names['de']}: {', '.join(trade.synonyms.get('de', ()))}.",
            trades=(trade.id,),
            cpv=trade.cpv[:1],
            lat=NEAR[0],
            lon=NEAR[1],
            execution_from=local_day(now) + timedelta(days=30),
            bids_until=now + timedelta(days=20),
            certificates=(PROOF,),
        )
    return time.time()


@dataclass
class Told:
    """What came of one need."""

    seconds: list[float]
    missed: int
    too_many: int
    twice: int


def tell(factory: Sessions, planted: Planted, trade: Trade, buyer_id: int) -> Told:
    """Publish, wait until the crier is done, and count who was told."""
    with read_only(factory) as session:
        last = session.scalar(select(func.max(Letter.id))) or 0
    began = publish(factory, trade, buyer_id)

    def waiting() -> int:
        with read_only(factory) as session:
            errands = session.scalar(select(func.count()).select_from(Errand)) or 0
            unwritten = select(func.count()).select_from(Alert).where(Alert.written_at.is_(None))
            return errands + (session.scalar(unwritten) or 0)

    until(lambda: not waiting(), 300, "the crier")
    with read_only(factory) as session:
        rows = session.execute(select(Letter.to, Letter.created_at).where(Letter.id > last)).all()
    to = [row.to for row in rows]
    expected = planted.firms[trade.id] | planted.searches[trade.id]
    seconds = [row.created_at.timestamp() - began for row in rows]
    return Told(seconds, len(expected - set(to)), len(set(to) - expected), len(to) - len(set(to)))


def ready(built: Town, factory: Sessions) -> bool:
    """All documents are in the index, and every search has looked at what is there."""
    with read_only(factory) as session:
        unknown = session.scalar(select(func.count()).select_from(SavedSearch).where(SavedSearch.known.is_(None)))
        offered = session.scalar(select(func.count()).select_from(Offering)) or 0
    if unknown:
        return False
    stats = admin(built.search_url, KEY).index("offerings").get_stats()
    return int(stats.number_of_documents) >= offered


def alerts(report: Report, folder: Path, databases: dict[str, str], firms: int, searches: int, needs: int) -> None:
    told: list[tuple[object, ...]] = []
    for name, url in databases.items():
        engine = connect(url)
        factory = sessions(engine)
        empty(engine)
        with factory.begin() as session:
            planted = plant(session, firms, searches)
            buyer = Organisation(id=firms + 1, ref=new_ref(), name="Probewerk", is_partner=True, verified_on=None)
            buyer.created_at = buyer.updated_at = utc_now()
            session.add(buyer)
        with town(folder / f"alerts-{name}", url, warm=True) as built:
            built.start("meilisearch", "relay")
            until(lambda b=built, f=factory: ready(b, f), 1800, "the index")  # type: ignore[misc]
            found = [
                tell(factory, planted, planted.trades[number % len(planted.trades)], firms + 1)
                for number in range(min(needs, len(planted.trades)))
            ]
        engine.dispose()
        times = sorted(second for one in found for second in one.seconds)
        wrong = sum(one.missed + one.too_many + one.twice for one in found)
        counts = (sum(one.missed for one in found), sum(one.too_many for one in found), sum(one.twice for one in found))
        told.append((name, len(found), len(times), *counts, f"{p50(times):.2f}", f"{share(times, 0.95):.2f}"))
        report.goal(f"publication to letter in the outbox, {name}: p95", share(times, 0.95), GOAL, "s")
        report.goal(f"letters missing, too many or twice, {name}", wrong, 0, "letters")
    title = f"Told at once: {firms:,} firms, {searches:,} saved searches"
    heads = "database | needs | letters | missing | too many | twice | s to the letter, p50 | p95"
    report.table(title, heads, told)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--firms", type=int, default=10_000)
    parser.add_argument("--searches", type=int, default=1000)
    parser.add_argument("--needs", type=int, default=NEEDS)
    given, report = parser.parse_args(), Report()
    with tempfile.TemporaryDirectory(prefix="market-alerts-") as name, postgres.cluster() as url:
        databases = {"SQLite": f"sqlite:///{Path(name) / 'market.db'}", "PostgreSQL": url}
        for one in databases.values():
            migrate(one)
        alerts(report, Path(name), databases, given.firms, given.searches, given.needs)
    report.end()


if __name__ == "__main__":
    main()
