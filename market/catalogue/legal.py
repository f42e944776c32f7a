"""Legal pages and contact: drafts the operator completes, each whole in `templates/legal/<language>/`."""

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.catalogue import crawlers
from market.errors import NotFound
from market.i18n import N_
from market.matching import weights
from market.web.endpoint import Call, endpoint

PAGES = {
    "contact": N_("Help and contact"),
    "imprint": N_("Imprint"),
    "privacy": N_("Privacy"),
    "terms": N_("Terms of use"),
    "ranking": N_("How the order comes about"),
    "accessibility": N_("Accessibility"),
}


def show(call: Call, page: str) -> Response:
    if page not in PAGES:
        raise NotFound(f"No legal page is called {page}.")
    return call.render(
        f"legal/{call.language}/{page}.html",
        page=page,
        pages=PAGES,
        title=call.words(PAGES[page]),
        weights=weights,
    )


routes: list[BaseRoute] = [
    Route("/legal/{page}", endpoint(show), name="legal"),
    *crawlers.routes,
]
