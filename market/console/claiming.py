"""Taking over a firm that was imported or entered by the operator: asking, and the operator's decision."""

from typing import Any

from pydantic import field_validator
from sqlalchemy import select
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts import claims
from market.accounts.claims import Claim
from market.accounts.forms import EmailForm
from market.accounts.models import Organisation, Person
from market.accounts.providers import for_address
from market.accounts.views import send_link
from market.console.gate import page
from market.console.organisations import ReasonForm, show_page
from market.errors import Conflict, NotFound
from market.i18n import N_
from market.mail import letters
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled, read


class ClaimForm(EmailForm):
    name: str
    note: str = ""

    @field_validator("name", "note")
    @classmethod
    def is_short(cls, value: str) -> str:
        if len(value) > 1000:
            raise ValueError(N_("Please write it shorter, with at most 1,000 characters."))
        return value


def _firm(call: Call, ref: str) -> Organisation:
    organisation = call.session.scalar(claims.claimable().where(Organisation.ref == ref))
    if organisation is None:
        raise NotFound(f"no firm {ref} to take over")
    return organisation


def claim(call: Call, ref: str) -> Response:
    """The same answer for every address: a letter to it. Whoever is signed in has proved one already."""
    organisation = _firm(call, ref)
    if call.request.method != "POST":
        return _page(call, organisation, Filled({"email": "", "name": "", "note": ""}))
    if call.viewer.person_id is not None:
        person = call.session.get_one(Person, call.viewer.person_id)
        claims.proved(call.session, person, organisation, str(call.form.get("note", "")).strip(), call.now)
        return call.redirect("claim", ref=ref)
    filled = read(call.form, ClaimForm, call.words)
    if filled.data is not None and for_address(call.session, filled.data.email) is not None:
        sentence = N_("This address belongs to a company with its own sign-in. Please take another one.")
        filled.refuse("email", call.words(sentence))
    if filled.data is None:
        return _page(call, organisation, filled, 422)
    given = {"organisation": ref, "name": filled.data.name, "note": filled.data.note, "firm": organisation.name}
    onward = call.link("claim", ref=ref)
    return send_link(call, filled.data.email, "accounts/claim", purpose="claim", next_=onward, **given)


def _page(call: Call, organisation: Organisation, filled: Filled[ClaimForm], status: int = 200) -> Response:
    state = claims.state(call.session, call.viewer.person_id, organisation) if call.viewer.is_signed_in else ""
    return call.render("console/claim.html", status=status, organisation=organisation, filled=filled, state=state)


def listing(call: Call) -> Response:
    """All that wait for a decision, the oldest first."""
    return call.render("console/claims.html", claims=list(call.session.scalars(claims.open_ones())))


def _claim(call: Call, ref: str) -> Claim:
    found = call.session.scalar(select(Claim).where(Claim.ref == ref))
    if found is None:
        raise NotFound(f"no claim {ref}")
    return found


def grant(call: Call, ref: str) -> Response:
    found = _claim(call, ref)
    try:
        claims.grant(call.session, call.viewer, found, call.now)
    except Conflict:
        return _decided(call, found)
    _tell(call, found, "console/claim_granted")
    return call.redirect("operator:organisation", ref=found.organisation.ref)


def decline(call: Call, ref: str) -> Response:
    found = _claim(call, ref)
    filled = read(call.form, ReasonForm, call.words)
    if filled.data is None:
        sentence = call.words(N_("Please give the reason in 5 to 1,000 characters."))
        return show_page(call, found.organisation, status=422, said_=sentence)
    try:
        claims.decline(call.session, call.viewer, found, filled.data.reason, call.now)
    except Conflict:
        return _decided(call, found)
    _tell(call, found, "console/claim_declined", reason=filled.data.reason)
    return call.redirect("operator:organisation", ref=found.organisation.ref)


def _decided(call: Call, found: Claim) -> Response:
    sentence = N_("This was done already, perhaps in another window.")
    return show_page(call, found.organisation, status=409, said_=call.words(sentence))


def _tell(call: Call, found: Claim, event: str, **context: Any) -> None:
    link = call.pages.base_url + call.pages.links.path("me", "de")
    person = found.person
    if letters.postable(person.email):
        context |= {"firm": found.organisation.name, "link": link}
        letters.write(call.session, call.now, person.email, person.language, event, **context)


routes: list[BaseRoute] = [
    Route("/firms/{ref}/claim", endpoint(claim), name="claim", methods=["GET", "POST"]),
    Route("/operator/claims", page(listing), name="operator:claims", methods=["GET"]),
    Route("/operator/claims/{ref}/grant", page(grant), name="operator:claim_grant", methods=["POST"]),
    Route("/operator/claims/{ref}/decline", page(decline), name="operator:claim_decline", methods=["POST"]),
]
