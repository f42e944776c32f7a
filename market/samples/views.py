"""`/me/samples`: tests a firm has ordered, and those ordered from it."""

from typing import Final

from sqlalchemy import select
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts import rules as accounts
from market.accounts.me import RUNS_OUT, TODOS, Todo, own, signed_in
from market.accounts.models import Organisation
from market.errors import Forbidden, NotFound, Unavailable
from market.files import service as files
from market.files.checks import DOCUMENTS, Unfit
from market.files.views import taken
from market.i18n import N_
from market.offerings.models import Offering
from market.offerings.rules import visible
from market.samples import labels, letters, lifecycle, service
from market.samples.forms import CancelForm, OrderForm
from market.samples.models import SampleOrder
from market.samples.rules import REPORT, may_move, visible_orders
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled, read

ALLOWED: Final = frozenset(DOCUMENTS)
OVER: Final = ("reported", "cancelled")


def index(call: Call) -> Response:
    organisation = own(call)
    found = list(call.session.scalars(visible_orders(call.viewer).order_by(SampleOrder.id.desc())))
    found.sort(key=lambda one: one.state in OVER)
    return call.render(
        "samples/list.html",
        ours=[one for one in found if one.buyer_id == organisation.id],
        theirs=[one for one in found if one.lab_id == organisation.id],
        labels=labels,
    )


def new(call: Call, ref: str) -> Response:
    """Order tests of a laboratory."""
    signed_in(call)
    offering = call.session.scalar(visible().where(Offering.ref == ref, Offering.kind == "lab_test"))
    if offering is None:
        raise NotFound(f"no laboratory test {ref}")
    organisation = own(call)
    if not accounts.may_edit(call.viewer, organisation) or offering.organisation_id == organisation.id:
        raise Forbidden("only admins and editors of another firm order tests")
    methods = service.methods_of(offering)
    if call.request.method != "POST":
        only = list(methods) if len(methods) == 1 else []
        return _form(call, offering, Filled({"methods": only, "description": "", "count": "1", "wanted_on": ""}))
    filled: Filled[OrderForm] = read(call.form, OrderForm, call.words)
    given = filled.data
    for name, sentence in given.faults(call.today, set(methods)) if given else ():
        filled.refuse(name, call.words(sentence))
    if filled.data is None:
        return _form(call, offering, filled, 422)
    made = service.order(
        call.session,
        call.viewer,
        offering,
        organisation,
        [methods[key] for key in filled.data.methods],
        call.now,
        description=filled.data.description,
        count=filled.data.count,
        wanted_on=filled.data.wanted_on,
    )
    _tell(call, made, "ordered", made.lab)
    _tell(call, made, "placed", made.buyer)
    return call.redirect("samples:show", ref=made.ref)


def _tell(call: Call, order: SampleOrder, event: str, to: Organisation) -> None:
    letters.write(call.session, order, event, to, call.now, call.pages.base_url)


def _form(call: Call, offering: Offering, filled: Filled[OrderForm], status: int = 200) -> Response:
    title, title_lang = call.words.in_language(offering.text_in("title"), offering.lang)
    return call.render(
        "samples/new.html",
        status=status,
        offering=offering,
        title=title,
        title_lang=title_lang,
        methods=service.methods_of(offering),
        filled=filled,
        labels=labels,
    )


def show(call: Call, ref: str) -> Response:
    organisation, order = _one(call, ref)
    return _page(call, organisation, order, Filled({"reason": ""}))


def _one(call: Call, ref: str) -> tuple[Organisation, SampleOrder]:
    organisation = own(call)
    order = call.session.scalar(visible_orders(call.viewer).where(SampleOrder.ref == ref))
    if order is None:
        raise NotFound(f"no sample order {ref}")
    return organisation, order


def _page(
    call: Call, organisation: Organisation, order: SampleOrder, filled: Filled[CancelForm], status: int = 200
) -> Response:
    title, title_lang = call.words.in_language(order.offering.text_in("title"), order.offering.lang)
    moves = lifecycle.MOVES[order.state] if accounts.may_edit(call.viewer, organisation) else {}
    return call.render(
        "samples/show.html",
        status=status,
        order=order,
        title=title,
        title_lang=title_lang,
        is_lab=order.lab_id == organisation.id,
        other=order.buyer if order.lab_id == organisation.id else order.lab,
        moves=[name for name in moves if may_move(order, organisation, name)],
        filled=filled,
        labels=labels,
    )


def _movable(call: Call, ref: str, move: str) -> tuple[Organisation, SampleOrder]:
    organisation, order = _one(call, ref)
    if not accounts.may_edit(call.viewer, organisation) or not may_move(order, organisation, move):
        raise Forbidden("this is the laboratory's to say")
    return organisation, order


def receive(call: Call, ref: str) -> Response:
    _, order = _movable(call, ref, "receive")
    service.receive(call.session, call.viewer, order, call.now)
    _tell(call, order, "received", order.buyer)
    return call.redirect("samples:show", ref=ref)


def begin(call: Call, ref: str) -> Response:
    _, order = _movable(call, ref, "begin")
    service.begin(call.session, call.viewer, order, call.now)
    _tell(call, order, "in_test", order.buyer)
    return call.redirect("samples:show", ref=ref)


def report(call: Call, ref: str) -> Response:
    """Upload the report. It goes by the order's reference: names of files tell more than their senders think."""
    organisation, order = _movable(call, ref, "report")
    lifecycle.after(order.state, "report")
    filled: Filled[CancelForm] = Filled({"reason": ""})
    try:
        given = taken(call, "file", ALLOWED, name=order.ref)
    except Unfit as refusal:
        return _page(call, organisation, order, filled.refuse("file", call.words(str(refusal))), 422)
    except Unavailable as away:
        return _page(call, organisation, order, filled.refuse("file", call.words(files.excuse(away))), 503)
    file = files.keep(call.session, call.viewer, organisation, given, REPORT, call.now)
    service.report(call.session, call.viewer, order, file, call.now)
    _tell(call, order, "reported", order.buyer)
    return call.redirect("samples:show", ref=ref)


def cancel(call: Call, ref: str) -> Response:
    """With a sentence for the other side."""
    organisation, order = _movable(call, ref, "cancel")
    filled: Filled[CancelForm] = read(call.form, CancelForm, call.words)
    if filled.data is None:
        return _page(call, organisation, order, filled, 422)
    service.cancel(call.session, call.viewer, order, filled.data.reason, call.now)
    _tell(call, order, "cancelled", order.buyer if organisation.id == order.lab_id else order.lab)
    return call.redirect("samples:show", ref=ref)


def todos(call: Call, organisation: Organisation) -> list[Todo]:
    """Orders the laboratory has to move on, for `/me`."""
    if not accounts.may_edit(call.viewer, organisation):
        return []
    query = select(SampleOrder).where(SampleOrder.lab_id == organisation.id, SampleOrder.state.not_in(OVER))
    orders = call.session.scalars(query).all()
    late = sum(one.promised_on is not None and one.promised_on <= call.today for one in orders)
    w, href = call.words, call.link("samples")
    rows = (
        (late, N_("Reports due"), N_("Their promised day is today or over")),
        (
            sum(one.state == "ordered" for one in orders),
            N_("Samples on their way to you"),
            N_("Say when they have come; the days count from then"),
        ),
    )
    return [Todo(count, w(text), w(more), href, RUNS_OUT) for count, text, more in rows if count]


TODOS.append(todos)

routes: list[BaseRoute] = [
    Route("/me/samples", endpoint(index), name="samples", methods=["GET"]),
    Route("/me/samples/new/{ref}", endpoint(new), name="samples:new", methods=["GET", "POST"]),
    Route("/me/samples/{ref}", endpoint(show), name="samples:show", methods=["GET"]),
    Route("/me/samples/{ref}/receive", endpoint(receive), name="samples:receive", methods=["POST"]),
    Route("/me/samples/{ref}/begin", endpoint(begin), name="samples:begin", methods=["POST"]),
    Route("/me/samples/{ref}/report", endpoint(report), name="samples:report", methods=["POST"]),
    Route("/me/samples/{ref}/cancel", endpoint(cancel), name="samples:cancel", methods=["POST"]),
]
