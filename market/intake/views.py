"""`/me/import`: a firm brings a table, sees what becomes of it, confirms, and watches it being taken in."""

from typing import Any
from urllib.parse import quote

from sqlalchemy import select
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts.me import own
from market.accounts.models import Organisation
from market.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from market.files import service as files
from market.files.checks import Unfit
from market.files.views import store_of
from market.i18n import N_
from market.intake import columns, labels, reading, service, sheets
from market.intake.models import OVER, Import
from market.intake.reading import ENCODINGS, SEPARATORS, Look
from market.intake.rules import may_import
from market.offerings.labels import KIND_NAMES
from market.offerings.models import Offering
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled

LISTED = 100
"""Faulty rows on a page; all are in the download."""


def start(call: Call) -> Response:
    return _start(call, _firm(call), Filled())


def _firm(call: Call) -> Organisation:
    organisation = own(call)
    if not may_import(call.viewer, organisation):
        raise Forbidden("only admins and editors import offerings")
    return organisation


def _start(call: Call, organisation: Organisation, filled: Filled[Any], status: int = 200) -> Response:
    return call.render(
        "intake/start.html",
        status=status,
        filled=filled,
        imports=service.latest(call.session, organisation.id),
        kinds=KIND_NAMES,
        states=labels.STATES,
        most_mb=reading.MOST_BYTES // 1_048_576,
        most_rows=reading.MOST_ROWS,
    )


def upload(call: Call) -> Response:
    organisation = _firm(call)
    if _has_running(call, organisation):
        sentence = N_("One import of yours is being taken in. Please wait until it is done.")
        return _start(call, organisation, Filled().refuse("file", call.words(sentence)), 409)
    file, store, language = call.form.get("file"), store_of(call), call.language
    try:
        table = call.outside("file", lambda: service.bring(store, file, language), service.Table.leave)
    except (Unfit, Invalid) as error:
        return _start(call, organisation, Filled().refuse("file", call.words(str(error))), 422)
    except Unavailable as away:
        return _start(call, organisation, Filled().refuse("file", call.words(files.excuse(away))), 503)
    one = service.begin(call.session, call.viewer, store, organisation, table, call.now)
    call.session.flush()
    return call.redirect("intake:show", ref=one.ref)


def _has_running(call: Call, organisation: Organisation) -> bool:
    running = select(Import.id).where(Import.organisation_id == organisation.id, Import.state == "taking")
    return call.session.scalar(running.limit(1)) is not None


def _one(call: Call, ref: str) -> Import:
    organisation = _firm(call)
    query = select(Import).where(Import.ref == ref, Import.organisation_id == organisation.id)
    one = call.session.scalar(query.with_for_update() if call.request.method == "POST" else query)
    if one is None:
        raise NotFound(f"no import {ref}")
    return one


def show(call: Call, ref: str) -> Response:
    """The step this import is at: columns, progress, confirmation or result."""
    one = _one(call, ref)
    if one.state == "uploaded" or (one.state == "checked" and "columns" in call.request.query_params):
        return _columns(call, one)
    if one.is_working:
        return call.render("intake/_progress.html" if call.is_fragment else "intake/progress.html", one=one)
    if one.state == "dropped":
        raise NotFound(f"import {ref} was dropped")
    rows = service.faulty_rows(call.session, one, LISTED)
    return call.render(
        "intake/checked.html" if one.state == "checked" else "intake/done.html",
        one=one,
        faults=[(row.line, labels.faults(call.words, one, row)) for row in rows],
        touched=_touched(call, one),
    )


def _touched(call: Call, one: Import) -> list[Offering]:
    query = select(Offering).where(Offering.id.in_(one.touched), Offering.organisation_id == one.organisation_id)
    return list(call.session.scalars(query.order_by(Offering.id)))


def _columns(call: Call, one: Import, fault: str = "", status: int = 200) -> Response:
    try:
        look = _beginning(call, one)
    except Invalid as error:
        look, fault = Look([], []), call.words(str(error))
    filled: Filled[Any] = Filled()
    return call.render(
        "intake/columns.html",
        status=status,
        one=one,
        look=look,
        filled=filled.refuse("columns", fault) if fault else filled,
        options=labels.target_options(call.words, one),
        encodings=labels.ENCODINGS,
        separators=labels.SEPARATORS,
        kinds=KIND_NAMES,
        unread=[name for name, key in zip(look.head, one.columns, strict=False) if name.strip() and not key],
    )


def _beginning(call: Call, one: Import) -> Look:
    """Head and first rows as they are read now. Raises Invalid, and Unavailable when the store is."""
    store, key, plan = store_of(call), one.key, service.plan(one)
    name = f"beginning {plan.encoding} {plan.separator}"
    return call.outside(
        name, lambda: reading.beginning(b"".join(store.read(key)), plan.form, plan.encoding, plan.separator)
    )


def choose(call: Call, ref: str) -> Response:
    """Another encoding or separator shows the sample again; else the rows are checked with the columns chosen."""
    one = _one(call, ref)
    if one.state not in ("uploaded", "checked", "checking"):
        raise Conflict("this import is confirmed or over")
    kind = str(call.form.get("kind", ""))
    kind = kind if kind in KIND_NAMES else "service"
    encoding = str(call.form.get("encoding", one.encoding))
    separator = str(call.form.get("separator", one.separator))
    if one.form == "csv" and (encoding, separator) != (one.encoding, one.separator):
        one.encoding = encoding if encoding in ENCODINGS else one.encoding
        one.separator = separator if separator in SEPARATORS else one.separator
        one.kind, one.state = kind, "uploaded"
        return _read_again(call, one)
    known = set(columns.keys())
    chosen = [str(call.form.get(f"c{place}", "")) for place in range(len(one.columns))]
    chosen = [key if key in known else "" for key in chosen]
    if one.form != "jsonl":
        one.columns, one.kind = chosen, kind
        fault = _fault(call, chosen)
        if fault:
            return _columns(call, one, fault, 422)
    service.check(call.session, call.viewer, one, chosen, kind, call.now)
    return call.redirect("intake:show", ref=ref)


def _read_again(call: Call, one: Import) -> Response:
    try:
        look = _beginning(call, one)
    except Invalid as error:
        return _columns(call, one, call.words(str(error)), 422)
    one.head, one.columns = look.head, columns.guess(look.head)
    return call.redirect("intake:show", ref=one.ref)


def _fault(call: Call, chosen: list[str]) -> str:
    """What is wrong with the choice of columns as a whole."""
    twice = sorted({key for key in chosen if key and chosen.count(key) > 1})
    if twice:
        name = call.words(columns.name_of(twice[0]))
        return call.words(N_("“%(name)s” is chosen for two columns. One is enough."), name=name)
    if "title" not in chosen:
        return call.words(N_("No column holds the title. Choose it: without a title there is no offering."))
    return ""


def confirm(call: Call, ref: str) -> Response:
    one = _one(call, ref)
    if one.organisation.suspended_at is not None:
        raise Conflict("the firm is suspended", reason="suspended")
    service.confirm(call.session, call.viewer, one, call.now)
    return call.redirect("intake:show", ref=ref)


def drop(call: Call, ref: str) -> Response:
    one = _one(call, ref)
    service.drop(call.session, call.viewer, store_of(call), one, call.now)
    return call.redirect("intake")


def faults(call: Call, ref: str, form: str) -> Response:
    """The rows that cannot be taken, to be corrected."""
    one = _one(call, ref)
    if form not in sheets.MEDIA or one.state not in ("checked", *OVER):
        raise NotFound("no such table")
    rows = service.faulty_rows(call.session, one)
    stem = one.name.rpartition(".")[0][:60] or "import"
    return _file(sheets.faulty(call.words, one, rows, form), f"{stem}-{call.words(N_('to-correct'))}.{form}", form)


def template(call: Call, kind: str, form: str) -> Response:
    """The empty table of a kind, explained."""
    _firm(call)
    if kind not in KIND_NAMES or form not in sheets.MEDIA:
        raise NotFound("no such template")
    return _file(sheets.template(call.words, kind, form), f"werkplatz-{kind.replace('_', '-')}.{form}", form)


def _file(content: bytes, name: str, form: str) -> Response:
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(content, media_type=sheets.MEDIA[form], headers=headers)


routes: list[BaseRoute] = [
    Route("/me/import", endpoint(start), name="intake", methods=["GET"]),
    Route("/me/import", endpoint(upload), name="intake:upload", methods=["POST"]),
    Route("/me/import/template/{kind}.{form}", endpoint(template), name="intake:template", methods=["GET"]),
    Route("/me/import/{ref}", endpoint(show), name="intake:show", methods=["GET"]),
    Route("/me/import/{ref}/columns", endpoint(choose), name="intake:choose", methods=["POST"]),
    Route("/me/import/{ref}/confirm", endpoint(confirm), name="intake:confirm", methods=["POST"]),
    Route("/me/import/{ref}/drop", endpoint(drop), name="intake:drop", methods=["POST"]),
    Route("/me/import/{ref}/faults.{form}", endpoint(faults), name="intake:faults", methods=["GET"]),
]
