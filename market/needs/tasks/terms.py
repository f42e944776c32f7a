"""Deadlines, people, who may answer, and the documents."""

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from market import journal
from market.accounts.models import Member
from market.accounts.rules import PARTNER_ROLES
from market.attachments import agreements
from market.errors import Unavailable
from market.files import rules as files
from market.files import service as file_service
from market.files.checks import DOCUMENTS, Unfit
from market.files.models import File
from market.files.views import store_of
from market.i18n import N_
from market.needs import contents, moments, rules, service
from market.needs.forms import AudienceForm, PaperForm, PeopleForm, PeriodsForm
from market.needs.models import Need
from market.needs.parts import Paper
from market.viewer import Viewer
from market.web.endpoint import Call
from market.web.forms import Filled, read

PURPOSE: Final = "need"
MOST_PAPERS: Final = 20
PARTS: Final = {
    "approver": frozenset({"admin", "approver"}),
    "opener": frozenset({"admin", "opener"}),
    "evaluator": frozenset(PARTNER_ROLES),
}
"""Which members may have which part."""
NO_TEXT: Final = N_("Write your confidentiality agreement first; then it can stand before documents.")


def periods(call: Call, need: Need) -> Filled[Any]:
    questions, bids = moments.as_day_and_time(need.questions_until), moments.as_day_and_time(need.bids_until)
    return Filled(
        {
            "questions_day": questions[0],
            "questions_time": questions[1] or "12:00",
            "bids_day": bids[0],
            "bids_time": bids[1] or "12:00",
            "decision_by": need.decision_by or "",
        }
    )


def periods_context(call: Call, need: Need, filled: Filled[Any]) -> dict[str, Any]:
    return {"clock": call.words.moment(call.now), "clock_iso": call.now.isoformat(timespec="seconds")}


def save_periods(call: Call, need: Need) -> Filled[Any]:
    filled: Filled[Any] = read(call.form, PeriodsForm, call.words)
    if filled.data is None:
        return filled
    form = filled.data
    questions = _moment(call, filled, "questions", form.questions_day, form.questions_time)
    bids = _moment(call, filled, "bids", form.bids_day, form.bids_time)
    if questions and bids and questions >= bids:
        filled.refuse(
            "questions_day",
            call.words(N_("The deadline for questions has to be before the one for bids, and not in the past.")),
        )
    if filled.data is not None:
        fields = {"questions_until": questions, "bids_until": bids, "decision_by": form.decision_by}
        service.change(call.session, call.viewer, need, call.now, **fields)
    return filled


def _moment(call: Call, filled: Filled[Any], name: str, day: date | None, at: str) -> datetime | None:
    """Out of two fields; a fault is told at the time."""
    if day is None:
        return None
    try:
        return moments.moment(day, moments.clock(at))
    except ValueError as wrong:
        filled.refuse(f"{name}_time", call.words(str(wrong)))
        return None


def members(call: Call, need: Need) -> list[Member]:
    query = select(Member).where(Member.organisation_id == need.organisation_id, Member.ended_at.is_(None))
    return list(call.session.scalars(query.order_by(Member.id)))


def people(call: Call, need: Need) -> Filled[Any]:
    roles = contents.roles_of(call.session, need)
    values: dict[str, Any] = {name: [str(role.person_id) for role in roles[name]] for name in PARTS}
    contact = need.contact_id or (call.viewer.person_id if not roles["contact"] else None)
    return Filled(values | {"contact": contact or "", "contact_hidden": "yes" if need.contact_hidden else ""})


def people_context(call: Call, need: Need, filled: Filled[Any]) -> dict[str, Any]:
    able = members(call, need)
    named = [(m, m.person.shown) for m in able]
    choices = {
        part: [(str(m.person_id), name, "") for m, name in named if not may.isdisjoint(m.roles)]
        for part, may in PARTS.items()
    }
    none = [("", call.words(N_("please choose")))]
    return {"choices": choices, "contacts": none + [(m.person_id, name) for m, name in named]}


def save_people(call: Call, need: Need) -> Filled[Any]:
    filled: Filled[Any] = read(call.form, PeopleForm, call.words)
    if filled.data is None:
        return filled
    form = filled.data
    roles_by_person = {m.person_id: set(m.roles) for m in members(call, need)}
    if form.contact is not None and form.contact not in roles_by_person:
        return filled.refuse("contact", call.words(N_("Please choose one of the options.")))
    for part, may in PARTS.items():
        if any(may.isdisjoint(roles_by_person.get(person, set())) for person in getattr(form, part)):
            return filled.refuse(part, call.words(N_("Please choose one of the options.")))
    chosen = {part: getattr(form, part) for part in PARTS} | {"contact": [form.contact] if form.contact else []}
    contents.set_roles(call.session, call.viewer, need, chosen, call.now)
    service.change(call.session, call.viewer, need, call.now, contact_hidden=form.contact_hidden == "yes")
    return filled


def audience(call: Call, need: Need) -> Filled[Any]:
    return Filled({"visibility": need.visibility, "late_policy": need.late_policy})


def save_audience(call: Call, need: Need) -> Filled[Any]:
    filled: Filled[Any] = read(call.form, AudienceForm, call.words)
    if filled.data is not None:
        service.change(call.session, call.viewer, need, call.now, **filled.data.model_dump())
    return filled


def papers(call: Call, need: Need) -> Filled[Any]:
    return Filled({"text": "", "gated": ""})


def papers_context(call: Call, need: Need, filled: Filled[Any]) -> dict[str, Any]:
    return {
        "papers": contents.papers_of(call.session, need),
        "agreement": agreements.current(call.session, need.organisation_id),
        "most": MOST_PAPERS,
    }


def save_papers(call: Call, need: Need) -> Filled[Any]:
    """Add one, or take one out; nothing chosen is nothing to do."""
    filled: Filled[Any] = read(call.form, PaperForm, call.words)
    held = contents.papers_of(call.session, need)
    gone = next((paper for paper in held if paper.ref == call.form.get("remove")), None)
    if gone is not None:
        file = gone.file
        journal.record(call.session, call.viewer, "needs.paper_removed", need, call.now, data={"name": file.name})
        call.session.delete(gone)
        call.session.flush()
        file_service.remove(call.session, call.viewer, store_of(call), file, call.now)
        return filled
    upload = call.form.get("file")
    if filled.data is None or not getattr(upload, "filename", ""):
        return filled
    gated = filled.data.gated == "yes"
    if gated and agreements.current(call.session, need.organisation_id) is None:
        return filled.refuse("gated", call.words(NO_TEXT))
    if len(held) >= MOST_PAPERS:
        return filled.refuse("file", call.words(N_("There is no more room here. Take one out first.")))
    store = store_of(call)
    try:
        taken = call.outside("file", lambda: file_service.take(store, upload, _ALLOWED), file_service.Taken.leave)
    except Unfit as unfit:
        return filled.refuse("file", call.words(str(unfit)))
    except Unavailable as away:
        return filled.refuse("file", call.words(file_service.excuse(away)))
    file = file_service.keep(call.session, call.viewer, need.organisation, taken, PURPOSE, call.now)
    place = max((paper.place for paper in held), default=0) + 1
    made = Paper(need=need, file=file, place=place, text=filled.data.text, gated=gated, created_at=call.now)
    made.version = need.version if need.stage == "draft" else need.version + 1
    call.session.add(made)
    journal.record(call.session, call.viewer, "needs.paper_added", need, call.now, data={"name": file.name})
    return filled


_ALLOWED: Final = frozenset(DOCUMENTS)


def may_open(session: Session, viewer: Viewer, paper: Paper) -> bool:
    """Whoever may see the need, and has accepted the agreement where one stands before it."""
    need = session.scalar(rules.visible_needs(viewer).where(Need.id == paper.need_id))
    if need is None:
        return False
    return not paper.gated or agreements.has_accepted(session, viewer, need.organisation_id)


def _may_read(session: Session, viewer: Viewer, file: File) -> bool:
    paper = session.scalar(select(Paper).where(Paper.file_id == file.id))
    return paper is not None and may_open(session, viewer, paper)


files.RULES[PURPOSE] = _may_read
