"""`/me/offerings/REF/files`: pictures and documents of an offering; and the part of its public page that shows them."""

from typing import Any

from sqlalchemy import select
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts.me import own
from market.accounts.models import Organisation
from market.accounts.rules import may_edit
from market.attachments import agreements, service
from market.attachments.forms import AttachmentForm, PictureForm
from market.attachments.models import Attachment
from market.attachments.rules import may_open, shows
from market.errors import Forbidden, NotFound, Unavailable
from market.files import service as files
from market.files.checks import Unfit
from market.files.views import store_of
from market.i18n import N_
from market.offerings import views as offerings
from market.offerings.models import Offering
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled, read

NO_TEXT = N_("Write your confidentiality agreement first; then it can stand before files.")
FORMS: dict[str, type[AttachmentForm]] = {
    "picture": PictureForm,
    "document": AttachmentForm,
    "analysis": AttachmentForm,
}


def own_offering(call: Call, ref: str) -> tuple[Organisation, Offering]:
    """One of one's own firm, to be changed. Raises NotFound, and Forbidden for a reader."""
    organisation = own(call)
    query = select(Offering).where(Offering.ref == ref, Offering.organisation_id == organisation.id)
    offering = call.session.scalar(query)
    if offering is None:
        raise NotFound(f"no offering {ref} of yours")
    if not may_edit(call.viewer, organisation):
        raise Forbidden("only admins and editors keep the files of an offering")
    return organisation, offering


def show(call: Call, ref: str) -> Response:
    _, offering = own_offering(call, ref)
    return _page(call, offering)


def _page(
    call: Call, offering: Offering, kind: str = "", filled: Filled[Any] | None = None, status: int = 422
) -> Response:
    held = service.of_offering(call.session, offering.id)
    empty: Filled[Any] = Filled()
    return call.render(
        "attachments/files.html",
        status=status if filled else 200,
        offering=offering,
        pictures=[one for one in held if one.kind == "picture"],
        documents=[one for one in held if one.kind == "document"],
        analyses=[one for one in held if one.kind == "analysis"],
        filled=filled or empty,
        forms={name: filled if filled and name == kind else empty for name in FORMS},
        agreement=agreements.current(call.session, offering.organisation_id),
        most=service.MOST,
        anonymous=offerings.is_anonymous(offering) if offering.status != "draft" else False,
    )


def add(call: Call, ref: str) -> Response:
    """A picture or a document more."""
    organisation, offering = own_offering(call, ref)
    service.check_not_over(offering)
    kind = str(call.form.get("kind", ""))
    if kind not in FORMS:
        raise NotFound("pictures or documents")
    filled: Filled[Any] = read(call.form, FORMS[kind], call.words)
    gated = bool(filled.data and filled.data.gated)
    if gated and agreements.current(call.session, organisation.id) is None:
        filled.refuse("gated", call.words(NO_TEXT))
    if filled.data is None:
        return _page(call, offering, kind, filled)
    upload, store = call.form.get("file"), store_of(call)
    try:
        service.check_room(call.session, offering, kind)
        plain = service.is_plain(offering)
        brought = call.outside(
            "file", lambda: service.bring(store, upload, kind, is_plain=plain), service.Brought.leave
        )
        gated = gated and kind != "picture"
        service.add(call.session, call.viewer, offering, brought, kind, call.now, text=filled.data.text, gated=gated)
    except Unfit as unfit:
        return _page(call, offering, kind, filled.refuse("file", call.words(str(unfit))))
    except Unavailable as away:
        return _page(call, offering, kind, filled.refuse("file", call.words(files.excuse(away))), 503)
    return call.redirect("attachments", ref=ref)


def change(call: Call, ref: str, number: str) -> Response:
    """Save, move up or down, or take out, as the button says."""
    organisation, offering = own_offering(call, ref)
    query = select(Attachment).where(Attachment.ref == number, Attachment.offering_id == offering.id)
    one = call.session.scalar(query.with_for_update(of=Attachment))
    if one is None:
        raise NotFound("no such file of this offering")
    verb = str(call.form.get("do", "save"))
    if verb == "remove":
        service.remove(call.session, call.viewer, store_of(call), one, call.now)
    elif verb in ("up", "down"):
        service.shift(call.session, call.viewer, one, -1 if verb == "up" else 1, call.now)
    else:
        filled: Filled[Any] = read(call.form, FORMS[one.kind], call.words)
        gated = bool(filled.data and filled.data.gated) and one.kind != "picture"
        if gated and agreements.current(call.session, organisation.id) is None:
            filled.refuse("gated", call.words(NO_TEXT))
        if filled.data is None:
            return _page(call, offering, "other", filled)
        service.change(call.session, call.viewer, one, call.now, text=filled.data.text, gated=gated)
    return call.redirect("attachments", ref=ref)


def of_offering_page(call: Call, offering: Offering) -> dict[str, Any]:
    """Pictures and documents for the public page, and whether the closed ones are open to this reader."""
    held = [one for one in service.of_offering(call.session, offering.id) if shows(one)]
    open_ = [(one, may_open(call.session, call.viewer, one)) for one in held if one.kind != "picture"]
    return {
        "pictures": [one for one in held if one.kind == "picture"],
        "documents": [(one, opens) for one, opens in open_ if one.kind == "document"],
        "analyses": [(one, opens) for one, opens in open_ if one.kind == "analysis"],
        "edits_files": may_edit(call.viewer, offering.organisation) and not call.viewer.is_operator,
    }


offerings.PARTS.append(of_offering_page)

routes: list[BaseRoute] = [
    Route("/me/offerings/{ref}/files", endpoint(show), name="attachments", methods=["GET"]),
    Route("/me/offerings/{ref}/files", endpoint(add), name="attachments:add", methods=["POST"]),
    Route("/me/offerings/{ref}/files/{number}", endpoint(change), name="attachments:change", methods=["POST"]),
]
