"""What happens to planned work and to pledges. Every verb ends in the journal, which never says how many people."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from market import journal
from market.accounts.models import Organisation
from market.db import assign
from market.errors import Conflict
from market.i18n import N_
from market.lookaheads import lifecycle
from market.lookaheads.models import Lookahead, Pledge
from market.needs import service as needs
from market.needs.models import Invitation, Need
from market.needs.procedures import PROCEDURES
from market.values import local_day
from market.viewer import Viewer

CARRIED = "lang title site postcode town country district lat lon trades cpv".split()
"""What a need takes over as it stands."""


def create(session: Session, viewer: Viewer, organisation: Organisation, now: datetime, **fields: object) -> Lookahead:
    """A draft."""
    entry = Lookahead(organisation=organisation, state="draft", created_at=now, updated_at=now, **fields)
    session.add(entry)
    journal.record(session, viewer, "lookaheads.created", entry, now, tell=())
    return entry


def change(session: Session, viewer: Viewer, entry: Lookahead, now: datetime, **fields: object) -> str:
    """What the firms that pledged are to be told: `moved`, `changed`, or nothing. Raises Conflict once it is over."""
    if entry.state not in lifecycle.CHANGEABLE:
        raise Conflict(N_("This has changed meanwhile, so that is no longer possible."), reason="state")
    changed = assign(entry, fields)
    if not changed:
        return ""
    entry.updated_at = now
    moved = not changed.isdisjoint({"first_on", "last_on"}) and entry.state == "published"
    if moved:
        entry.moved_at = now
    verb = "lookaheads.moved" if moved else "lookaheads.changed"
    journal.record(session, viewer, verb, entry, now, tell=(), data={"fields": sorted(changed)})
    return "moved" if moved else "changed" if entry.state == "published" else ""


def publish(session: Session, viewer: Viewer, entry: Lookahead, now: datetime) -> None:
    """Raises Conflict where its time is over."""
    if entry.last_on < local_day(now):
        raise Conflict(N_("Its last day is over. Change the days first."), reason="over")
    _move(session, viewer, entry, "publish", now)
    entry.published_at = now


def cancel(session: Session, viewer: Viewer, entry: Lookahead, reason: str, now: datetime) -> None:
    _move(session, viewer, entry, "cancel", now)
    entry.reason = reason


def lapse(session: Session, viewer: Viewer, entry: Lookahead, now: datetime) -> None:
    _move(session, viewer, entry, "lapse", now)


def call(session: Session, viewer: Viewer, entry: Lookahead, procedure: str, now: datetime) -> Need:
    """A draft need with what the entry says; the firms that pledged are invited to it, their letters go out with it."""
    _move(session, viewer, entry, "call", now)
    need = needs.create(
        session,
        viewer,
        entry.organisation,
        now,
        description=entry.expected,
        procedure=procedure,
        visibility=PROCEDURES[procedure].visibility,
        contact_id=viewer.person_id,
        execution_from=entry.first_on,
        execution_until=entry.last_on,
        **{name: getattr(entry, name) for name in CARRIED},
    )
    session.flush()
    entry.need = need
    firms = [one.organisation for one in pledges_of(session, entry) if one.organisation.suspended_at is None]
    session.add_all(Invitation(need=need, organisation=firm, at=now) for firm in firms)
    if firms:
        data: dict[str, object] = {"firms": [firm.ref for firm in firms]}
        journal.record(session, viewer, "needs.invited", need, now, tell=(), data=data)
    return need


def pledges_of(session: Session, entry: Lookahead) -> Sequence[Pledge]:
    """What stands pledged, in the order it came."""
    session.flush()
    query = select(Pledge).where(Pledge.lookahead_id == entry.id, Pledge.state == "pledged")
    return session.scalars(query.order_by(Pledge.id).options(joinedload(Pledge.organisation))).all()


def pledged(session: Session, entries: Sequence[Lookahead]) -> dict[int, tuple[int, int]]:
    """By entry: how many firms, and how many people; all that were asked about stand there."""
    session.flush()
    found = {one.id: (0, 0) for one in entries}
    query = select(Pledge).where(Pledge.lookahead_id.in_(found), Pledge.state == "pledged")
    for one in session.scalars(query):
        firms, people = found[one.lookahead_id]
        found[one.lookahead_id] = (firms + 1, people + one.total)
    return found


def pledge_of(session: Session, entry: Lookahead, organisation_id: int) -> Pledge | None:
    session.flush()
    query = select(Pledge).where(Pledge.lookahead_id == entry.id, Pledge.organisation_id == organisation_id)
    return session.scalar(query)


def pledge(
    session: Session,
    viewer: Viewer,
    entry: Lookahead,
    organisation: Organisation,
    now: datetime,
    *,
    people: Mapping[str, int],
    first_on: date,
    last_on: date,
    remark: str,
) -> str:
    """New, changed or given again; returns the move. Raises Conflict where the entry takes none any more."""
    _takes(entry, now)
    held = pledge_of(session, entry, organisation.id)
    name = "pledge" if held is None else "change" if held.state == "pledged" else "pledge"
    if held is None:
        held = Pledge(lookahead=entry, organisation=organisation, created_at=now, state="pledged")
        session.add(held)
    else:
        held.state = lifecycle.after(lifecycle.PLEDGES, held.state, name)
    held.people, held.first_on, held.last_on, held.remark = dict(people), first_on, last_on, remark
    held.person_id, held.updated_at = viewer.person_id, now
    journal.record(session, viewer, f"lookaheads.{lifecycle.VERBS[name]}", held, now, tell=())
    return name


def withdraw(session: Session, viewer: Viewer, held: Pledge, now: datetime) -> None:
    """Raises Conflict for one that is withdrawn."""
    held.state = lifecycle.after(lifecycle.PLEDGES, held.state, "withdraw")
    held.updated_at = now
    journal.record(session, viewer, f"lookaheads.{lifecycle.VERBS['withdraw']}", held, now, tell=())


def due(session: Session, today: date) -> list[Lookahead]:
    """What is over by the calendar."""
    query = select(Lookahead).where(Lookahead.state == "published", Lookahead.last_on < today)
    return list(session.scalars(query.order_by(Lookahead.id)))


def _takes(entry: Lookahead, now: datetime) -> None:
    if entry.state != "published" or lifecycle.is_over(entry.state, entry.last_on, local_day(now)):
        raise Conflict(N_("This planned work takes no pledges any more."), reason="state")


def _move(session: Session, viewer: Viewer, entry: Lookahead, name: str, now: datetime) -> None:
    entry.state = lifecycle.after(lifecycle.MOVES, entry.state, name)
    entry.updated_at = now
    journal.record(session, viewer, f"lookaheads.{lifecycle.VERBS[name]}", entry, now, tell=())
