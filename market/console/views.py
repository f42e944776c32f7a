"""All routes of the console."""

from starlette.routing import BaseRoute

from market.console import journal, providers

routes: list[BaseRoute] = [*providers.routes, *journal.routes]
