"""`/me/enquiries`: asked and received; `/answer/TOKEN`: the same thread for a firm without an account."""

from sqlalchemy import Select
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from market.accounts.me import TODOS, WAITED_FOR, Todo, own
from market.accounts.models import Organisation
from market.enquiries import asking, labels, service
from market.enquiries.conversation import page, take
from market.enquiries.forms import ReportForm
from market.enquiries.models import Enquiry, Thread
from market.enquiries.rules import WRITERS, may_write, received, side_of, visible_enquiries, visible_threads
from market.errors import Conflict, Forbidden, NotFound
from market.viewer import Viewer
from market.web.endpoint import Call, endpoint
from market.web.forms import read

SHOWN = 100
"""The newest of each side."""


def index(call: Call) -> Response:
    own(call)
    asked = visible_enquiries(call.viewer).order_by(Enquiry.created_at.desc()).limit(SHOWN)
    came = received(call.viewer).order_by(Thread.updated_at.desc()).limit(SHOWN)
    enquiries = list(call.session.scalars(asked))
    return call.render(
        "enquiries/index.html",
        asked=[(enquiry, service.threads_of(call.session, enquiry)) for enquiry in enquiries],
        came=list(call.session.scalars(came)),
        labels=labels,
    )


def show(call: Call, ref: str) -> Response:
    """One enquiry of one's own with what became of it at each firm."""
    own(call)
    enquiry = call.session.scalar(visible_enquiries(call.viewer).where(Enquiry.ref == ref))
    if enquiry is None:
        raise NotFound(f"no enquiry {ref}")
    threads = service.threads_of(call.session, enquiry)
    rows = [(thread, service.messages_of(call.session, thread)) for thread in threads]
    return call.render("enquiries/show.html", enquiry=enquiry, rows=rows, labels=labels)


def _thread(call: Call, ref: str) -> Thread:
    own(call)
    query: Select[Thread] = visible_threads(call.viewer).where(Thread.ref == ref)
    if call.request.method == "POST":
        query = query.with_for_update(of=Thread)
    thread = call.session.scalar(query)
    if thread is None:
        raise NotFound(f"no thread {ref}")
    return thread


def thread(call: Call, ref: str) -> Response:
    found = _thread(call, ref)
    return page(call, found, side_of(call.viewer, found), writes=may_write(call.viewer, found))


def write(call: Call, ref: str) -> Response:
    found = _thread(call, ref)
    if not may_write(call.viewer, found):
        raise Forbidden("readers write nothing")
    refused = take(call, found, side_of(call.viewer, found))
    return refused or RedirectResponse(call.link("enquiries:thread", ref=ref) + "#last", 303)


def close(call: Call, ref: str) -> Response:
    found = _thread(call, ref)
    if side_of(call.viewer, found) != "buyer" or not may_write(call.viewer, found):
        raise Forbidden("only the asker closes")
    try:
        service.close(call.session, call.viewer, found, call.now)
    except Conflict as refusal:
        return page(call, found, "buyer", status=409, said=call.words(str(refusal)))
    return call.redirect("enquiries:thread", ref=ref)


def report(call: Call, ref: str) -> Response:
    found = _thread(call, ref)
    if side_of(call.viewer, found) != "firm" or not may_write(call.viewer, found):
        raise Forbidden("only the firm reports")
    return _report(call, found) or call.redirect("enquiries:thread", ref=ref)


def release(call: Call, ref: str) -> Response:
    """Let the sender ask again."""
    found = _thread(call, ref)
    if side_of(call.viewer, found) != "firm" or not call.viewer.acts_for(found.organisation_id, *WRITERS):
        raise Forbidden("only the firm lets somebody ask again")
    service.release(call.session, call.viewer, found, call.now)
    return call.redirect("enquiries:thread", ref=ref)


def _report(call: Call, found: Thread, token: str = "") -> Response | None:
    filled = read(call.form, ReportForm, call.words)
    if filled.data is None:
        return page(call, found, "firm", filled=filled, status=422, token=token)
    try:
        service.report(call.session, call.viewer, found, filled.data.report, call.now)
    except Conflict as refusal:
        return page(call, found, "firm", status=409, token=token, said=call.words(str(refusal)))
    return None


def _opened(call: Call, token: str) -> Thread | None:
    """The thread of the link. Its holder acts as the firm in it, whoever else is signed in at this browser."""
    link = service.by_token(call.session, token, call.now)
    if link is None:
        return None
    if call.request.method == "POST":
        call.viewer = Viewer(f"link:{link.thread.ref}")
    return link.thread


def _over(call: Call) -> Response:
    return call.render("enquiries/over.html", status=410)


def answer(call: Call, token: str) -> Response:
    """The thread behind the link of a letter. Looking at it changes nothing, so scanners may."""
    found = _opened(call, token)
    return page(call, found, "firm", token=token) if found else _over(call)


def reply(call: Call, token: str) -> Response:
    found = _opened(call, token)
    if found is None:
        return _over(call)
    return take(call, found, "firm", token) or RedirectResponse(call.link("answer", token=token) + "#last", 303)


def report_by_link(call: Call, token: str) -> Response:
    found = _opened(call, token)
    if found is None:
        return _over(call)
    return _report(call, found, token) or call.redirect("answer", token=token)


def todos(call: Call, organisation: Organisation) -> list[Todo]:
    """What waits for an answer, and what has been answered."""
    w, found = call.words, []
    threads = list(call.session.scalars(visible_threads(call.viewer).where(Thread.waits_for != "")))
    mine = [t for t in threads if t.organisation_id == organisation.id and t.waits_for == "firm"]
    come = [t for t in threads if t.enquiry.organisation_id == organisation.id and t.waits_for == "buyer"]
    waits = w.ngettext("%(num)s enquiry waits for your answer", "%(num)s enquiries wait for your answer", len(mine))
    answered = w.ngettext("%(num)s firm has answered", "%(num)s firms have answered", len(come))
    for waiting, words in ((mine, waits), (come, answered)):
        if waiting:
            text = words % {"num": len(waiting)}
            first = min(waiting, key=lambda t: t.updated_at)
            found.append(Todo(len(waiting), text, first.enquiry.subject, call.link("enquiries"), WAITED_FOR))
    return found


TODOS.append(todos)

routes: list[BaseRoute] = [
    *asking.routes,
    Route("/me/enquiries", endpoint(index), name="enquiries", methods=["GET"]),
    Route("/me/enquiries/{ref}", endpoint(show), name="enquiries:show", methods=["GET"]),
    Route("/me/enquiries/threads/{ref}", endpoint(thread), name="enquiries:thread", methods=["GET"]),
    Route("/me/enquiries/threads/{ref}", endpoint(write), name="enquiries:write", methods=["POST"]),
    Route("/me/enquiries/threads/{ref}/close", endpoint(close), name="enquiries:close", methods=["POST"]),
    Route("/me/enquiries/threads/{ref}/report", endpoint(report), name="enquiries:report", methods=["POST"]),
    Route("/me/enquiries/threads/{ref}/release", endpoint(release), name="enquiries:release", methods=["POST"]),
    Route("/answer/{token}", endpoint(answer), name="answer", methods=["GET"]),
    Route("/answer/{token}", endpoint(reply), name="answer:reply", methods=["POST"]),
    Route("/answer/{token}/report", endpoint(report_by_link), name="answer:report", methods=["POST"]),
]
