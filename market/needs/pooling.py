"""Two partners, one need, a quantity each. The leading one drafts and decides; the other one's part is explicit: what
both have accepted is kept with its version, who and when, and every step stands in the journal.

The quantities of the need and its items are those of both together, so offers answer the sum; the leading partner's
part is what is left of it.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from market import journal
from market.accounts import account
from market.accounts.models import Organisation, Person
from market.errors import Conflict
from market.i18n import N_
from market.needs import amendments, contents, service
from market.needs.models import Need, PoolShare
from market.needs.service import FAULTS, Fault
from market.viewer import Viewer
from market.web.stale import mark as marked

MOVES: Final[dict[str, dict[str, str]]] = {
    "invited": {"join": "joined", "decline": "declined", "remove": "removed"},
    "joined": {"join": "joined", "leave": "left", "remove": "removed"},
    "declined": {"invite": "invited"},
    "left": {"invite": "invited"},
    "removed": {"invite": "invited"},
}
"""State of a share -> move -> state. All of it before publication; `join` again accepts what has changed since."""
STATES: Final = {
    "invited": N_("waits for an answer"),
    "joined": N_("takes part"),
    "declined": N_("declined"),
    "left": N_("has left"),
    "removed": N_("taken out"),
}
BEFORE: Final = ("draft", "approval")
"""Stages in which a partner may still leave or be taken out."""
TEXTS: Final = {
    1: N_(
        "We ask for this one thing together. Of the other partner each sees the name, the quantity, the site and the "
        "note given here, and after the opening the offers to this need; nothing else: no other needs, offers, prices "
        "or people. The leading partner runs the procedure, opens, evaluates and decides. Each partner orders and pays "
        "its own quantity. Neither is bound beyond this need; both stay free to ask and buy alone."
    )
}
VERSION: Final = max(TEXTS)


def mark(session: Session, need: Need) -> str:
    """Changes with everything a firm would rely on, the quantities included."""
    facts = [[list(key), list(value)] for key, value in amendments.facts(session, need).items()]
    return marked([need.procedure, need.quantity, need.unit, facts])


def open_share(need: Need) -> PoolShare | None:
    """Invited or joined; there is at most one."""
    return next((one for one in need.shares if one.state in ("invited", "joined")), None)


def joined_share(need: Need) -> PoolShare | None:
    return next((one for one in need.shares if one.state == "joined"), None)


def invite(session: Session, viewer: Viewer, need: Need, partner: Organisation, now: datetime) -> PoolShare:
    """The leading partner has read the text and accepts it by this. Raises Conflict."""
    if need.stage != "draft":
        raise Conflict(N_("Another partner can only be asked while the need is a draft."), reason="stage")
    if open_share(need) is not None:
        raise Conflict(N_("Another partner is asked already."), reason="one")
    assert partner.is_partner
    assert partner.id != need.organisation_id
    share = next((one for one in need.shares if one.organisation_id == partner.id), None)
    if share is None:
        share = PoolShare(need=need, organisation=partner, invited_at=now, text_version=VERSION, quantities={})
        session.add(share)
    else:
        share.state = _after(share, "invite")
    share.text_version, share.invited_at, share.invited_by_id = VERSION, now, viewer.person_id
    share.joined_at = share.joined_by_id = None
    _record(session, viewer, share, "needs.pool_invited", now, {"text_version": VERSION})
    return share


def join(
    session: Session,
    viewer: Viewer,
    share: PoolShare,
    now: datetime,
    *,
    quantity: float = 0.0,
    quantities: Mapping[str, float],
    site: str,
    note: str,
) -> None:
    """The other partner accepts text and need with its quantity; again changes it. Raises Conflict."""
    need = share.need
    if need.stage != "draft":
        raise Conflict(N_("The need is no draft any more, so nothing of it can be changed."), reason="stage")
    state = _after(share, "join")
    _add(session, viewer, share, -1, now)
    share.quantity, share.quantities, share.site, share.note = quantity, dict(quantities), site, note
    _add(session, viewer, share, 1, now)
    share.state, share.text_version = state, VERSION
    share.joined_at, share.joined_by_id = now, viewer.person_id
    session.flush()
    share.mark = mark(session, need)
    said: dict[str, object] = {"text_version": VERSION, "need": share.mark, "quantities": share.quantities or quantity}
    _record(session, viewer, share, "needs.pool_joined", now, said)


def end(session: Session, viewer: Viewer, share: PoolShare, move: str, now: datetime) -> None:
    """Declined, left or removed: its quantity goes with it. Raises Conflict from publication on."""
    if share.need.stage not in BEFORE:
        raise Conflict(N_("The need is out: the part in it stays until its end."), reason="stage")
    state = _after(share, move)
    _add(session, viewer, share, -1, now)
    share.state, share.quantity, share.quantities, share.mark = state, 0.0, {}, ""
    _record(session, viewer, share, f"needs.pool_{state}", now, {})


def _after(share: PoolShare, move: str) -> str:
    possible = MOVES[share.state]
    if move not in possible:
        raise Conflict(N_("This was settled in the meantime. Look at it once more."), reason="state")
    return possible[move]


def _record(
    session: Session, viewer: Viewer, share: PoolShare, verb: str, now: datetime, data: dict[str, object]
) -> None:
    share.need.updated_at = now
    session.flush()
    journal.record(session, viewer, verb, share.need, now, data={"partner": share.organisation.ref} | data)


def _add(session: Session, viewer: Viewer, share: PoolShare, sign: int, now: datetime) -> None:
    """The partner's quantity to the sum, or out of it."""
    for item in contents.items_of(session, share.need):
        part = share.quantities.get(item.ref, 0.0)
        item.quantity = max(0.0, round(item.quantity + sign * part, 6))
    if share.quantity:
        whole = max(0.0, round((share.need.quantity or 0.0) + sign * share.quantity, 6))
        service.change(session, viewer, share.need, now, quantity=whole)


def is_current(session: Session, share: PoolShare) -> bool:
    """Whether the partner has accepted the need as it is now."""
    return share.state == "joined" and share.mark == mark(session, share.need)


def faults(session: Session, need: Need, now: datetime) -> Iterator[Fault]:
    share = open_share(need)
    if share is None:
        return
    name = {"partner": share.organisation.name}
    if share.state == "invited":
        yield Fault("pool", N_("%(partner)s has not answered yet. Wait, or take the partner out."), name)
    elif any(item.quantity < share.quantities.get(item.ref, 0.0) for item in contents.items_of(session, need)):
        yield Fault("items", N_("The quantity of an item is smaller than the part of %(partner)s in it."), name)
    elif not is_current(session, share):
        yield Fault("pool", N_("The need has changed since %(partner)s accepted it. It has to be accepted anew."), name)


def _about(session: Session, person: Person) -> dict[str, Any]:
    mine = or_(PoolShare.invited_by_id == person.id, PoolShare.joined_by_id == person.id)
    shares = session.scalars(select(PoolShare).where(mine).order_by(PoolShare.id))
    return {"pooled_needs": [{"need": one.need.ref, "partner": one.organisation.name} for one in shares]}


def _forget(session: Session, person: Person) -> None:
    for name in ("invited_by_id", "joined_by_id"):
        for share in session.scalars(select(PoolShare).where(getattr(PoolShare, name) == person.id)):
            setattr(share, name, None)


FAULTS.append(faults)
account.ABOUT.append(_about)
account.FORGET.append(_forget)
