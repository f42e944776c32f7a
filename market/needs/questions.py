"""Questions of firms: asked until a moment, answered to all. Nobody but the asker learns who asked, the buyer included:
so the journal says `bidder`, and only the row itself knows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market import journal
from market.accounts import account
from market.accounts.models import Organisation, Person
from market.accounts.people import SPEAKERS
from market.errors import Conflict
from market.i18n import N_
from market.needs.models import Invitation, Need, Role, Watch
from market.needs.parts import Lot, Question
from market.viewer import Viewer

ASKERS: Final = SPEAKERS
MOST: Final = 30
"""Questions of one firm to one need."""


def may_ask(viewer: Viewer, need: Need) -> bool:
    """Firms other than the buyers, by those who may speak for them. Whether it is still time is asked of the need."""
    mine = viewer.organisation_id
    return mine is not None and mine not in need.buyers and viewer.acts_for(mine, *ASKERS)


def ask(session: Session, viewer: Viewer, need: Need, text: str, lang: str, now: datetime, lot: Lot | None) -> Question:
    """Raises Conflict after the last moment for questions."""
    if not need.takes_questions(now):
        raise Conflict(N_("Questions are no longer taken."), reason="late")
    assert viewer.organisation_id is not None
    count = select(func.count()).where(Question.need_id == need.id, Question.organisation_id == viewer.organisation_id)
    if (session.scalar(count) or 0) >= MOST:
        raise Conflict(N_("Your firm has asked many questions here. Please call the contact."), reason="many")
    made = Question(need=need, lot=lot, organisation_id=viewer.organisation_id, person_id=viewer.person_id)
    made.text, made.lang, made.asked_at = text, lang, now
    session.add(made)
    unnamed = replace(viewer, name="bidder", behalf_of="")
    journal.record(session, unnamed, "needs.question_asked", made, now, tell=())
    return made


def answer(session: Session, viewer: Viewer, question: Question, text: str, now: datetime) -> None:
    """To all at once. An answer that is out is corrected by another one, not by rewriting it."""
    if question.answered_at is not None:
        raise Conflict(N_("This question is answered already."), reason="answered")
    if question.need.stage != "published":
        raise Conflict(N_("This need takes no answers any more."), reason="stage")
    question.answer, question.answered_at, question.answered_by_id = text, now, viewer.person_id
    journal.record(session, viewer, "needs.question_answered", question, now, tell=())


def of_need(session: Session, need: Need) -> list[Question]:
    """All, in the order they were asked."""
    session.flush()
    return list(session.scalars(select(Question).where(Question.need_id == need.id).order_by(Question.id)))


def visible_questions(session: Session, viewer: Viewer, need: Need) -> Sequence[tuple[Question, bool]]:
    """What the viewer reads, with whether it is the viewer's own: the answered ones, one's own, to the buyer all."""
    inside = viewer.acts_for(need.organisation_id)
    mine = viewer.organisation_id
    rows = [(one, mine is not None and one.organisation_id == mine) for one in of_need(session, need)]
    return [(one, own) for one, own in rows if inside or own or one.answered_at is not None]


def followers(session: Session, need: Need) -> list[Organisation]:
    """Firms that are written to about the need: they asked, were invited or watch, and have not
    declined; and what higher slices add."""
    session.flush()
    ids: set[int] = set()
    for model in (Question, Invitation, Watch):
        ids |= set(session.scalars(select(model.organisation_id).where(model.need_id == need.id)))
    declined = select(Invitation.organisation_id)
    ids -= set(session.scalars(declined.where(Invitation.need_id == need.id, Invitation.declined_at.is_not(None))))
    ids |= need.buyers - {need.organisation_id}
    for more in FOLLOWERS:
        ids |= set(more(session, need))
    query = select(Organisation).where(Organisation.id.in_(ids), Organisation.suspended_at.is_(None))
    return list(session.scalars(query.order_by(Organisation.id)))


FOLLOWERS: list[Any] = []
"""Higher slices add `more(session, need) -> Iterable[int]`: ids of organisations, bidders for one."""


def _about(session: Session, person: Person) -> dict[str, Any]:
    asked = session.scalars(select(Question).where(Question.person_id == person.id).order_by(Question.id))
    parts = session.scalars(select(Role).where(Role.person_id == person.id).order_by(Role.id))
    return {
        "questions_to_needs": [{"need": q.need.ref, "text": q.text, "at": q.asked_at.isoformat()} for q in asked],
        "parts_in_needs": [{"need": role.need.ref, "role": role.role} for role in parts],
    }


def _forget(session: Session, person: Person) -> None:
    for question in session.scalars(select(Question).where(Question.person_id == person.id)):
        question.person_id = None
    for role in session.scalars(select(Role).where(Role.person_id == person.id)):
        session.delete(role)
    for need in session.scalars(select(Need).where(Need.contact_id == person.id)):
        need.contact_id = None


account.ABOUT.append(_about)
account.FORGET.append(_forget)
