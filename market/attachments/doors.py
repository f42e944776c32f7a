"""The confidentiality agreement: written by the firm at `/me/confidentiality`, accepted by others before its files."""

from typing import Any

from sqlalchemy import select
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts.me import own, signed_in
from market.accounts.models import Organisation
from market.accounts.rules import may_edit, may_manage
from market.attachments import agreements
from market.attachments.forms import AgreementForm
from market.attachments.models import Acceptance, Agreement
from market.attachments.rules import may_accept
from market.errors import Conflict, Forbidden, NotFound
from market.offerings.models import Offering
from market.offerings.views import is_anonymous
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled, read


def _firm(call: Call) -> Organisation:
    organisation = own(call)
    if not may_edit(call.viewer, organisation):
        raise Forbidden("only admins and editors keep the agreement")
    return organisation


def agreement(call: Call) -> Response:
    organisation = _firm(call)
    present = agreements.current(call.session, organisation.id)
    return _page(call, organisation, Filled({"text": present.text if present else ""}))


def _page(call: Call, organisation: Organisation, filled: Filled[Any], status: int = 200) -> Response:
    return call.render(
        "attachments/agreement.html",
        status=status,
        filled=filled,
        agreement=agreements.current(call.session, organisation.id),
        acceptances=agreements.of_firm(call.session, organisation.id),
        manages=may_manage(call.viewer, organisation),
    )


def write(call: Call) -> Response:
    organisation = _firm(call)
    filled: Filled[Any] = read(call.form, AgreementForm, call.words)
    if filled.data is None:
        return _page(call, organisation, filled, 422)
    agreements.write(call.session, call.viewer, organisation, filled.data.text, call.now)
    return call.redirect("agreements")


def decide(call: Call, ref: str) -> Response:
    """Take an acceptance back, or let the organisation in again."""
    organisation = own(call)
    query = select(Acceptance).join(Acceptance.agreement)
    found = call.session.scalar(query.where(Acceptance.ref == ref, Agreement.organisation_id == organisation.id))
    if found is None:
        raise NotFound("no such acceptance")
    if not may_manage(call.viewer, organisation):
        raise Forbidden("only admins decide who sees the files")
    verb = agreements.readmit if call.form.get("do") == "readmit" else agreements.revoke
    verb(call.session, call.viewer, found, call.now)
    return call.redirect("agreements")


def _asked(call: Call, ref: str) -> tuple[Offering, Agreement]:
    offering = call.session.scalar(select(Offering).where(Offering.ref == ref))
    if offering is None or not offering.is_public:
        raise NotFound(f"no offering {ref}")
    text = agreements.current(call.session, offering.organisation_id)
    if text is None:
        raise NotFound("this firm asks for no agreement")
    return offering, text


def read_it(call: Call, ref: str) -> Response:
    """The text, and the button for those who may accept it."""
    offering, text = _asked(call, ref)
    signed_in(call)
    firm = offering.organisation
    return call.render(
        "attachments/accept.html",
        back=call.link("offerings:show", ref=offering.ref, slug=offering.slug),
        action=call.link("agreements:accept", ref=offering.ref),
        title=offering.title,
        firm="" if is_anonymous(offering) else firm.name,
        agreement=text,
        accepts=may_accept(call.viewer),
        own=call.viewer.acts_for(firm.id),
        accepted=agreements.has_accepted(call.session, call.viewer, firm.id),
        shut_out=agreements.is_shut_out(call.session, call.viewer.organisation_id or 0, firm.id),
    )


def accept(call: Call, ref: str) -> Response:
    offering, text = _asked(call, ref)
    signed_in(call)
    if not may_accept(call.viewer) or call.viewer.acts_for(offering.organisation_id):
        raise Forbidden("this role accepts no agreement")
    if str(call.form.get("version", "")) != str(text.version):
        raise Conflict("the text has changed meanwhile")
    agreements.accept(call.session, call.viewer, text, call.now)
    return call.redirect("offerings:show", ref=offering.ref, slug=offering.slug)


routes: list[BaseRoute] = [
    Route("/me/confidentiality", endpoint(agreement), name="agreements", methods=["GET"]),
    Route("/me/confidentiality", endpoint(write), name="agreements:write", methods=["POST"]),
    Route("/me/confidentiality/{ref}", endpoint(decide), name="agreements:decide", methods=["POST"]),
    Route("/confidentiality/{ref}", endpoint(read_it), name="agreements:read", methods=["GET"]),
    Route("/confidentiality/{ref}", endpoint(accept), name="agreements:accept", methods=["POST"]),
]
