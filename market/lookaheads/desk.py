"""`/me/look-ahead`: a partner plans and sees who holds people ready; a firm sees what fits it and what it pledged."""

from typing import Any

from sqlalchemy import select
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts.me import LATER, SOON, TODOS, Todo, own
from market.accounts.models import Organisation
from market.accounts.people import SPEAKERS
from market.errors import Conflict, Forbidden, NotFound
from market.i18n import N_
from market.lookaheads import labels, letters, service
from market.lookaheads.fitting import Fit, fitting
from market.lookaheads.forms import CallForm, CancelForm, EntryForm
from market.lookaheads.models import Lookahead, Pledge
from market.lookaheads.rules import may_keep, visible_lookaheads, visible_pledges
from market.lookaheads.views import facts
from market.needs import desk
from market.needs import labels as need_labels
from market.needs.procedures import PROCEDURES
from market.offerings import labels as offering_labels
from market.taxonomy import trades
from market.taxonomy.places import Gazetteer, fields_of
from market.values import LANGUAGES
from market.web import stale
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled, read

FIELDS = ("kind", "confidence", "lang", "title", "site", "first_on", "last_on", "expected")


def index(call: Call) -> Response:
    organisation = own(call)
    mine = visible_lookaheads(call.viewer).where(Lookahead.organisation_id == organisation.id)
    pledged = visible_pledges(call.viewer).where(Pledge.organisation_id == organisation.id).order_by(Pledge.id.desc())
    held = list(call.session.scalars(pledged))
    known = {one.lookahead_id for one in held if one.state == "pledged"}
    entries = list(call.session.scalars(mine.order_by(Lookahead.first_on, Lookahead.id)))
    return call.render(
        "lookaheads/desk.html",
        is_partner=organisation.is_partner,
        groups=[
            (N_("In preparation"), [one for one in entries if one.state == "draft"]),
            (N_("Out"), [one for one in entries if one.state == "published"]),
            (N_("Over or decided"), [one for one in entries if one.state not in ("draft", "published")]),
        ],
        counts=service.pledged(call.session, [one for one in entries if one.published_at]),
        fits=_fits(call, organisation, known),
        held=held,
        keeps=may_keep(call.viewer, organisation),
        labels=labels,
    )


def _fits(call: Call, organisation: Organisation, known: set[int]) -> list[Fit]:
    """What it has not pledged to yet."""
    return [fit for fit in fitting(call.session, organisation) if fit.entry.id not in known]


def of_own(call: Call, ref: str) -> Lookahead:
    """One of one's own partner, locked for a write. Raises NotFound."""
    organisation = desk.partner(call)
    query = visible_lookaheads(call.viewer).where(Lookahead.ref == ref, Lookahead.organisation_id == organisation.id)
    entry = call.session.scalar(query.with_for_update(of=Lookahead) if call.request.method == "POST" else query)
    if entry is None:
        raise NotFound(f"no planned work {ref} of yours")
    return entry


def keeper(call: Call, organisation: Organisation) -> None:
    if not may_keep(call.viewer, organisation):
        raise Forbidden("only buyers and admins keep planned work")


def show(call: Call, ref: str) -> Response:
    return page(call, of_own(call, ref))


def page(
    call: Call, entry: Lookahead, *, said: str = "", filled: Filled[Any] | None = None, status: int = 200
) -> Response:
    pledges = service.pledges_of(call.session, entry)
    sums: dict[str, int] = {}
    for one in pledges:
        for trade, many in one.people.items():
            sums[trade] = sums.get(trade, 0) + many
    return call.render(
        "lookaheads/manage.html",
        status=status,
        entry=entry,
        pledges=pledges,
        sums=sums,
        total=sum(sums.values()),
        said=said,
        filled=filled or Filled({"procedure": "quotation"}),
        procedures=[(code, need_labels.procedure(call.words, code)) for code in PROCEDURES],
        keeps=may_keep(call.viewer, entry.organisation),
        **facts(call, entry),
    )


def new(call: Call) -> Response:
    organisation = desk.partner(call)
    keeper(call, organisation)
    begun = {"lang": call.language, "kind": "shutdown", "confidence": "likely"}
    if call.request.method != "POST":
        return _form(call, None, Filled(begun | {"place": f"{organisation.postcode} {organisation.town}".strip()}))
    filled, fields = _read(call)
    if filled.data is None:
        return _form(call, None, filled, 422)
    entry = service.create(call.session, call.viewer, organisation, call.now, **fields)
    return call.redirect("lookaheads:manage", ref=entry.ref)


def edit(call: Call, ref: str) -> Response:
    """The firms that pledged are written to where something they rely on is another now."""
    entry = of_own(call, ref)
    keeper(call, entry.organisation)
    if call.request.method != "POST":
        return _form(call, entry, Filled(_values(entry)))
    filled, fields = _read(call)
    if filled.data is None:
        return _form(call, entry, filled, 422)
    if stale.is_stale(call, stale.mark(_values(entry))):
        return _form(call, entry, filled, 409)
    try:
        event = service.change(call.session, call.viewer, entry, call.now, **fields)
    except Conflict as refusal:
        return page(call, entry, said=call.words(str(refusal)), status=409)
    if event:
        _tell(call, entry, event)
    return call.redirect("lookaheads:manage", ref=ref)


def _read(call: Call) -> tuple[Filled[Any], dict[str, object]]:
    """What was typed, and the fields it makes."""
    filled: Filled[Any] = read(call.form, EntryForm, call.words)
    form = filled.data
    if form is None:
        return filled, {}
    spot = Gazetteer.load(call.session).locate(form.place)
    if spot is None:
        filled.refuse("place", call.words(N_("We do not know this place. Give a postcode or a town.")))
    for name, sentence in form.faults(call.today):
        filled.refuse(name, call.words(sentence))
    return filled, form.fields() | fields_of(spot)


def _values(entry: Lookahead) -> dict[str, Any]:
    given = {name: getattr(entry, name) for name in FIELDS}
    place = f"{entry.postcode} {entry.town}".strip()
    codes = {"trades": list(entry.trades), "cpv": " ".join(entry.cpv)}
    return given | codes | {"place": place, "headcount": entry.headcount or ""}


def _form(call: Call, entry: Lookahead | None, filled: Filled[Any], status: int = 200) -> Response:
    asked = status == 409
    kept = _values(entry) if entry else {}
    chosen = [id_ for id_ in filled.values.get("trades", []) if id_ in trades.by_id()]
    return call.render(
        "lookaheads/edit.html",
        status=status,
        entry=entry,
        filled=filled,
        labels=labels,
        tongues=[(code, offering_labels.language(call.words, code)) for code in LANGUAGES],
        chosen=[(id_, trades.name(id_, call.language), "") for id_ in chosen],
        groups=[
            (g.names[call.language], [(t.id, t.names[call.language]) for t in g.trades if t.id not in chosen])
            for g in trades.groups()
        ],
        asked=asked,
        saved=_saved(call, entry) if asked and entry else [],
        seen=stale.seen(call, stale.mark(kept), asked=asked),
    )


def _saved(call: Call, entry: Lookahead) -> list[tuple[str, object]]:
    w = call.words
    return [
        (w(N_("Title")), entry.title),
        (w(N_("When")), labels.window(w, entry)),
        (w(N_("How certain")), labels.confidence(w, entry.confidence)),
        (w(N_("Site")), labels.place(entry)),
        (w(N_("Trades")), ", ".join(labels.trade(w, id_) for id_ in entry.trades)),
        (w(N_("What is expected")), entry.expected),
    ]


def act(call: Call, ref: str) -> Response:
    """Publish it, cancel it with a reason, or make a need of it."""
    entry = of_own(call, ref)
    keeper(call, entry.organisation)
    what = str(call.form.get("do", ""))
    try:
        if what == "publish":
            service.publish(call.session, call.viewer, entry, call.now)
        elif what == "cancel":
            return _cancel(call, entry)
        elif what == "call":
            return _call(call, entry)
        else:
            raise NotFound(f"nothing is called {what} here")
    except Conflict as refusal:
        return page(call, entry, said=call.words(str(refusal)), status=409)
    return call.redirect("lookaheads:manage", ref=ref)


def _cancel(call: Call, entry: Lookahead) -> Response:
    filled: Filled[Any] = read(call.form, CancelForm, call.words)
    if filled.data is None:
        return page(call, entry, filled=filled, status=422)
    service.cancel(call.session, call.viewer, entry, filled.data.reason, call.now)
    _tell(call, entry, "cancelled", filled.data.reason)
    return call.redirect("lookaheads:manage", ref=entry.ref)


def _call(call: Call, entry: Lookahead) -> Response:
    filled: Filled[Any] = read(call.form, CallForm, call.words)
    if filled.data is None:
        return page(call, entry, filled=filled, status=422)
    need = service.call(call.session, call.viewer, entry, filled.data.procedure, call.now)
    _tell(call, entry, "called")
    return call.redirect("needs:manage", ref=need.ref)


def _tell(call: Call, entry: Lookahead, event: str, note: str = "") -> None:
    firms = [one.organisation for one in service.pledges_of(call.session, entry)]
    letters.to_firms(call.session, entry, event, firms, call.now, call.pages.base_url, note)


def todos(call: Call, organisation: Organisation) -> list[Todo]:
    """Planned work that fits a firm, and pledges whose time has been moved."""
    if not call.viewer.acts_for(organisation.id, *SPEAKERS):
        return []
    w, href = call.words, call.link("lookaheads:desk")
    query = select(Pledge).join(Pledge.lookahead).where(Pledge.organisation_id == organisation.id)
    held = list(call.session.scalars(query.where(Pledge.state == "pledged", Lookahead.state == "published")))
    old = [one for one in held if one.is_outdated]
    known = {one.lookahead_id for one in held}
    fits = _fits(call, organisation, known)
    rows = (
        (old, N_("Planned work has been moved"), N_("Look whether your pledge still holds"), SOON),
        (fits, N_("Planned work that fits you"), N_("Say early how many people you could send"), LATER),
    )
    return [Todo(len(found), w(text), w(more), href, urgency) for found, text, more, urgency in rows if found]


TODOS.append(todos)

routes: list[BaseRoute] = [
    Route("/me/look-ahead", endpoint(index), name="lookaheads:desk", methods=["GET"]),
    Route("/me/look-ahead/new", endpoint(new), name="lookaheads:new", methods=["GET", "POST"]),
    Route("/me/look-ahead/{ref}", endpoint(show), name="lookaheads:manage", methods=["GET"]),
    Route("/me/look-ahead/{ref}", endpoint(act), name="lookaheads:act", methods=["POST"]),
    Route("/me/look-ahead/{ref}/edit", endpoint(edit), name="lookaheads:edit", methods=["GET", "POST"]),
]
