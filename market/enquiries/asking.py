"""`/enquiries/new`: one short form to at most ten firms. Whoever has to sign in first finds it filled in afterwards."""

from collections.abc import Sequence
from typing import Any

from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from market.accounts.models import Organisation, Person
from market.accounts.views import client_of
from market.enquiries import letters, service
from market.enquiries.forms import AskForm
from market.enquiries.rules import MOST_FIRMS, may_ask
from market.errors import Conflict, Forbidden, TooMany
from market.i18n import N_
from market.offerings import views as offerings
from market.offerings.models import Offering
from market.shortlists.lines import Line, lines_of_things
from market.shortlists.things import Thing, find, readable
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled, read

FIELDS = ("what", "place", "period", "contact", "phone")
PARTING = 30
"""More codes than these are not even looked up."""


def new(call: Call) -> Response:
    """The form; its contact filled in, its text too for somebody who comes back from the sign-in."""
    asked = call.request.query_params
    values: dict[str, Any] = dict.fromkeys(FIELDS, "")
    codes: list[str] = readable(asked.getlist("item"))[:PARTING]
    values["place"] = asked.get("place", "")[:120]
    kept = service.draft(call.session, asked.get("draft", ""), call.now)
    if kept is not None:
        values |= {name: str(kept.data.get(name, "")) for name in FIELDS}
        held = kept.data.get("item")
        codes = codes or readable(held if isinstance(held, list) else [])
    if call.viewer.person_id is not None:
        person = call.session.get_one(Person, call.viewer.person_id)
        organisation = call.session.get(Organisation, call.viewer.organisation_id or 0)
        values["contact"] = values["contact"] or person.name
        values["phone"] = values["phone"] or (organisation.phone if organisation else "")
    return _page(call, codes, Filled(values))


def _page(call: Call, codes: Sequence[str], filled: Filled[AskForm], status: int = 200, said: str = "") -> Response:
    things = list(find(call.session, codes).values())
    fit, unfit = _sorted_out(call, things)
    organisation = call.viewer.organisation_id
    response = call.render(
        "enquiries/new.html",
        status=status,
        filled=filled,
        lines=lines_of_things(call, fit),
        unfit=unfit,
        firms=len({(thing.organisation.id, thing.anonymous) for thing in fit}),
        most=MOST_FIRMS,
        said=said,
        lacks_organisation=call.viewer.is_signed_in and organisation is None,
        may=not call.viewer.is_signed_in or may_ask(call.viewer),
    )
    response.headers["cache-control"] = "no-store"
    return response


def _sorted_out(call: Call, things: Sequence[Thing]) -> tuple[list[Thing], list[tuple[Line, str]]]:
    """Those that can be asked, and the others with the reason."""
    fit, unfit = [], []
    for thing in things:
        reason = _unfit(call, thing)
        if reason:
            unfit.append((lines_of_things(call, [thing])[0], call.words(reason)))
        else:
            fit.append(thing)
    return fit, unfit


def _unfit(call: Call, thing: Thing) -> str:
    if thing.state != "open":
        return N_("It is not offered at present.")
    if thing.organisation.id == call.viewer.organisation_id:
        return N_("This is your own firm.")
    if not service.is_reachable(call.session, thing.organisation):
        return N_("We know no address to which a letter could go. Please call the firm.")
    if call.viewer.organisation_id and service.refuses(call.session, call.viewer.organisation_id, thing.organisation):
        return N_("This firm takes no enquiry from you.")
    return ""


def send(call: Call) -> Response:
    """Send it, or lead to the sign-in and keep what was typed."""
    filled = read(call.form, AskForm, call.words)
    codes = readable(filled.values["item"])[:PARTING]
    if not call.viewer.is_signed_in:
        return _sign_in_first(call, filled, codes)
    if not may_ask(call.viewer):
        raise Forbidden("readers ask nothing")
    fit, _ = _sorted_out(call, list(find(call.session, codes).values()))
    firms = {(thing.organisation.id, thing.anonymous) for thing in fit}
    if not firms:
        filled.refuse("item", call.words(N_("Choose at least one firm that can be asked.")))
    elif len(firms) > MOST_FIRMS:
        filled.refuse("item", call.words(N_("At most ten firms can be asked at once. Take some off.")))
    if filled.data is None:
        return _page(call, codes, filled, 422)
    words = service.Words(**{name: getattr(filled.data, name) for name in FIELDS})
    try:
        with call.session.begin_nested():
            enquiry, threads = service.ask(call.session, call.viewer, words, fit, call.language, call.now)
    except TooMany:
        said = N_("You have asked many firms in a short time. Please go on tomorrow.")
        return _page(call, codes, filled, 429, call.words(said))
    except Conflict as refusal:
        return _page(call, codes, filled, 409, call.words(str(refusal)))
    for thread in threads:
        letters.to_firm(call.session, thread, call.now, call.pages.base_url)
    return call.redirect("enquiries:show", ref=enquiry.ref)


def _sign_in_first(call: Call, filled: Filled[AskForm], codes: list[str]) -> Response:
    typed = {name: filled.values[name][:3000] for name in FIELDS}
    try:
        token = service.keep_draft(call.session, client_of(call.request), typed | {"item": codes}, call.now)
    except TooMany:
        said = N_("That was too often. Please sign in first, then write.")
        return _page(call, codes, filled, 429, call.words(said))
    back = call.link("enquiries:new", {"draft": token})
    return RedirectResponse(call.link("accounts:sign_in", {"next": back}), 303)


def of_offering_page(call: Call, offering: Offering) -> dict[str, Any]:
    """For the offering's page: whether its firm can be asked through us."""
    return {"askable": service.is_reachable(call.session, offering.organisation)}


offerings.PARTS.append(of_offering_page)

routes: list[BaseRoute] = [
    Route("/enquiries/new", endpoint(new), name="enquiries:new", methods=["GET"]),
    Route("/enquiries/new", endpoint(send), name="enquiries:send", methods=["POST"]),
]
