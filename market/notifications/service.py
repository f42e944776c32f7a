"""What people order and how they move what is in the inbox. Every verb ends in the journal."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from market import journal
from market.accounts.models import Person
from market.accounts.people import address
from market.bids.lifecycle import LIVE
from market.errors import Conflict, TooMany
from market.i18n import N_
from market.needs import declining
from market.needs.models import Invitation, Need, Watch
from market.notifications import own_bids, pipeline, times
from market.notifications.models import Alert, Notice, SavedSearch, Wish
from market.viewer import ANONYMOUS, Viewer

MOST: Final = 50
"""Searches one person may keep."""
UNCONFIRMED: Final = timedelta(days=3)
"""How long the letter that asks for a confirmation can be answered."""
Limit = tuple[int, timedelta]
PER_ADDRESS: Final[tuple[Limit, ...]] = ((3, timedelta(minutes=15)), (10, timedelta(days=1)))
PER_CLIENT: Final[tuple[Limit, ...]] = ((10, timedelta(minutes=15)), (50, timedelta(days=1)))
OVERALL: Final[tuple[Limit, ...]] = ((300, timedelta(minutes=5)),)
FOLLOWED: Final = ("watching", "preparing")
"""Stages in which a firm is written to about changes of a need."""
FEW: Final = 3
"""Firms that have passed a need before its buyer is shown why: fewer would be told apart."""
OVER: Final = timedelta(days=180)
"""After the end of a need what a firm never took up leaves its inbox."""
LONG_OVER: Final = timedelta(days=730)
"""And what it did take up."""
TOLD: Final = timedelta(days=365)
"""How long it is kept when somebody was told of something."""


# -- the inbox


def move(session: Session, viewer: Viewer, notice: Notice, wanted: str, reason: str, now: datetime) -> None:
    """Watch, prepare, pass (with a reason) or take that back. Raises Conflict where the table forbids it."""
    stage = pipeline.after(notice.stage, wanted, notice.before)
    if stage == "passed":
        notice.before = notice.stage
    notice.stage, notice.reason = stage, reason if stage == "passed" else ""
    notice.moved_at, notice.person_id = now, viewer.person_id
    _follow(session, notice, now)
    _answer(session, viewer, notice, now)
    data: dict[str, object] = {"stage": stage, "reason": notice.reason}
    journal.record(session, viewer, "notifications.moved", notice, now, tell=(), data=data)


def watched(session: Session, viewer: Viewer, need: Need, begins: bool, now: datetime) -> None:
    """From the page of a need into the inbox and back, whether it was found to fit or not."""
    mine = viewer.organisation_id or 0
    notice = session.scalar(select(Notice).where(Notice.organisation_id == mine, Notice.need_id == need.id))
    if not begins:
        if notice is not None and notice.stage in FOLLOWED:
            move(session, viewer, notice, "new", "", now)
        return
    if notice is None:
        notice = Notice(organisation_id=mine, need=need, created_at=now, stage="new", before="new")
        session.add(notice)
        session.flush()
    if notice.stage == "passed":
        move(session, viewer, notice, "back", "", now)
    if notice.stage == "new":
        move(session, viewer, notice, "watching", "", now)


def _follow(session: Session, notice: Notice, now: datetime) -> None:
    """Who has taken a need up hears of its changes and answers, as everybody who watches it does."""
    mine = (Watch.need_id == notice.need_id, Watch.organisation_id == notice.organisation_id)
    held = session.scalar(select(Watch).where(*mine))
    if notice.stage in FOLLOWED and held is None:
        session.add(Watch(need_id=notice.need_id, organisation_id=notice.organisation_id, at=now))
    elif notice.stage not in FOLLOWED and held is not None:
        session.delete(held)


def _answer(session: Session, viewer: Viewer, notice: Notice, now: datetime) -> None:
    """An invited firm that passes declines, and the other way round: one answer, wherever it is given."""
    invitation = declining.invitation_of(session, notice.need, notice.organisation_id)
    if invitation is None or (notice.stage == "passed") == (invitation.declined_at is not None):
        return
    if notice.stage == "passed":
        declining.decline(session, viewer, invitation, notice.reason, now)
    else:
        declining.take_back(session, viewer, invitation, now)


def declined(session: Session, viewer: Viewer, invitation: Invitation, now: datetime) -> None:
    """An invitation was declined, or taken up again: the inbox says so, too. Raises Conflict where a bid is there."""
    firm, need = invitation.organisation_id, invitation.need
    notice = session.scalar(select(Notice).where(Notice.organisation_id == firm, Notice.need_id == need.id))
    if invitation.declined_at is None:
        if notice is not None and notice.stage == "passed":
            move(session, viewer, notice, "back", "", now)
        return
    if own_bids.joint(session, firm, [need.id]).get(need.id) in LIVE:
        raise Conflict(N_("You are part of a joint bid that is handed in. Take your consent back first."))
    if own_bids.states(session, firm, [need.id]).get(need.id) in LIVE:
        raise Conflict(N_("Your firm has sent a bid. Withdraw it first."))
    if notice is None:
        notice = Notice(organisation_id=firm, need=need, created_at=now, stage="new", before="new")
        session.add(notice)
        session.flush()
    if notice.stage == "passed":
        notice.reason = invitation.declined_reason
    else:
        move(session, viewer, notice, "passed", invitation.declined_reason, now)


def invitations(session: Session, organisation_id: int, need_ids: Sequence[int]) -> dict[int, Invitation]:
    """Need -> the firm's invitation to it."""
    query = select(Invitation).where(Invitation.organisation_id == organisation_id, Invitation.need_id.in_(need_ids))
    return {one.need_id: one for one in session.scalars(query)}


def why_passed(session: Session, need_id: int) -> dict[str, int]:
    """How many firms passed a need for which reason; empty while they are fewer than three. Never who: so without those
    whose refusal of an invitation the buyer reads by name, else the others could be told from the rest."""
    named = exists().where(Invitation.need_id == need_id, Invitation.organisation_id == Notice.organisation_id)
    query = select(Notice.reason).where(Notice.need_id == need_id, Notice.stage == "passed", ~named)
    counted = Counter(session.scalars(query))
    return dict(counted.most_common()) if counted.total() >= FEW else {}


# -- letters about what fits the own firm


def wish_of(session: Session, person: Person, now: datetime) -> Wish:
    """How often a person wants letters; made on first use, with the address that ends them."""
    wish = session.get(Wish, person.id)
    if wish is None:
        wish = Wish(person_id=person.id, frequency="instant", changed_at=now)
        session.add(wish)
        session.flush()
    return wish


def frequency_of(session: Session, person: Person) -> str:
    """As chosen, else at once."""
    wish = session.get(Wish, person.id)
    return wish.frequency if wish else "instant"


def choose(session: Session, viewer: Viewer, wish: Wish, frequency: str, now: datetime) -> None:
    """Another frequency, also for what waits already."""
    if wish.frequency == frequency:
        return
    wish.frequency, wish.changed_at = frequency, now
    _put_off(session, Alert.person_id == wish.person_id, frequency, now)
    person = session.get_one(Person, wish.person_id)
    data: dict[str, object] = {"frequency": frequency}
    journal.record(session, viewer, "notifications.chosen", person, now, tell=(), data=data)


def _put_off(session: Session, whose: ColumnElement[bool], frequency: str, now: datetime) -> None:
    """What waits for a letter waits for the next one of this frequency; it counts as told where there is none."""
    due = times.due(frequency, now)
    values = {"due_at": due} if due else {"written_at": now}
    session.execute(update(Alert).where(whose, Alert.written_at.is_(None)).values(**values))


# -- saved searches


def save(
    session: Session, viewer: Viewer, person: Person, now: datetime, *, name: str, tab: str, query: str, frequency: str
) -> SavedSearch:
    """A search of somebody signed in. The same one again changes its name and frequency. Raises Conflict past the most
    one may keep."""
    own = SavedSearch.person_id == person.id
    search = session.scalar(select(SavedSearch).where(own, SavedSearch.query == query))
    if search is not None:
        change(session, viewer, search, now, name=name, frequency=frequency)
        return search
    if (session.scalar(select(func.count()).where(own)) or 0) >= MOST:
        raise Conflict(N_("You keep 50 searches already. Delete one you need no more."))
    search = SavedSearch(
        person_id=person.id,
        language=person.language,
        name=name,
        tab=tab,
        query=query,
        frequency=frequency,
        created_at=now,
        confirmed_at=now,
    )
    session.add(search)
    journal.record(session, viewer, "notifications.search_saved", search, now, tell=())
    return search


def order(
    session: Session,
    email: str,
    client: str,
    now: datetime,
    *,
    language: str,
    name: str,
    tab: str,
    query: str,
    frequency: str,
) -> SavedSearch:
    """A search for an address nobody has proved to be the own one: it says nothing until the letter's button is
    pressed. Raises TooMany past the limits of address, client or all together."""
    client_hash = hashlib.sha256(client.encode()).digest()
    _refuse_too_many(session, address(email), client_hash, now)
    search = SavedSearch(
        email=address(email),
        client_hash=client_hash,
        language=language,
        name=name,
        tab=tab,
        query=query,
        frequency=frequency,
        created_at=now,
    )
    session.add(search)
    journal.record(session, ANONYMOUS, "notifications.search_ordered", search, now, tell=())
    return search


def _refuse_too_many(session: Session, email: str, client_hash: bytes, now: datetime) -> None:
    """The rows themselves are counted, so the limits hold for any number of web processes."""
    ordered = SavedSearch.person_id.is_(None)
    of_address, of_client = SavedSearch.email == email, SavedSearch.client_hash == client_hash
    for whose, limits in ((ordered, OVERALL), (of_client, PER_CLIENT), (of_address, PER_ADDRESS)):
        for most, span in limits:
            recent = select(func.count()).where(ordered, whose, SavedSearch.created_at > now - span)
            if (session.scalar(recent) or 0) >= most:
                raise TooMany("Too many letters were asked for.", seconds=int(span.total_seconds()))


def confirm(session: Session, search: SavedSearch, now: datetime) -> None:
    """The holder of the address wants it. An equal search ordered before gives way."""
    if search.confirmed_at is not None:
        return
    twin = (SavedSearch.email == search.email, SavedSearch.query == search.query, SavedSearch.id != search.id)
    for other in session.scalars(select(SavedSearch).where(*twin, SavedSearch.confirmed_at.is_not(None))):
        _delete(session, other)
    search.confirmed_at, search.client_hash = now, None
    journal.record(session, ANONYMOUS, "notifications.search_confirmed", search, now, tell=())


def change(
    session: Session, viewer: Viewer, search: SavedSearch, now: datetime, *, name: str | None = None, frequency: str
) -> None:
    """Another name or frequency; the latter also for what waits already."""
    if frequency != search.frequency:
        search.frequency = frequency
        _put_off(session, Alert.search_id == search.id, frequency, now)
    search.name = name or search.name
    journal.record(session, viewer, "notifications.search_changed", search, now, tell=())


def remove(session: Session, viewer: Viewer, search: SavedSearch, now: datetime) -> None:
    """It goes, and what it was told of with it."""
    journal.record(session, viewer, "notifications.search_removed", search, now, tell=())
    _delete(session, search)


def _delete(session: Session, search: SavedSearch) -> None:
    session.execute(delete(Alert).where(Alert.search_id == search.id))
    session.delete(search)
    session.flush()


# -- what time takes away


def tidy(session: Session, now: datetime) -> int:
    """Orders nobody confirmed, notices of needs long over, and what was told long ago; returns how many rows went."""
    ordered = (SavedSearch.confirmed_at.is_(None), SavedSearch.created_at < now - UNCONFIRMED)
    gone: int = session.execute(delete(SavedSearch).where(*ordered)).rowcount  # type: ignore[attr-defined]
    gone += _forget_told(session, now)
    ended = func.coalesce(Need.closed_at, Need.bids_until, Need.updated_at)
    idle = Notice.stage.in_(("new", "passed"))
    over = or_(idle & (ended < now - OVER), ended < now - LONG_OVER)
    old = list(session.scalars(select(Notice.id).join(Notice.need).where(Need.stage != "published", over)))
    session.execute(delete(Alert).where(Alert.notice_id.in_(old)))
    session.execute(delete(Notice).where(Notice.id.in_(old)))
    return gone + len(old)


def _forget_told(session: Session, now: datetime) -> int:
    """What a search was told of long ago stays known to it, but not when that was."""
    query = select(Alert).where(Alert.search_id.is_not(None), Alert.written_at < now - TOLD)
    old: Sequence[Alert] = list(session.scalars(query.limit(1000)))
    for alert in old:
        if alert.search is not None:
            alert.search.known = sorted({*(alert.search.known or ()), alert.thing})
        session.delete(alert)
    session.flush()
    return len(old)
