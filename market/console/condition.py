"""How the parts of the marketplace fare: indexes, outbox, letters, relay. Reads only."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from market.clock import Mark
from market.commands import doctor
from market.config import Settings
from market.journal import Errand
from market.mail.models import Letter
from market.sources import SOURCES
from search import write
from search.client import admin
from search.errors import FAULTS, SearchError

SHOWN = 50
LATE = timedelta(minutes=2)
"""A clock that came by longer ago says that no relay runs."""


@dataclass(frozen=True)
class Index:
    """Documents of an index beside the public records; `found` is None where there is no index."""

    name: str
    found: int | None
    wanted: int

    @property
    def ok(self) -> bool:
        return self.found == self.wanted


@dataclass(frozen=True)
class Queue:
    """What waits: how many, since when the oldest, and those that failed at least once, the worst first."""

    waiting: int
    oldest: datetime | None
    failed: list[Errand]


@dataclass(frozen=True)
class Post:
    """Letters: waiting, of which failed before, and refused for good."""

    waiting: int
    oldest: datetime | None
    failed: list[Letter]
    bounced: list[Letter]
    bounced_in_all: int
    sent_today: int


def indexes(session: Session, settings: Settings) -> tuple[list[Index], str]:
    """Sizes, or a sentence of the search server's fault."""
    wanted = {name: source.size(session) for name, source in SOURCES.items()}
    if settings.search_url is None:
        return [], "MARKET_SEARCH_URL"
    try:
        client = admin(settings.search_url, settings.search_key)
        return [Index(name, write.count(client, name), number) for name, number in wanted.items()], ""
    except (SearchError, *FAULTS) as error:
        return [], str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__


def outbox(session: Session) -> Queue:
    waiting, oldest = session.execute(select(func.count(), func.min(Errand.created_at))).one()
    failed = select(Errand).where(Errand.attempts > 0).order_by(Errand.attempts.desc(), Errand.id).limit(SHOWN)
    return Queue(waiting, oldest, list(session.scalars(failed)))


def post(session: Session, midnight: datetime) -> Post:
    open_ = (Letter.sent_at.is_(None), Letter.bounced_at.is_(None))
    waiting, oldest = session.execute(select(func.count(), func.min(Letter.created_at)).where(*open_)).one()
    failed = select(Letter).where(*open_, Letter.attempts > 0).order_by(Letter.attempts.desc(), Letter.id)
    bounced = select(Letter).where(Letter.bounced_at.is_not(None)).order_by(Letter.bounced_at.desc())
    number = select(func.count()).select_from(Letter)
    return Post(
        waiting,
        oldest,
        list(session.scalars(failed.limit(SHOWN))),
        list(session.scalars(bounced.limit(SHOWN))),
        session.scalar(number.where(Letter.bounced_at.is_not(None))) or 0,
        session.scalar(number.where(Letter.sent_at >= midnight)) or 0,
    )


def last_round(session: Session) -> datetime | None:
    """When the relay's clock last came by; it does every 15 seconds."""
    mark = session.get(Mark, "round")
    return mark.at if mark else None


def checks(engine: Engine, settings: Settings) -> Iterator[tuple[str, bool, str]]:
    """The lines of `market doctor` that cost little: part, whether it is well, what was found."""
    for name, found in (
        ("database", doctor.check_database(engine)),
        ("mail", doctor.check_mail(settings.mail_url)),
        ("files", doctor.check_files(settings.files_url)),
    ):
        for well, line in found:
            yield name, well, line
