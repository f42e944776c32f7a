"""`/operator/firms/{ref}`: one organisation with all that is its own, and what the operator may do with it."""

from pydantic import field_validator
from sqlalchemy import Select, func, or_, select
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market import journal
from market.accounts import behalf, claims, people, service, sessions
from market.accounts.claims import Claim
from market.accounts.models import Member, Organisation, Person
from market.accounts.rules import roles_of, visible_members
from market.accounts.sessions import BrowserSession
from market.accounts.team import ROLE_MEANS, ROLE_NAMES
from market.console.entered import entered
from market.console.gate import page
from market.console.letters import tell_firm
from market.console.trail import names
from market.console.verbs import said
from market.errors import Conflict, NotFound
from market.i18n import N_
from market.journal import Entry
from market.needs.models import Need
from market.offerings.models import Offering
from market.values import fold
from market.web.endpoint import Call
from market.web.forms import Filled, Form, read

LATEST = 15
SHOWN = 50


class ReasonForm(Form):
    reason: str

    @field_validator("reason")
    @classmethod
    def says_something(cls, value: str) -> str:
        if not 5 <= len(value) <= 1000:
            raise ValueError(N_("Please give the reason in 5 to 1,000 characters."))
        return value


def organisation_of(call: Call, ref: str) -> Organisation:
    """Raises NotFound."""
    organisation = call.session.scalar(select(Organisation).where(Organisation.ref == ref))
    if organisation is None:
        raise NotFound(f"no organisation {ref}")
    return organisation


def listing(call: Call) -> Response:
    """All organisations by name, or those whose name, town, text or e-mail holds what was typed."""
    typed = call.request.query_params.get("q", "").strip()[:80]
    query = select(Organisation).order_by(Organisation.name, Organisation.id)
    if typed:
        words = Organisation.search_text.contains(fold(typed), autoescape=True)
        query = query.where(words | func.lower(Organisation.email).contains(typed.lower(), autoescape=True))
    found = list(call.session.scalars(query.limit(SHOWN + 1)))
    return call.render("console/organisations.html", firms=found[:SHOWN], more=len(found) > SHOWN, typed=typed)


def show(call: Call, ref: str) -> Response:
    return show_page(call, organisation_of(call, ref))


def show_page(
    call: Call,
    organisation: Organisation,
    *,
    status: int = 200,
    said_: str = "",
    filled: Filled[ReasonForm] | None = None,
) -> Response:
    """`said_` is what stands in the way of what was wanted."""
    members = list(call.session.scalars(_members(call, organisation)))
    history = _history(call, organisation)
    return call.render(
        "console/organisation.html",
        status=status,
        organisation=organisation,
        members=members,
        browsers=_browsers(call, members),
        roles=[(role, call.words(ROLE_NAMES[role]), call.words(ROLE_MEANS[role])) for role in roles_of(organisation)],
        role_names=ROLE_NAMES,
        offerings=_published(call, Offering, organisation),
        needs=_published(call, Need, organisation),
        claims=list(call.session.scalars(claims.open_ones().where(Claim.organisation_id == organisation.id))),
        unconfirmed=entered(call.session, call.words, behalf.unconfirmed(call.session, organisation)),
        confirmations=behalf.of_organisation(call.session, organisation),
        history=[(entry, said(call.words, entry.verb)) for entry in history],
        names=names(call.session, history),
        filled=filled or Filled({"reason": ""}),
        said=said_,
    )


def _members(call: Call, organisation: Organisation) -> Select[Member]:
    return visible_members(call.viewer).where(Member.organisation_id == organisation.id).order_by(Member.id)


def _browsers(call: Call, members: list[Member]) -> dict[int, int]:
    """How many browsers each person is signed in with."""
    query = (
        select(BrowserSession.person_id, func.count())
        .where(
            BrowserSession.person_id.in_([member.person_id for member in members]),
            BrowserSession.expires_at > call.now,
            BrowserSession.idle_until > call.now,
        )
        .group_by(BrowserSession.person_id)
    )
    return {row[0]: row[1] for row in call.session.execute(query)}


def _published(call: Call, model: type[Offering] | type[Need], organisation: Organisation) -> list[Offering | Need]:
    """What is or was public; drafts are the firm's own, and what a partner plans is no operator's business."""
    query = select(model).where(model.organisation_id == organisation.id, model.published_at.is_not(None))
    return list(call.session.scalars(query.order_by(model.updated_at.desc()).limit(SHOWN)))


def _history(call: Call, organisation: Organisation) -> list[Entry]:
    """The latest entries about the firm, its people, offerings and needs."""
    own = [(Entry.subject == "organisations") & (Entry.subject_id == organisation.id)]
    for model in (Member, Offering, Need):
        ids = select(model.id).where(model.organisation_id == organisation.id)
        own.append((Entry.subject == model.__tablename__) & Entry.subject_id.in_(ids))
    return list(call.session.scalars(select(Entry).where(or_(*own)).order_by(Entry.id.desc()).limit(LATEST)))


def suspend(call: Call, ref: str) -> Response:
    """Out of public sight, with a reason the firm is told."""
    return _turn(call, ref, suspended=True)


def reinstate(call: Call, ref: str) -> Response:
    return _turn(call, ref, suspended=False)


def _turn(call: Call, ref: str, *, suspended: bool) -> Response:
    organisation = organisation_of(call, ref)
    filled = read(call.form, ReasonForm, call.words)
    if filled.data is None:
        return show_page(call, organisation, status=422, filled=filled)
    reason = filled.data.reason
    try:
        if suspended:
            service.suspend(call.session, call.viewer, organisation, reason, call.now)
        else:
            service.reinstate(call.session, call.viewer, organisation, call.now, reason)
    except Conflict:
        sentence = N_("This was done already, perhaps in another window.")
        return show_page(call, organisation, status=409, said_=call.words(sentence))
    tell_firm(call, organisation, "console/suspended" if suspended else "console/reinstated", reason=reason)
    return call.redirect("operator:organisation", ref=ref)


def _member(call: Call, organisation: Organisation, member_ref: str) -> Member:
    member = call.session.scalar(_members(call, organisation).where(Member.ref == member_ref))
    if member is None:
        raise NotFound(f"no member {member_ref}")
    return member


def give_roles(call: Call, ref: str, member_ref: str) -> Response:
    organisation = organisation_of(call, ref)
    member = _member(call, organisation, member_ref)
    roles = [value for value in call.form.getlist("roles") if isinstance(value, str)]
    try:
        people.give(call.session, call.viewer, member, roles, call.now)
    except Conflict:
        return show_page(call, organisation, status=409, said_=call.words(people.LAST_ADMIN))
    return call.redirect("operator:organisation", ref=ref)


def end_member(call: Call, ref: str, member_ref: str) -> Response:
    organisation = organisation_of(call, ref)
    try:
        people.leave(call.session, call.viewer, _member(call, organisation, member_ref), call.now)
    except Conflict:
        return show_page(call, organisation, status=409, said_=call.words(people.LAST_ADMIN))
    return call.redirect("operator:organisation", ref=ref)


def end_sessions(call: Call, ref: str, member_ref: str) -> Response:
    """Sign the person out everywhere."""
    member = _member(call, organisation_of(call, ref), member_ref)
    person = call.session.get_one(Person, member.person_id)
    sessions.end_all(call.session, person.id)
    journal.record(call.session, call.viewer, "accounts.signed_out_everywhere", person, call.now, tell=())
    return call.redirect("operator:organisation", ref=ref)


routes: list[BaseRoute] = [
    Route("/operator/firms", page(listing), name="operator:organisations", methods=["GET"]),
    Route("/operator/firms/{ref}", page(show), name="operator:organisation", methods=["GET"]),
    Route("/operator/firms/{ref}/suspend", page(suspend), name="operator:suspend", methods=["POST"]),
    Route("/operator/firms/{ref}/reinstate", page(reinstate), name="operator:reinstate", methods=["POST"]),
    Route(
        "/operator/firms/{ref}/members/{member_ref}",
        page(give_roles),
        name="operator:give_roles",
        methods=["POST"],
    ),
    Route(
        "/operator/firms/{ref}/members/{member_ref}/end",
        page(end_member),
        name="operator:end_member",
        methods=["POST"],
    ),
    Route(
        "/operator/firms/{ref}/members/{member_ref}/sign-out",
        page(end_sessions),
        name="operator:end_sessions",
        methods=["POST"],
    ),
]
