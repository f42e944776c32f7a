"""One thread as a page shows it, to the buyer, to a member of the firm, or to the firm behind its link."""

from typing import Any

from starlette.responses import Response

from market.enquiries import labels, letters, service
from market.enquiries.forms import ReplyForm
from market.enquiries.models import Thread
from market.errors import Conflict, TooMany
from market.i18n import N_
from market.offerings.labels import price
from market.web.endpoint import Call
from market.web.forms import Filled, read

EMPTY = {"kind": "", "text": "", "price": "", "unit": "", "valid_until": "", "reason": "", "disclose": ""}


def page(
    call: Call,
    thread: Thread,
    side: str,
    *,
    filled: Filled[Any] | None = None,
    status: int = 200,
    token: str = "",
    writes: bool = True,
    said: str = "",
) -> Response:
    """`token` where the page was opened by a link instead of a sign-in."""
    w = call.words
    response = call.render(
        "enquiries/thread.html",
        status=status,
        thread=thread,
        enquiry=thread.enquiry,
        side=side,
        messages=service.messages_of(call.session, thread),
        firm_name=w(N_("A firm that does not name itself in public"))
        if side == "buyer" and thread.hides_firm
        else thread.organisation.name,
        state=w((labels.STATES if side == "buyer" else labels.SEEN_BY_FIRM)[thread.state]),
        filled=filled or Filled(dict(EMPTY)),
        token=token,
        writes=writes and not thread.is_over,
        may=writes,
        said=said,
        price=price,
        price_of=labels.price_of,
        reason_of=labels.reason_of,
        reasons=[(code, w(text)) for code, text in labels.REASONS.items()],
        reports=[(code, w(text)) for code, text in labels.REPORTS.items()],
        units=labels.units(w),
    )
    response.headers["cache-control"] = "no-store"
    response.headers["referrer-policy"] = "same-origin"
    return response


def take(call: Call, thread: Thread, side: str, token: str = "") -> Response | None:
    """Take what was written and write the letter; None where all went well, else the page with what is wrong."""
    filled = read(call.form, ReplyForm, call.words)
    form = filled.data
    if form is not None and side == "buyer":
        form = form.model_copy(update={"kind": "message"})
    lacking = form.missing() if form is not None else None
    if lacking is not None:
        filled.refuse(lacking[0], call.words(lacking[1]))
    if form is not None and form.valid_until is not None and form.valid_until < call.today:
        filled.refuse("valid_until", call.words(N_("This day is over.")))
    if form is None or filled.data is None:
        return page(call, thread, side, filled=filled, status=422, token=token)
    try:
        message = service.write(call.session, call.viewer, thread, side, _reply(form), call.now)
    except TooMany:
        said = call.words(N_("That was too often. Please wait a few minutes and try again."))
        return page(call, thread, side, filled=filled, status=429, token=token, said=said)
    except Conflict as refusal:
        return page(call, thread, side, filled=filled, status=409, token=token, said=call.words(str(refusal)))
    base_url = call.pages.base_url
    if side == "firm":
        letters.to_buyer(call.session, thread, message, call.now, base_url)
    else:
        letters.to_firm(call.session, thread, call.now, base_url, message)
    return None


def _reply(form: ReplyForm) -> service.Reply:
    """Fields of another kind of answer, left over in the form, are dropped."""
    if form.kind == "quote":
        return service.Reply(
            form.text,
            "quote",
            price_cents=int(form.price),
            unit=form.unit,
            valid_until=form.valid_until,
            disclose=form.disclose,
        )
    if form.kind == "decline":
        return service.Reply(form.text, "decline", reason=form.reason)
    return service.Reply(form.text, "message", disclose=form.disclose)
