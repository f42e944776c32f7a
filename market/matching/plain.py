"""Candidates from the database while the search server is away: whoever shares a telling word or a code."""

from datetime import date

from sqlalchemy import or_
from sqlalchemy.orm import Session

from market.matching.asked import Asked
from market.offerings.documents import offering_documents
from market.offerings.models import Offering
from market.offerings.rules import visible
from search.evidence import Document
from search.terms import Frequencies, beginning, terms

WORDS = 10


def plain_candidates(session: Session, asked: Asked, today: date, most: int) -> list[Document]:
    """Public documents, as the index would hold them."""
    words = terms(asked.title, asked.text, Frequencies(), WORDS).words
    said = [Offering.search_text.contains(beginning(word), autoescape=True) for word in words]
    coded = [Offering.cpv.contains(code[:5]) for code in list(asked.codes)[:3]]
    query = visible().where(or_(*said, *coded)) if said or coded else visible()
    if asked.kind:
        query = query.where(Offering.kind == asked.kind)
    ids = list(session.scalars(query.with_only_columns(Offering.id).order_by(Offering.id).limit(most)))
    return [document for _, document in offering_documents(session, ids, today) if document is not None]
