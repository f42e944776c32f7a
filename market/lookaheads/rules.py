"""Who may see planned work, keep it and pledge to it, and who sees the pledges."""

from sqlalchemy import ColumnElement, Select, and_, or_, select

from market.accounts.models import Organisation
from market.accounts.people import SPEAKERS
from market.lookaheads.models import Lookahead, Pledge
from market.needs.rules import may_draft
from market.viewer import ANONYMOUS, Viewer


def is_open() -> ColumnElement[bool]:
    """On the list: published, of a partner that is not suspended. Needs the organisation joined."""
    return (Lookahead.state == "published") & Organisation.suspended_at.is_(None)


def visible_lookaheads(viewer: Viewer = ANONYMOUS) -> Select[Lookahead]:
    """Whatever was published, and one's own partner's drafts."""
    out = and_(Lookahead.published_at.is_not(None), Organisation.suspended_at.is_(None))
    own = Lookahead.organisation_id == (viewer.organisation_id or 0)
    return select(Lookahead).join(Lookahead.organisation).where(or_(out, own))


def may_keep(viewer: Viewer, organisation: Organisation) -> bool:
    """Publishes and changes it: who drafts the partner's needs."""
    return may_draft(viewer, organisation)


def may_pledge(viewer: Viewer, organisation: Organisation, entry: Lookahead) -> bool:
    """Firms the operator has checked, by those who speak for them; never for one's own work."""
    return (
        organisation.verification == "verified"
        and organisation.id != entry.organisation_id
        and viewer.acts_for(organisation.id, *SPEAKERS)
    )


def visible_pledges(viewer: Viewer) -> Select[Pledge]:
    """One's own firm's, and what stands pledged to one's own partner; no other firm's, and none for the operator."""
    me = viewer.organisation_id or 0
    to_me = and_(Lookahead.organisation_id == me, Pledge.state == "pledged")
    return select(Pledge).join(Pledge.lookahead).where(or_(Pledge.organisation_id == me, to_me))
