"""`/me/look-ahead/REF/pledge`: a firm says how many people it would send, changes that or takes it back."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts.me import own, signed_in
from market.accounts.models import Organisation
from market.errors import Conflict, Forbidden
from market.i18n import N_
from market.lookaheads import labels, letters, service
from market.lookaheads.forms import field_of, read_pledge
from market.lookaheads.models import Lookahead, Pledge
from market.lookaheads.rules import may_pledge
from market.lookaheads.views import shown
from market.web import stale
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled


def pledge(call: Call, ref: str) -> Response:
    signed_in(call)
    entry, firm = shown(call, ref), own(call)
    if not may_pledge(call.viewer, firm, entry):
        raise Forbidden("checked firms pledge, by those who speak for them")
    held = service.pledge_of(call.session, entry, firm.id)
    if call.request.method != "POST":
        return _page(call, entry, held, Filled(_values(entry, held)))
    try:
        if call.form.get("do") == "withdraw":
            return _withdraw(call, entry, held, firm)
        return _pledge(call, entry, held, firm)
    except Conflict as refusal:
        return _page(call, entry, held, Filled(_values(entry, held)), 409, call.words(str(refusal)))


def _pledge(call: Call, entry: Lookahead, held: Pledge | None, firm: Organisation) -> Response:
    filled, people = read_pledge(call.form, entry, labels.asked(entry), call.words)
    if filled.data is None:
        return _page(call, entry, held, filled, 422)
    if stale.is_stale(call, stale.mark(_kept(call, held))):
        return _page(call, entry, held, filled, 409, asked=True)
    days = filled.data.model_dump()
    event = service.pledge(call.session, call.viewer, entry, firm, call.now, people=people, **days)
    letters.to_partner(call.session, entry, event, firm, call.now, call.pages.base_url)
    return call.redirect("lookaheads:desk")


def _withdraw(call: Call, entry: Lookahead, held: Pledge | None, firm: Organisation) -> Response:
    if held is not None:
        service.withdraw(call.session, call.viewer, held, call.now)
        letters.to_partner(call.session, entry, "withdraw", firm, call.now, call.pages.base_url)
    return call.redirect("lookaheads:desk")


def _values(entry: Lookahead, held: Pledge | None) -> dict[str, Any]:
    """What was pledged; days that lie outside the planned time by now are the planned ones."""
    fits = held is not None and entry.first_on <= held.first_on and held.last_on <= entry.last_on
    days = held if held is not None and fits else entry
    people = {field_of(id_): many for id_, many in held.people.items()} if held else {}
    return {"first_on": days.first_on, "last_on": days.last_on, "remark": held.remark if held else ""} | people


def _kept(call: Call, held: Pledge | None) -> list[tuple[str, str]]:
    """What stands pledged, line by line."""
    w = call.words
    if held is None or held.state != "pledged":
        return [(w(N_("Your pledge")), w(N_("None yet.")))]
    return [
        (w(N_("Your pledge")), labels.people(w, held)),
        (w(N_("When")), labels.window(w, held)),
        (w(N_("Remark")), held.remark or w(N_("not stated"))),
    ]


def _page(
    call: Call,
    entry: Lookahead,
    held: Pledge | None,
    filled: Filled[Any],
    status: int = 200,
    said: str = "",
    *,
    asked: bool = False,
) -> Response:
    """`asked`: another window has pledged since, so what was typed is not saved yet."""
    kept = _kept(call, held)
    return call.render(
        "lookaheads/pledge.html",
        status=status,
        entry=entry,
        held=held,
        filled=filled,
        said=said,
        saved=kept if asked else [],
        seen=stale.seen(call, stale.mark(kept), asked=asked),
        asked=[(field_of(id_), labels.trade(call.words, id_)) for id_ in labels.asked(entry)],
        ended=call.words(labels.ENDED[entry.state]) if entry.state in labels.ENDED else "",
        labels=labels,
    )


routes: list[BaseRoute] = [
    Route("/me/look-ahead/{ref}/pledge", endpoint(pledge), name="lookaheads:pledge", methods=["GET", "POST"]),
]
