"""Plants the demo data of `seeds/data` through the services, like any user. Twice changes nothing.

Days in the files count from the day of the first planting, which the clock's table remembers.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from market.accounts import people
from market.accounts import service as accounts
from market.accounts.models import Organisation
from market.certificates import service as certificates
from market.certificates.models import Certificate
from market.clock import Mark
from market.db import Sessions
from market.needs import service as needs
from market.needs.models import Need
from market.offerings import service as offerings
from market.offerings.models import Offering
from market.taxonomy import codes, trades
from market.taxonomy.places import same_place
from market.values import ZONE, local_day
from market.viewer import Viewer
from seeds import asked, contents, deals, looks, plans, reading, seats, trains

DATA = Path(__file__).parent / "data"
GARDENER = Viewer("seeds", "operator", in_bulk=True)
DEADLINE = time(12, 0)
"""Deadlines of the demo fall on noon, local time."""

KINDS = (
    "organisations",
    "certificates",
    "offerings",
    "needs",
    "bookings",
    "movements",
    "deals",
    "plans",
    "kept",
    "views",
)

Record = dict[str, Any]


def plant(factory: Sessions, now: datetime, progress: Callable[[int], object] = lambda done: None) -> dict[str, int]:
    """Plant everything that is not there yet, in one transaction; returns new records per kind."""
    done = dict.fromkeys(KINDS, 0)
    with factory.begin() as session:
        mark = session.get(Mark, "seeded")
        if mark is None:
            mark = Mark(name="seeded", day=local_day(now))
            session.add(mark)
        for record in firms():
            organisation, created = _organisation(session, record, mark.day, now)
            done["organisations"] += created
            if created:
                _people(session, organisation, record, now)
                done["certificates"] += _certificates(session, organisation, record, mark.day, now)
            done["offerings"] += _offerings(session, organisation, record, mark.day, now)
            progress(1)
        done["needs"] = _needs(session, mark.day, now)
        done["bookings"] = seats.plant(session, GARDENER, read("bookings"), mark.day, now)
        done["movements"] = trains.plant(session, GARDENER, dated(read("movements"), mark.day), now)
        done["deals"] = deals.plant(session, GARDENER, read("deals"), now)
        done["plans"] = plans.plant(session, GARDENER, read("plans"), mark.day, now)
        done["kept"] = asked.plant(session, read("kept"), now)
        done["views"] = looks.plant(session, mark.day)
    return done


def firms() -> list[Record]:
    return read("firms")


def wanted() -> list[Record]:
    return read("needs")


def read(folder: str) -> list[Record]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    files = sorted((DATA / folder).glob("*.yaml"))
    return [record for file in files for record in yaml.load(file.read_text(), loader) or []]


def dated(value: Any, today: date) -> Any:
    """Replace every string `+20` or `-5` by the day so many days from `today`, at any depth."""
    if isinstance(value, dict):
        return {key: dated(inner, today) for key, inner in value.items()}
    if isinstance(value, list):
        return [dated(inner, today) for inner in value]
    if isinstance(value, str) and value[:1] in "+-" and value[1:].isdigit() and len(value) < 6:
        return (today + timedelta(days=int(value))).isoformat()
    return value


def _noon(record: Record, key: str, today: date) -> datetime | None:
    day = reading.day(record, key, today)
    return None if day is None else datetime.combine(day, DEADLINE, ZONE).astimezone(UTC)


def _organisation(session: Session, record: Record, today: date, now: datetime) -> tuple[Organisation, bool]:
    found = session.scalar(select(Organisation).where(Organisation.external_id == record["key"]))
    if found is not None:
        return found, False
    plain = (
        "name",
        "legal_form",
        "street",
        "postcode",
        "town",
        "country",
        "district",
        "lat",
        "lon",
        "employees",
    )
    more = ("founded", "phone", "email", "website", "contact", "registers", "imprint", "about")
    organisation = accounts.create(
        session,
        GARDENER,
        now,
        external_id=record["key"],
        is_partner=bool(record.get("partner")),
        is_demo=bool(record.get("invented", True)),
        languages=tuple(record.get("languages", ["de"])),
        **{name: record[name] for name in (*plain, *more) if record.get(name) is not None},
    )
    verified_on = reading.day(record, "verified", today)
    if verified_on is not None:
        accounts.verify(session, GARDENER, organisation, verified_on, "demo", now)
    return organisation, True


def _people(session: Session, organisation: Organisation, record: Record, now: datetime) -> None:
    """Those who sign in for the firm by a link to their address."""
    for member in record.get("people", ()):
        person = people.create(session, GARDENER, now, member["email"], name=member["name"])
        people.join(session, GARDENER, person, organisation, tuple(member["roles"]), now)


def _certificates(session: Session, organisation: Organisation, record: Record, today: date, now: datetime) -> int:
    for held in record.get("certificates", []):
        certificates.add(
            session,
            GARDENER,
            organisation,
            now,
            type=held["type"],
            level=held.get("level") or "",
            scope=held.get("scope") or "",
            number=held.get("number") or "",
            issuer=held.get("issuer") or "",
            valid_from=reading.day(held, "valid_from", today),
            valid_until=reading.day(held, "valid_until", today),
            state="verified",
        )
    session.flush()
    return session.query(Certificate).where(Certificate.organisation_id == organisation.id).count()


def _offerings(session: Session, organisation: Organisation, record: Record, today: date, now: datetime) -> int:
    planted = 0
    for wanted in record.get("offerings", []):
        same = (Offering.organisation_id == organisation.id) & (Offering.external_id == wanted["key"])
        if session.scalar(select(Offering.id).where(same)) is not None:
            continue
        price = wanted.get("price") or {}
        amount = price.get("amount")
        offerings.create(
            session,
            GARDENER,
            organisation,
            now,
            status=wanted.get("status", "published"),
            external_id=wanted["key"],
            price_mode=price.get("mode", "on_request"),
            price_cents=None if amount is None else round(amount * 100),
            currency=price.get("currency", "EUR"),
            unit=price.get("unit", ""),
            details=dated(wanted.get("details", {}), today),
            available_on=reading.day(wanted, "available", today),
            cpv=_cpv(wanted),
            trades=tuple(wanted["trades"]),
            languages=tuple(wanted.get("languages") or organisation.languages),
            areas=tuple(wanted.get("areas", ())),
            **same_place(organisation),
            keywords=[str(word) for word in wanted.get("keywords", ())],
            **_given(wanted, "kind", "lang", "title", "summary", "description", "texts", "radius_km"),
            **_given(wanted, "lead_time_days", "audience"),
        )
        planted += 1
    return planted


def _needs(session: Session, today: date, now: datetime) -> int:
    planted = 0
    for record in wanted():
        organisation = reading.firm(session, record["organisation"])
        same = (Need.organisation_id == organisation.id) & (Need.external_id == record["key"])
        if session.scalar(select(Need.id).where(same)) is not None:
            continue
        stage = "draft" if "pool" in record else record.get("stage", "published")
        need = needs.create(session, GARDENER, organisation, now, stage=stage, **facts(record, organisation, today))
        contents.fill(session, GARDENER, need, record, now)
        planted += 1
    return planted


def facts(record: Record, organisation: Organisation, today: date) -> Record:
    """The fields of a need."""
    return {
        "external_id": record["key"],
        **reading.site_of(record, organisation),
        "cpv": _cpv(record),
        **{name: tuple(record.get(name, ())) for name in ("ewc", "trades", "certificates", "languages")},
        **{name: reading.day(record, name, today) for name in ("execution_from", "execution_until", "decision_by")},
        **{name: _noon(record, name, today) for name in ("questions_until", "bids_until")},
        "published_at": _noon(record, "published", today),
        **_given(record, "kind", "procedure", "lang", "title", "summary", "description", "texts"),
        **_given(record, "quantity", "unit", "visibility", "estimate_cents", "late_policy"),
    }


def _given(record: Record, *names: str) -> Record:
    return {name: record[name] for name in names if record.get(name) is not None}


def _cpv(record: Record) -> tuple[str, ...]:
    """The codes stated, else those of the main trade."""
    stated = record.get("cpv") or (trades.get(record["trades"][0]).cpv if record.get("trades") else ())
    return tuple(codes.normalise_cpv(code) for code in stated)
