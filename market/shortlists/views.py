"""`/shortlists`: keep from anywhere, lists with notes, move, take off, put back."""

from typing import Any

from pydantic import Field
from sqlalchemy import func, select
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from market.errors import Conflict, NotFound, SignInFirst
from market.shortlists import beside, service, tray
from market.shortlists.lines import lines_of_codes, lines_of_items
from market.shortlists.models import Item, Shortlist
from market.shortlists.rules import own, visible
from market.shortlists.things import find, readable
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled, Form, read, safe_path


class NameForm(Form):
    name: str = Field(max_length=80)


class NoteForm(Form):
    note: str = Field("", max_length=service.NOTE)


def index(call: Call) -> Response:
    """Before sign-in what the cookie holds, afterwards the lists of the organisation."""
    return _index(call, Filled({"name": ""}))


def _index(call: Call, filled: Filled[NameForm], status: int = 200) -> Response:
    if not call.viewer.is_signed_in:
        codes = tray.codes(call.request)
        lines = lines_of_codes(call, codes)
        response = call.render("shortlists/tray.html", lines=lines, gone=len(codes) - len(lines), most=tray.MOST)
        response.headers["cache-control"] = "no-store"
        return response
    count = (
        select(func.count(Item.id))
        .where(Item.shortlist_id == Shortlist.id, Item.removed_at.is_(None))
        .correlate(Shortlist)
        .scalar_subquery()
    )
    rows = call.session.execute(visible(call.viewer).add_columns(count).order_by(Shortlist.updated_at.desc())).all()
    return call.render("shortlists/index.html", status=status, rows=rows, filled=filled, shared=_is_shared(call))


def _is_shared(call: Call) -> bool:
    return call.viewer.organisation_id is not None and not call.viewer.behalf_of


def create(call: Call) -> Response:
    _signed_in(call)
    filled = read(call.form, NameForm, call.words)
    if filled.data is None:
        return _index(call, filled, 422)
    try:
        shortlist = service.create(call.session, call.viewer, filled.data.name, call.now)
    except Conflict as refusal:
        return _index(call, filled.refuse("name", call.words(str(refusal))), 409)
    return call.redirect("shortlists:show", ref=shortlist.ref)


def _signed_in(call: Call) -> None:
    if not call.viewer.is_signed_in:
        raise SignInFirst


def keep(call: Call) -> Response:
    """Keep one thing and go back to where it stood. Raises NotFound for what nobody can see."""
    thing = next(iter(find(call.session, [str(call.form.get("item", ""))]).values()), None)
    if thing is None or thing.state == "gone":
        raise NotFound("nothing to keep")
    back = safe_path(str(call.form.get("back", "")))
    response = RedirectResponse(f"{back}#k-{thing.code}" if back else call.link("shortlists"), 303)
    if call.viewer.is_signed_in:
        chosen = one_of(call, str(call.form["list"])) if call.form.get("list") else None
        shortlist = chosen or service.current(call.session, call.viewer, call.words, call.now)
        service.keep(call.session, call.viewer, shortlist, thing, call.now)
    else:
        tray.put(call.request, response, [*tray.codes(call.request), thing.code])
    return response


def drop(call: Call) -> Response:
    """Take one thing out of the cookie."""
    response = RedirectResponse(call.link("shortlists"), 303)
    gone = readable(call.form.getlist("item"))
    tray.put(call.request, response, [code for code in tray.codes(call.request) if code not in gone])
    return response


def one_of(call: Call, ref: str) -> Shortlist:
    _signed_in(call)
    query = visible(call.viewer).where(Shortlist.ref == ref)
    shortlist = call.session.scalar(query.with_for_update() if call.request.method == "POST" else query)
    if shortlist is None:
        raise NotFound(f"no shortlist {ref}")
    return shortlist


def _item(call: Call, ref: str, item_ref: str) -> Item:
    _signed_in(call)
    query = select(Item).join(Item.shortlist).where(own(call.viewer), Shortlist.ref == ref, Item.ref == item_ref)
    item = call.session.scalar(query)
    if item is None:
        raise NotFound(f"no item {item_ref}")
    return item


def show(call: Call, ref: str) -> Response:
    shortlist = one_of(call, ref)
    return _page(call, shortlist, Filled({"name": shortlist.name}))


def _page(call: Call, shortlist: Shortlist, filled: Filled[Any], status: int = 200) -> Response:
    others = visible(call.viewer).where(Shortlist.id != shortlist.id).order_by(Shortlist.name)
    removed = call.session.scalar(
        select(Item).where(
            Item.shortlist_id == shortlist.id,
            Item.ref == call.request.query_params.get("removed", ""),
            Item.removed_at.is_not(None),
        )
    )
    lines = lines_of_items(call, service.items(call.session, shortlist))
    return call.render(
        "shortlists/show.html",
        status=status,
        shortlist=shortlist,
        lines=lines,
        asking=[line.code for line in lines if line.can_be_asked],
        others=list(call.session.scalars(others)),
        removed=removed,
        filled=filled,
        shared=_is_shared(call),
    )


def compare(call: Call, ref: str) -> Response:
    return beside.page(call, one_of(call, ref))


def rename(call: Call, ref: str) -> Response:
    shortlist = one_of(call, ref)
    filled = read(call.form, NameForm, call.words)
    if filled.data is None:
        return _page(call, shortlist, filled, 422)
    service.rename(call.session, call.viewer, shortlist, filled.data.name, call.now)
    return call.redirect("shortlists:show", ref=ref)


def remove(call: Call, ref: str) -> Response:
    """Asks first (GET), then deletes the list (POST)."""
    shortlist = one_of(call, ref)
    if call.request.method == "POST":
        service.remove(call.session, call.viewer, shortlist, call.now)
        return call.redirect("shortlists")
    count = len(service.items(call.session, shortlist))
    return call.render("shortlists/remove.html", shortlist=shortlist, count=count)


def note(call: Call, ref: str, item: str) -> Response:
    found = _item(call, ref, item)
    filled = read(call.form, NoteForm, call.words)
    if filled.data is None:
        faulty = Filled[Any](
            {"name": found.shortlist.name, f"note-{item}": filled.values["note"]},
            {f"note-{item}": filled.errors["note"]},
        )
        return _page(call, found.shortlist, faulty, 422)
    service.note(call.session, call.viewer, found, filled.data.note, call.now)
    return _back_to(call, found)


def take_off(call: Call, ref: str, item: str) -> Response:
    found = _item(call, ref, item)
    service.take_off(call.session, call.viewer, found, call.now)
    return RedirectResponse(call.link("shortlists:show", {"removed": found.ref}, ref=ref), 303)


def put_back(call: Call, ref: str, item: str) -> Response:
    found = _item(call, ref, item)
    service.put_back(call.session, call.viewer, found, call.now)
    return _back_to(call, found)


def move(call: Call, ref: str, item: str) -> Response:
    found = _item(call, ref, item)
    target = one_of(call, str(call.form.get("list", "")))
    service.move(call.session, call.viewer, found, target, call.now)
    return call.redirect("shortlists:show", ref=ref)


def _back_to(call: Call, item: Item) -> Response:
    return RedirectResponse(call.link("shortlists:show", ref=item.shortlist.ref) + f"#item-{item.ref}", 303)


routes: list[BaseRoute] = [
    Route("/shortlists", endpoint(index), name="shortlists", methods=["GET"]),
    Route("/shortlists", endpoint(create), name="shortlists:create", methods=["POST"]),
    Route("/shortlists/keep", endpoint(keep), name="shortlists:keep", methods=["POST"]),
    Route("/shortlists/drop", endpoint(drop), name="shortlists:drop", methods=["POST"]),
    Route("/shortlists/{ref}", endpoint(show), name="shortlists:show", methods=["GET"]),
    Route("/shortlists/{ref}", endpoint(rename), name="shortlists:rename", methods=["POST"]),
    Route("/shortlists/{ref}/compare", endpoint(compare), name="shortlists:compare", methods=["GET"]),
    Route("/shortlists/{ref}/remove", endpoint(remove), name="shortlists:remove", methods=["GET", "POST"]),
    Route("/shortlists/{ref}/{item}/note", endpoint(note), name="shortlists:note", methods=["POST"]),
    Route("/shortlists/{ref}/{item}/take-off", endpoint(take_off), name="shortlists:take_off", methods=["POST"]),
    Route("/shortlists/{ref}/{item}/put-back", endpoint(put_back), name="shortlists:put_back", methods=["POST"]),
    Route("/shortlists/{ref}/{item}/move", endpoint(move), name="shortlists:move", methods=["POST"]),
]
