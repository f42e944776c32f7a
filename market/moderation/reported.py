"""`/operator/reports`: enquiries that firms reported as unwanted. Not there for anybody but the operator."""

from typing import Literal

from sqlalchemy import func, select
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts.me import operator_only
from market.enquiries import letters
from market.enquiries.judging import blocked, judge, lift
from market.enquiries.labels import REPORTS
from market.enquiries.models import Enquiry, Thread
from market.enquiries.rules import visible_reports
from market.errors import Conflict, NotFound
from market.i18n import N_
from market.moderation.views import FIGURES, Figure
from market.web.endpoint import Call, endpoint
from market.web.forms import Form, read

SHOWN = 50
"""The oldest; the next ones follow when these are decided."""


class VerdictForm(Form):
    verdict: Literal["dismissed", "warned", "blocked"]


def _count(call: Call) -> int:
    waiting = visible_reports(call.viewer).order_by(None).with_only_columns(Thread.id).subquery()
    return call.session.scalar(select(func.count()).select_from(waiting)) or 0


def queue(call: Call) -> Response:
    operator_only(call)
    return _queue(call)


def _queue(call: Call, said: str = "", status: int = 200) -> Response:
    waiting = list(call.session.scalars(visible_reports(call.viewer).limit(SHOWN)))
    return call.render(
        "operator/reports.html",
        status=status,
        waiting=[(thread, call.words(REPORTS[thread.reported_reason]), _reported(call, thread)) for thread in waiting],
        total=_count(call),
        blocked=_blocked(call),
        said=said,
    )


def _reported(call: Call, thread: Thread) -> int:
    """How many of this sender's enquiries have been reported, this one among them."""
    query = select(func.count(Thread.id)).join(Thread.enquiry)
    own = Enquiry.organisation_id == thread.enquiry.organisation_id
    return call.session.scalar(query.where(own, Thread.reported_at.is_not(None))) or 0


def _blocked(call: Call) -> list[Thread]:
    """The newest verdict on each sender that cannot ask."""
    found: dict[int, Thread] = {}
    for thread in call.session.scalars(blocked(call.viewer)):
        found.setdefault(thread.enquiry.organisation_id, thread)
    return list(found.values())


def decide(call: Call, ref: str) -> Response:
    operator_only(call)
    thread = call.session.scalar(select(Thread).where(Thread.ref == ref, Thread.reported_at.is_not(None)))
    if thread is None:
        raise NotFound(f"no report {ref}")
    filled = read(call.form, VerdictForm, call.words)
    if filled.data is None:
        return _queue(call, call.words(N_("Please choose one of the options.")), 422)
    try:
        judge(call.session, call.viewer, thread, filled.data.verdict, call.now)
    except Conflict as refusal:
        return _queue(call, call.words(str(refusal)), 409)
    if thread.verdict != "dismissed":
        letters.to_sender(call.session, thread, call.now, call.pages.base_url)
    return call.redirect("operator:reports")


def lift_block(call: Call, ref: str) -> Response:
    """The sender may ask again, and is told so."""
    operator_only(call)
    thread = call.session.scalar(blocked(call.viewer).where(Thread.ref == ref).with_for_update(of=Thread))
    if thread is None:
        raise NotFound(f"no block {ref}")
    lift(call.session, call.viewer, thread, call.now)
    letters.to_sender(call.session, thread, call.now, call.pages.base_url)
    return call.redirect("operator:reports")


def figures(call: Call) -> list[Figure]:
    w = call.words
    return [Figure(w(N_("Unwanted enquiries")), _count(call), w(N_("oldest first")), call.link("operator:reports"))]


FIGURES.append(figures)

routes: list[BaseRoute] = [
    Route("/operator/reports", endpoint(queue), name="operator:reports", methods=["GET"]),
    Route("/operator/reports/{ref}", endpoint(decide), name="operator:report_decide", methods=["POST"]),
    Route("/operator/reports/{ref}/lift", endpoint(lift_block), name="operator:report_lift", methods=["POST"]),
]
