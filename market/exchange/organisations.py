"""The organisation a record names: found by its name, or created and verified by the operator's import."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.accounts import service as accounts
from market.accounts.models import Organisation
from market.values import local_day
from market.viewer import Viewer

UNNAMED = "Ohne Namen"
"""Home of records that name nobody; never verified."""
SOURCE = "import"


def key(name: str) -> str:
    """Names that differ only in case and spaces are one."""
    return " ".join(name.casefold().split())


@dataclass
class Directory:
    """Ids of all organisations by their folded name, read once and then only what is new.

    `fresh` are those the present transaction has made; `refresh` begins the next one.
    """

    ids: dict[str, int] = field(default_factory=dict)
    last: int = 0
    fresh: dict[str, Organisation] = field(default_factory=dict)

    def refresh(self, session: Session) -> None:
        query = select(Organisation.id, Organisation.name).where(Organisation.id > self.last)
        for id_, name in session.execute(query.order_by(Organisation.id)):
            self.ids.setdefault(key(name), id_)
            self.last = id_
        self.fresh.clear()

    def find(self, session: Session, name: str) -> Organisation | None:
        known = self.fresh.get(key(name))
        if known is not None:
            return known
        id_ = self.ids.get(key(name))
        return session.get(Organisation, id_) if id_ is not None else None

    def find_or_create(
        self, session: Session, viewer: Viewer, name: str, now: datetime, **fields: object
    ) -> Organisation:
        """The organisation of this name; a new one takes the fields and counts as verified."""
        name = " ".join(name.split()) or UNNAMED
        found = self.find(session, name)
        if found is not None:
            return found
        if name == UNNAMED:
            fields = {}
        made = accounts.create(session, viewer, now, name=name, **fields)
        if name != UNNAMED:
            accounts.verify(session, viewer, made, local_day(now), SOURCE, now)
        self.fresh[key(name)] = made
        return made
