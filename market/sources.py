"""Which records make which documents: read by relay, rebuild and doctor alike."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

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
from search.documents import Document, IndexName

Documents = Callable[[Session, list[int], date], Iterator[tuple[int, Document | None]]]

BATCH = 1000
"""Records a query: keeps memory flat and stays below SQLite's limit of bound values."""


@dataclass(frozen=True)
class Source:
    """One index: its table, its key in the index and the function that makes its documents."""

    index: IndexName
    model: type[Any]
    documents: Documents
    public: Callable[[], Select[Any]]
    """Records that have a document."""

    @property
    def key(self) -> ColumnElement[int]:
        """The table's primary key."""
        column: ColumnElement[int] = self.model.__table__.c.id
        return column

    def refs(self, session: Session, ids: list[int]) -> dict[int, str]:
        """Public reference by id, for the records that still exist."""
        rows = session.execute(select(self.key, self.model.ref).where(self.key.in_(ids)))
        return {row.id: row.ref for row in rows}

    def all_ids(self, session: Session) -> Iterator[list[int]]:
        """All ids in batches, ascending."""
        last = 0
        while ids := list(session.scalars(select(self.key).where(self.key > last).order_by(self.key).limit(BATCH))):
            yield ids
            last = ids[-1]

    def all_documents(self, session: Session, today: date) -> Iterator[Document]:
        """Every public document, made in batches."""
        for ids in self.all_ids(session):
            yield from (document for _, document in self.documents(session, ids, today) if document is not None)
            session.expunge_all()

    def size(self, session: Session) -> int:
        """Number of documents the index should hold."""
        ids = self.public().with_only_columns(self.key).order_by(None).subquery()
        return session.scalar(select(func.count()).select_from(ids)) or 0


SOURCES: dict[IndexName, Source] = {
    "offerings": Source("offerings", Offering, offering_documents, offerings.visible),
    "providers": Source("providers", Organisation, provider_documents, providers.visible),
    "needs": Source("needs", Need, need_documents, needs.visible),
}


def touched(session: Session, subject: str, ids: list[int]) -> dict[IndexName, list[int]]:
    """The records whose documents a change of these records touches.

    An organisation stands in its offerings and needs, a certificate in its organisation and that one's offerings, an
    offering in its provider.
    """

    def select_ids(model: type[Any], where: ColumnElement[bool]) -> list[int]:
        query: Select[tuple[int]] = select(model.id).where(where)
        return list(session.scalars(query))

    if subject == "needs":
        return {"needs": ids}
    if subject == "offerings":
        owners = set(session.scalars(select(Offering.organisation_id).where(Offering.id.in_(ids))))
        return {"offerings": ids, "providers": sorted(owners)}
    organisations = ids
    if subject == "certificates":
        organisations = list(
            session.scalars(select(Certificate.organisation_id).distinct().where(Certificate.id.in_(ids)))
        )
    touched: dict[IndexName, list[int]] = {
        "providers": organisations,
        "offerings": select_ids(Offering, Offering.organisation_id.in_(organisations)),
    }
    if subject == "organisations":
        touched["needs"] = select_ids(Need, Need.organisation_id.in_(organisations))
    return touched
