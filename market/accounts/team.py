"""`/me/team`: the people of an organisation, their roles, invitations."""

from pydantic import field_validator
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from market.accounts import invitations, people, providers, sessions
from market.accounts.forms import EmailForm
from market.accounts.invitations import Invitation
from market.accounts.me import own
from market.accounts.models import Member, Organisation, Person
from market.accounts.rules import may_manage, roles_of, visible_members
from market.accounts.views import send_link
from market.errors import Conflict, Forbidden, NotFound
from market.i18n import N_
from market.mail import letters
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled, read

ROLE_NAMES = {
    "admin": N_("Admin"),
    "editor": N_("Editor"),
    "bidder": N_("Bidder"),
    "buyer": N_("Buyer"),
    "approver": N_("Approver"),
    "opener": N_("Opener"),
    "reader": N_("Reader"),
}
ROLE_MEANS = {
    "admin": N_("manages people and roles, and may do everything else"),
    "editor": N_("edits profile, certificates and offerings"),
    "bidder": N_("answers enquiries and hands in bids"),
    "buyer": N_("posts needs and tenders"),
    "approver": N_("releases tenders and awards"),
    "opener": N_("opens bids, together with a second opener"),
    "reader": N_("sees everything, changes nothing"),
}


class InviteForm(EmailForm):
    roles: list[str]

    @field_validator("roles")
    @classmethod
    def some(cls, value: list[str]) -> list[str]:
        if not value:
            raise ValueError(N_("Choose at least one role."))
        return value


def _managed(call: Call) -> Organisation:
    organisation = own(call)
    if not may_manage(call.viewer, organisation):
        raise Forbidden("only admins manage people")
    return organisation


def _member(call: Call, organisation: Organisation, ref: str) -> Member:
    query = visible_members(call.viewer).where(Member.ref == ref, Member.organisation_id == organisation.id)
    member = call.session.scalar(query)
    if member is None:
        raise NotFound(f"no member {ref}")
    return member


def team(call: Call) -> Response:
    return _page(call, own(call), Filled({"email": "", "roles": []}))


def _page(
    call: Call, organisation: Organisation, filled: Filled[InviteForm], status: int = 200, said: str = ""
) -> Response:
    query = visible_members(call.viewer).where(Member.organisation_id == organisation.id).order_by(Member.id)
    through_provider = call.session.scalar(
        providers.open_ones().where(providers.IdentityProvider.organisation_id == organisation.id)
    )
    return call.render(
        "accounts/team.html",
        status=status,
        organisation=organisation,
        members=list(call.session.scalars(query)),
        invited=list(call.session.scalars(invitations.open_ones(organisation, call.now))),
        manages=may_manage(call.viewer, organisation),
        provider=through_provider,
        roles=[(role, call.words(ROLE_NAMES[role]), call.words(ROLE_MEANS[role])) for role in roles_of(organisation)],
        role_names=ROLE_NAMES,
        filled=filled,
        said=said,
    )


def invite(call: Call) -> Response:
    organisation = _managed(call)
    filled = read(call.form, InviteForm, call.words)
    if filled.data is None:
        return _page(call, organisation, filled, 422)
    try:
        invitation, token = invitations.invite(
            call.session, call.viewer, organisation, filled.data.email, filled.data.roles, call.now
        )
    except Conflict as refusal:
        return _page(call, organisation, filled.refuse("email", call.words(str(refusal))), 422)
    letters.write(
        call.session,
        call.now,
        filled.data.email,
        call.language,
        "accounts/invitation",
        link=call.pages.base_url + call.link("team:invitation", token=token),
        firm=organisation.name,
        inviter=invitation.invited_by,
        expires_at=invitation.expires_at,
    )
    return call.redirect("team")


def withdraw(call: Call, ref: str) -> Response:
    organisation = _managed(call)
    query = invitations.open_ones(organisation, call.now).where(Invitation.ref == ref)
    invitation = call.session.scalar(query)
    if invitation is None:
        raise NotFound(f"no open invitation {ref}")
    invitations.withdraw(call.session, call.viewer, invitation, call.now)
    return call.redirect("team")


def change(call: Call, ref: str) -> Response:
    """Give other roles."""
    organisation = _managed(call)
    member = _member(call, organisation, ref)
    roles = [value for value in call.form.getlist("roles") if isinstance(value, str)]
    try:
        people.give(call.session, call.viewer, member, roles, call.now)
    except Conflict:
        return _page(call, organisation, Filled({"email": "", "roles": []}), 409, said=call.words(people.LAST_ADMIN))
    return call.redirect("team")


def remove(call: Call, ref: str) -> Response:
    """Asks first (GET), then ends the membership (POST). Everybody may leave by themselves."""
    organisation = own(call)
    member = _member(call, organisation, ref)
    if member.person_id != call.viewer.person_id and not may_manage(call.viewer, organisation):
        raise Forbidden("only admins manage people")
    said = ""
    if call.request.method == "POST":
        try:
            people.leave(call.session, call.viewer, member, call.now)
        except Conflict:
            said = call.words(people.LAST_ADMIN)
        else:
            return call.redirect("me" if member.person_id == call.viewer.person_id else "team")
    return call.render(
        "accounts/remove.html", status=409 if said else 200, member=member, organisation=organisation, said=said
    )


def invitation(call: Call, token: str) -> Response:
    """What an invitation is about. Looking at it changes nothing."""
    found = invitations.by_token(call.session, token, call.now)
    mine = found is not None and _is_for(call, found)
    names = [call.words(ROLE_NAMES[role]) for role in found.roles] if found else []
    return call.render(
        "accounts/invitation.html", status=200 if found else 410, found=found, token=token, mine=mine, role_names=names
    )


def _is_for(call: Call, found: Invitation) -> bool:
    if call.viewer.person_id is None:
        return False
    return people.address(call.session.get_one(Person, call.viewer.person_id).email) == found.email


def accept(call: Call, token: str) -> Response:
    """At once for whoever is signed in with the invited address; all others prove the address first."""
    found = invitations.by_token(call.session, token, call.now)
    if found is None:
        return invitation(call, token)
    if _is_for(call, found):
        person = call.session.get_one(Person, call.viewer.person_id)
        member = invitations.accept(call.session, person, found, call.now)
        assert call.viewer.session_id is not None
        sessions.act_for(call.session, call.viewer.session_id, member)
        return RedirectResponse(call.link("me"), 303)
    return send_link(call, found.email, "accounts/sign_in", purpose="invitation", invitation=found.ref)


routes: list[BaseRoute] = [
    Route("/me/team", endpoint(team), name="team", methods=["GET"]),
    Route("/me/team", endpoint(invite), name="team:invite", methods=["POST"]),
    Route("/me/team/{ref}", endpoint(change), name="team:change", methods=["POST"]),
    Route("/me/team/{ref}/remove", endpoint(remove), name="team:remove", methods=["GET", "POST"]),
    Route("/me/team/invitations/{ref}/withdraw", endpoint(withdraw), name="team:withdraw", methods=["POST"]),
    Route("/invitation/{token}", endpoint(invitation), name="team:invitation", methods=["GET"]),
    Route("/invitation/{token}", endpoint(accept), name="team:accept", methods=["POST"]),
]
