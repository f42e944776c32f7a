"""Does it still hold? Asked every month; without an answer an offering stands further down, then pauses."""

import secrets
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Select, Text, or_, select, type_coerce, update
from sqlalchemy.orm import Session

from market.accounts import people
from market.accounts.models import Organisation, Person
from market.accounts.sessions import hashed
from market.i18n import language_of
from market.mail import letters
from market.offerings import service
from market.offerings.lifecycle import ASKED_AFTER_DAYS, PAUSES_AFTER_DAYS, SINKS_AFTER_DAYS
from market.offerings.models import Offering
from market.publishing.models import Question
from market.values import local_day
from market.viewer import SYSTEM, Viewer
from market.web.languages import localised

ASKED_AFTER: Final = timedelta(days=ASKED_AFTER_DAYS)
SINKS_AFTER: Final = timedelta(days=SINKS_AFTER_DAYS)
PAUSES_AFTER: Final = timedelta(days=PAUSES_AFTER_DAYS)


def due_on(offering: Offering) -> date | None:
    """The day the firm is asked next; None where it is not public or was asked already."""
    if offering.status != "published" or offering.asked_on is not None:
        return None
    known = offering.confirmed_on or (local_day(offering.published_at) if offering.published_at else None)
    return known + ASKED_AFTER if known else None


def tick(session: Session, today: date, now: datetime, base_url: str) -> int:
    """What is due today; returns how many offerings it moved. A second time on a day moves nothing."""
    moved = _come_back(session, today, now)
    moved += _pause(session, today, now, base_url)
    moved += _sink(session, today, now, base_url)
    return moved + _ask(session, today, now, base_url)


def _come_back(session: Session, today: date, now: datetime) -> int:
    """Paused until a day that has come."""
    due = select(Offering).where(Offering.status == "paused", Offering.paused_until <= today)
    found = [one for one in session.scalars(due) if service.is_whole(one)]
    for offering in found:
        service.move(session, SYSTEM, offering, "publish", now)
    return len(found)


def _ask(session: Session, today: date, now: datetime, base_url: str) -> int:
    """One letter a firm, for all that is due. A firm without members is kept by the operator, who knows."""
    limit = today - ASKED_AFTER
    silent = Offering.confirmed_on.is_(None) & (Offering.published_at <= now - ASKED_AFTER)
    known = or_(Offering.confirmed_on <= limit, silent)
    due = select(Offering).where(Offering.status == "published", Offering.asked_on.is_(None), known)
    asked = 0
    for firm, found in _by_firm(session, due).items():
        readers = people.editors(session, firm)
        if not readers or firm.suspended_at is not None:
            continue
        token = secrets.token_urlsafe(32)
        refs = [one.ref for one in found]
        session.add(Question(organisation=firm, token_hash=hashed(token), offerings=refs, asked_on=today))
        for offering in found:
            offering.asked_on = today
        _write(session, readers, firm, found, "publishing/still_true", now, base_url, token)
        asked += len(found)
    return asked


def _sink(session: Session, today: date, now: datetime, base_url: str) -> int:
    due = select(Offering).where(
        Offering.status == "published", Offering.sunk_on.is_(None), Offering.asked_on <= today - SINKS_AFTER
    )
    sunk = 0
    for firm, found in _by_firm(session, due).items():
        for offering in found:
            service.sink(session, offering, today, now)
        sunk += len(found)
        _again(session, firm, found, "publishing/sunk", today, now, base_url)
    return sunk


def _pause(session: Session, today: date, now: datetime, base_url: str) -> int:
    due = select(Offering).where(Offering.status == "published", Offering.sunk_on <= today - PAUSES_AFTER)
    paused = 0
    for firm, found in _by_firm(session, due).items():
        for offering in found:
            service.pause(session, SYSTEM, offering, now)
        paused += len(found)
        _again(session, firm, found, "publishing/paused", today, now, base_url)
    return paused


def _again(
    session: Session, firm: Organisation, found: list[Offering], event: str, today: date, now: datetime, base_url: str
) -> None:
    """A letter with a fresh link; the older one works, too."""
    token = secrets.token_urlsafe(32)
    refs = [one.ref for one in found]
    session.add(Question(organisation=firm, token_hash=hashed(token), offerings=refs, asked_on=today))
    _write(session, people.editors(session, firm), firm, found, event, now, base_url, token)


def _by_firm(session: Session, due: Select[Offering]) -> dict[Organisation, list[Offering]]:
    found: dict[Organisation, list[Offering]] = {}
    for offering in session.scalars(due.order_by(Offering.organisation_id, Offering.id)):
        found.setdefault(offering.organisation, []).append(offering)
    return found


def _write(
    session: Session,
    readers: list[Person],
    firm: Organisation,
    found: list[Offering],
    event: str,
    now: datetime,
    base_url: str,
    token: str,
) -> None:
    for person in readers:
        language = language_of(person.language)
        letters.write(
            session,
            now,
            person.email,
            language,
            event,
            firm=firm.name,
            titles=[one.title for one in found],
            days=SINKS_AFTER.days,
            link=base_url + localised(f"/still-true/{token}", language),
        )


def by_token(session: Session, token: str) -> Question | None:
    """The question a letter asked; its link works until it is answered, and then shows that it was."""
    return session.scalar(select(Question).where(Question.token_hash == hashed(token)))


def offerings_of(session: Session, question: Question) -> list[Offering]:
    """Those asked for that are still there to be confirmed."""
    query = select(Offering).where(
        Offering.ref.in_(question.offerings), Offering.organisation_id == question.organisation_id
    )
    can = (Offering.status == "published") | (Offering.status == "paused") & Offering.sunk_on.is_not(None)
    return list(session.scalars(query.where(can).order_by(Offering.id)))


def answer(session: Session, viewer: Viewer, question: Question, refs: list[str], now: datetime) -> int:
    """The firm says of these that they hold; how many. The question counts as answered."""
    used = update(Question).where(Question.id == question.id, Question.answered_at.is_(None)).values(answered_at=now)
    if not session.execute(used.returning(Question.id)).all():
        return 0
    confirmed = [one for one in offerings_of(session, question) if one.ref in refs]
    for offering in confirmed:
        service.confirm(session, viewer, offering, now)
    return len(confirmed)


def blocked_this_week(session: Session, week: str) -> list[int]:
    """Ids of public offerings for which a blocked week begins: their first free day is another one now."""
    listed = type_coerce(Offering.blocked_weeks, Text)  # as it is kept, `;a;b;`
    query = select(Offering.id).where(Offering.status == "published", listed.contains(f";{week};", autoescape=True))
    return list(session.scalars(query))
