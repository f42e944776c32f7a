"""Who hears of which need, and who may see and move what of an inbox."""

from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from market.accounts import people
from market.accounts.models import Organisation, Person
from market.needs.models import Need
from market.needs.rules import pooled_with, visible, visible_needs
from market.notifications.models import Notice, SavedSearch
from market.viewer import Viewer

TOLD: Final = people.SPEAKERS
"""Roles that get letters about needs that fit, unless they chose otherwise; readers get none."""


def may_hear(organisation: Organisation) -> bool:
    """Firms we have looked at and not suspended."""
    return organisation.verification == "verified"


def open_to(organisation: Organisation) -> Select[Need]:
    """Needs others have published that this firm may see and answer now, as their visibility lets it in."""
    own = (Need.organisation_id == organisation.id) | pooled_with(organisation.id)
    return visible(as_member(organisation.id)).where(~own)


def known_to(organisation: Organisation) -> Select[Need]:
    """Needs this firm may know of, whatever their stage: one that was taken back is none any more."""
    return visible_needs(as_member(organisation.id))


def as_member(organisation_id: int) -> Viewer:
    """Anybody of the firm, whatever the role."""
    return Viewer("firm", "person", organisation_id=organisation_id)


def listeners(session: Session, organisation: Organisation) -> list[Person]:
    """Who gets letters about needs that fit the firm: members; its address on record has ordered none."""
    return people.with_roles(session, organisation, TOLD)


def may_move(viewer: Viewer, organisation: Organisation) -> bool:
    """Watch, pass and prepare for the firm; the operator on its behalf."""
    return viewer.is_operator or viewer.acts_for(organisation.id, *TOLD)


def inbox_of(organisation_id: int) -> Select[Notice]:
    return select(Notice).where(Notice.organisation_id == organisation_id)


def own_searches(viewer: Viewer) -> Select[SavedSearch]:
    """What a person has saved, newest first: a person's own affair, whoever one acts for."""
    query = select(SavedSearch).where(SavedSearch.person_id == (viewer.person_id or 0))
    return query.order_by(SavedSearch.created_at.desc(), SavedSearch.id.desc())
