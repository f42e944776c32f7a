"""All routes of the console."""

from starlette.routing import BaseRoute

from market.console import acting, claiming, health, journal, organisations, providers, searches

routes: list[BaseRoute] = [
    *providers.routes,
    *organisations.routes,
    *acting.routes,
    *claiming.routes,
    *journal.routes,
    *health.routes,
    *searches.routes,
]
