"""Saved searches: what each of them finds among things that are new, and what it knew when it was saved."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session
from starlette.datastructures import QueryParams

from market.accounts.models import Organisation
from market.catalogue import criteria
from market.catalogue import rules as providers
from market.catalogue.documents import provider_documents
from market.needs import rules as needs
from market.needs.documents import need_documents
from market.needs.models import Need
from market.notifications import times
from market.notifications.models import Alert, SavedSearch
from market.offerings import rules as offerings
from market.offerings.documents import offering_documents
from market.offerings.models import Offering
from market.taxonomy.places import Gazetteer
from search.client import Client
from search.documents import IndexName
from search.news import Kept, fitting

Documents = Callable[[Session, list[int], date], Iterator[tuple[int, Any]]]
THINGS: dict[IndexName, tuple[Any, Documents, Callable[[], Select[Any]]]] = {
    "offerings": (Offering, offering_documents, offerings.visible),
    "providers": (Organisation, provider_documents, providers.visible),
    "needs": (Need, need_documents, needs.visible),
}
"""Tab -> record, its public document, and which records have one."""
BASELINES = 50
"""Searches a round whose present hits are looked up."""


@dataclass(frozen=True)
class New:
    """Things of one tab that may be news, by reference: when each was last changed by somebody."""

    tab: IndexName
    changed: Mapping[str, datetime]


def kept(search: SavedSearch, gazetteer: Gazetteer) -> Kept:
    """What a saved address asks for; places and codes are read as they are known today."""
    asked = criteria.read(QueryParams(search.query), gazetteer)
    return Kept(asked.tab, replace(asked.criteria, page=1, sort=""))


def news(session: Session, ids: Mapping[IndexName, Sequence[int]]) -> list[New]:
    """Those of the records that are public now."""
    found = []
    for tab, some in ids.items():
        model, _, public = THINGS[tab]
        query = public().where(model.id.in_(some)).with_only_columns(model.ref, model.updated_at).order_by(None)
        changed = {row.ref: row.updated_at for row in session.execute(query)}
        if changed:
            found.append(New(tab, changed))
    return found


def waiting(session: Session) -> list[SavedSearch]:
    """Confirmed searches whose present hits have not been looked up yet."""
    query = select(SavedSearch).where(SavedSearch.confirmed_at.is_not(None), SavedSearch.known.is_(None))
    return list(session.scalars(query.order_by(SavedSearch.id).limit(BASELINES)))


def remember(session: Session, search_id: int, refs: Sequence[str], whole: bool) -> None:
    """What fits a search and has not changed since it was saved is no news to it."""
    search = session.get(SavedSearch, search_id)
    if search is None or search.confirmed_at is None:
        return
    model = THINGS[search.tab][0]  # type: ignore[index]
    old = select(model.ref).where(model.ref.in_(refs), model.updated_at <= search.confirmed_at)
    search.known = sorted(session.scalars(old)) if refs else []
    search.known_whole = whole


def listening(session: Session, tabs: Sequence[IndexName]) -> list[SavedSearch]:
    query = select(SavedSearch).where(SavedSearch.known.is_not(None), SavedSearch.tab.in_(tabs))
    return list(session.scalars(query.order_by(SavedSearch.id)))


async def find(
    client: Client, searches: Sequence[SavedSearch], new: Sequence[New], gazetteer: Gazetteer, today: int
) -> list[tuple[int, list[str]]]:
    """Search -> what it finds and did not know. Equal searches are asked once. Raises SearchUnavailable."""
    questions = {search.query: kept(search, gazetteer) for search in searches}
    refs: dict[IndexName, list[str]] = {one.tab: list(one.changed) for one in new}
    answers = dict(zip(questions, await fitting(client, list(questions.values()), refs, today), strict=True))
    changed = {one.tab: one.changed for one in new}
    found = []
    for search in searches:
        hits = [ref for ref in answers[search.query] if not _knows(search, ref, changed[questions[search.query].index])]
        if hits:
            found.append((search.id, hits))
    return found


def _knows(search: SavedSearch, ref: str, changed: Mapping[str, datetime]) -> bool:
    if search.known is None or ref in search.known:
        return True
    return not search.known_whole and search.confirmed_at is not None and changed[ref] <= search.confirmed_at


def promise(session: Session, search_id: int, refs: Sequence[str], now: datetime) -> int:
    """Alerts for what a search has not been told of yet; one whose letters are off counts as told."""
    search = session.get(SavedSearch, search_id)
    if search is None:
        return 0
    told = set(session.scalars(select(Alert.thing).where(Alert.search_id == search_id, Alert.thing.in_(refs))))
    due = times.due(search.frequency, now)
    for ref in refs:
        if ref not in told:
            written = None if due else now
            session.add(Alert(search_id=search_id, thing=ref, created_at=now, due_at=due or now, written_at=written))
    return len(set(refs) - told)
