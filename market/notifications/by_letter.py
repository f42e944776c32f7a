"""What a letter's own address opens, for whoever holds the letter: confirm, less often, no more. No sign-in.

A mail program ends letters by itself with a POST without cookie or origin (RFC 8058); that address lies under `/api/`,
where a token decides. Scanners that follow links change nothing.
"""

from typing import Any

from sqlalchemy import select
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from market.errors import NotFound
from market.notifications import orders
from market.notifications.forms import FrequencyForm
from market.notifications.models import SavedSearch, Wish
from market.notifications.times import FREQUENCIES
from market.viewer import ANONYMOUS
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled, read

Order = SavedSearch | Wish


def order_of(call: Call, token: str) -> Order:
    """Raises NotFound for an address that is over."""
    found: Order | None = call.session.scalar(select(SavedSearch).where(SavedSearch.token == token))
    found = found or call.session.scalar(select(Wish).where(Wish.token == token))
    if found is None:
        raise NotFound("no such alert")
    return found


def end_order(call: Call, order: Order) -> None:
    """No more letters: a search ordered without account goes, everything else stays, silent."""
    if isinstance(order, Wish):
        orders.choose(call.session, ANONYMOUS, order, "off", call.now)
    elif order.person_id is None:
        orders.remove(call.session, ANONYMOUS, order, call.now)
    else:
        orders.change(call.session, ANONYMOUS, order, call.now, frequency="off")


def show(call: Call, token: str) -> Response:
    """The order and its ways out (GET); another frequency (POST)."""
    order = order_of(call, token)
    if call.request.method == "GET":
        return _page(call, order, Filled({"frequency": order.frequency}))
    filled = read(call.form, FrequencyForm, call.words)
    if filled.data is None:
        return _page(call, order, filled, 422)
    if isinstance(order, Wish):
        orders.choose(call.session, ANONYMOUS, order, filled.data.frequency, call.now)
    else:
        orders.change(call.session, ANONYMOUS, order, call.now, frequency=filled.data.frequency)
    return RedirectResponse(call.link("alerts:show", {"saved": "1"}, token=token), 303)


def _page(call: Call, order: Order, filled: Filled[Any], status: int = 200) -> Response:
    return call.render(
        "notifications/order.html",
        status=status,
        order=order,
        name=order.name if isinstance(order, SavedSearch) else "",
        filled=filled,
        frequencies=[(code, call.words(said)) for code, said in FREQUENCIES.items()],
        saved=call.request.query_params.get("saved") == "1",
    )


def end(call: Call, token: str) -> Response:
    end_order(call, order_of(call, token))
    return call.redirect("alerts:ended")


def ended(call: Call) -> Response:
    return call.render("notifications/ended.html")


def confirm(call: Call, token: str) -> Response:
    """A button (GET) that proves somebody reads this mailbox (POST)."""
    order = order_of(call, token)
    if isinstance(order, Wish):
        raise NotFound("nothing to confirm")
    if call.request.method == "POST":
        orders.confirm(call.session, order, call.now)
        return call.redirect("alerts:show", token=token)
    return call.render("notifications/confirm.html", order=order)


def one_click(call: Call, token: str) -> Response:
    """For mail programs. A person who opens the address in a browser gets the page with the button."""
    if call.request.method == "GET":
        return call.redirect("alerts:show", token=token)
    end_order(call, order_of(call, token))
    return PlainTextResponse("ended")


routes: list[BaseRoute] = [
    Route("/alerts/ended", endpoint(ended), name="alerts:ended", methods=["GET"]),
    Route("/alerts/{token}", endpoint(show), name="alerts:show", methods=["GET", "POST"]),
    Route("/alerts/{token}/end", endpoint(end), name="alerts:end", methods=["POST"]),
    Route("/alerts/{token}/confirm", endpoint(confirm), name="alerts:confirm", methods=["GET", "POST"]),
    Route("/api/alerts/{token}", endpoint(one_click), name="alerts:one_click", methods=["GET", "POST"]),
]
