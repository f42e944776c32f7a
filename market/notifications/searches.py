"""Saving a search, and `/me/searches`: what somebody has saved, and how often each of them writes."""

from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from market.accounts.me import signed_in
from market.accounts.models import Person
from market.accounts.views import client_of
from market.catalogue import criteria, facets
from market.catalogue.criteria import Asked
from market.catalogue.search import heading
from market.errors import Conflict, NotFound, TooMany
from market.i18n import N_
from market.mail import letters
from market.notifications import orders, rules
from market.notifications.forms import LONGEST, FrequencyForm, OrderForm, SearchForm
from market.notifications.models import SavedSearch
from market.notifications.times import FREQUENCIES
from market.notifications.writing import newest
from market.offerings import labels
from market.taxonomy.places import Gazetteer
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled, read


def asked_of(call: Call, query: str) -> tuple[Asked, str]:
    """What an address asks for, and that address in its own order: equal searches are equal texts."""
    asked = criteria.read(QueryParams(query), Gazetteer.load(call.session))
    state = {key: value for key, value in asked.address().items() if key not in ("page", "sort")}
    pairs = [(key, value) for key, value in state.items() if value not in (None, "", [])]
    return asked, urlencode(pairs, doseq=True)


def described(call: Call, asked: Asked) -> list[str]:
    """The search in words: tab, words and place, and every filter."""
    w = call.words
    c = asked.criteria
    radius = [w(N_("within %(km)s km"), km=w.number(c.radius_km))] if c.near is not None and c.radius_km else []
    kinds = [labels.kind(w, code) for code in c.kinds]
    chips = [chip.label for chip in facets.chips(w, asked)]
    found = [w(facets.EVERYTHING[asked.tab]), heading(w, asked), *radius, *kinds, *chips]
    return list(dict.fromkeys(found))


def save(call: Call) -> Response:
    """A name and how often; without an account an address, too."""
    query = str(call.form.get("query", "")) if call.form else call.request.url.query
    asked, address = asked_of(call, query)
    if call.request.method == "GET":
        return _save_page(
            call, asked, address, Filled({"name": heading(call.words, asked)[:LONGEST], "frequency": "instant"})
        )
    return _saved(call, asked, address) if call.viewer.is_signed_in else _ordered(call, asked, address)


def _save_page(call: Call, asked: Asked, address: str, filled: Filled[Any], status: int = 200) -> Response:
    return call.render(
        "notifications/save.html",
        status=status,
        filled=filled,
        query=address,
        described=described(call, asked),
        frequencies=_frequencies(call),
    )


def _frequencies(call: Call) -> list[tuple[str, str]]:
    return [(code, call.words(said)) for code, said in FREQUENCIES.items()]


def _saved(call: Call, asked: Asked, address: str) -> Response:
    filled = read(call.form, SearchForm, call.words)
    if filled.data is None:
        return _save_page(call, asked, address, filled, 422)
    person = call.session.get_one(Person, call.viewer.person_id)
    given = {"name": filled.data.name, "frequency": filled.data.frequency}
    try:
        orders.save(call.session, call.viewer, person, call.now, tab=asked.tab, query=address, **given)
    except Conflict as error:
        return _save_page(call, asked, address, filled.refuse("name", call.words(str(error))), 422)
    return call.redirect("searches")


def _ordered(call: Call, asked: Asked, address: str) -> Response:
    """The same answer for every address, whoever knows it."""
    filled = read(call.form, OrderForm, call.words)
    if filled.data is None:
        return _save_page(call, asked, address, filled, 422)
    given = {"name": filled.data.name, "frequency": filled.data.frequency, "language": call.language}
    client = client_of(call.request)
    try:
        search = orders.order(call.session, filled.data.email, client, call.now, tab=asked.tab, query=address, **given)
    except TooMany as refusal:
        minutes = -(-int(str(refusal.details["seconds"])) // 60)
        said = call.words.ngettext(
            "Too many letters were asked for. Please try again in %(num)s minute.",
            "Too many letters were asked for. Please try again in %(num)s minutes.",
            minutes,
        )
        return _save_page(call, asked, address, filled.refuse("email", said % {"num": minutes}), 429)
    base = call.pages.base_url
    letters.write(
        call.session,
        call.now,
        filled.data.email,
        call.language,
        "notifications/confirm",
        name=search.name,
        page=base + call.link("search") + f"?{address}",
        link=base + call.link("alerts:confirm", token=search.token),
    )
    return call.redirect("searches:sent")


def sent(call: Call) -> Response:
    local = not call.request.app.state.settings.production
    return call.render("notifications/sent.html", local=local)


def searches(call: Call) -> Response:
    signed_in(call)
    return _list(call)


def _list(
    call: Call, wrong: SavedSearch | None = None, filled: Filled[Any] | None = None, status: int = 200
) -> Response:
    rows = list(call.session.scalars(rules.own_searches(call.viewer)))
    gazetteer = Gazetteer.load(call.session)
    return call.render(
        "notifications/searches.html",
        status=status,
        searches=[(row, described(call, criteria.read(QueryParams(row.query), gazetteer))) for row in rows],
        frequencies=_frequencies(call),
        newest=newest,
        wrong=wrong,
        filled=filled or Filled({}),
    )


def _own(call: Call, ref: str) -> SavedSearch:
    """Raises SignInFirst, and NotFound for somebody else's."""
    signed_in(call)
    search = call.session.scalar(rules.own_searches(call.viewer).where(SavedSearch.ref == ref))
    if search is None:
        raise NotFound(f"no search {ref} of yours")
    return search


def change(call: Call, ref: str) -> Response:
    search = _own(call, ref)
    filled = read(call.form, SearchForm, call.words)
    if filled.data is None:
        return _list(call, search, filled, 422)
    given = {"name": filled.data.name, "frequency": filled.data.frequency}
    orders.change(call.session, call.viewer, search, call.now, **given)
    return call.redirect("searches")


def remove(call: Call, ref: str) -> Response:
    search = _own(call, ref)
    orders.remove(call.session, call.viewer, search, call.now)
    return call.redirect("searches")


def wishes(call: Call) -> Response:
    """How often one wants letters about needs that fit the own firm."""
    signed_in(call)
    person = call.session.get_one(Person, call.viewer.person_id)
    if call.request.method == "POST":
        filled = read(call.form, FrequencyForm, call.words)
        if filled.data is None:
            return _wishes_page(call, filled, 422)
        wish = orders.wish_of(call.session, person, call.now)
        orders.choose(call.session, call.viewer, wish, filled.data.frequency, call.now)
        return RedirectResponse(call.link("alerts", {"saved": "1"}), 303)
    return _wishes_page(call, Filled({"frequency": orders.frequency_of(call.session, person)}))


def _wishes_page(call: Call, filled: Filled[Any], status: int = 200) -> Response:
    return call.render(
        "notifications/wishes.html",
        status=status,
        filled=filled,
        frequencies=_frequencies(call),
        saved=call.request.query_params.get("saved") == "1",
        number=len(call.session.scalars(rules.own_searches(call.viewer)).all()),
    )


routes: list[BaseRoute] = [
    Route("/search/save", endpoint(save), name="searches:save", methods=["GET", "POST"]),
    Route("/search/sent", endpoint(sent), name="searches:sent", methods=["GET"]),
    Route("/me/searches", endpoint(searches), name="searches", methods=["GET"]),
    Route("/me/searches/{ref}", endpoint(change), name="searches:change", methods=["POST"]),
    Route("/me/searches/{ref}/remove", endpoint(remove), name="searches:remove", methods=["POST"]),
    Route("/me/alerts", endpoint(wishes), name="alerts", methods=["GET", "POST"]),
]
