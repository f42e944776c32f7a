"""JSON for other programs: public facts only, described by the models that make the answers."""

from market.api.views import routes

__all__ = ["routes"]
