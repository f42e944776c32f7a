"""Services: how many people, where they work and when. Nothing here is required."""

from typing import Any, Literal

from pydantic import Field

from market.i18n import N_
from market.publishing.kinds.common import Details, Missing, Row, told
from market.web.forms import Form

LABELS = {
    "crew_size": N_("People available for one job"),
    "work_place": N_("Where you work"),
    "more": N_("When it has to be"),
}
PLACES = {"on_site": N_("At the customer's site"), "workshop": N_("In our own workshop")}
MORE = {"emergency_24_7": N_("Emergency service, day and night"), "shift_work": N_("Shifts, nights and weekends")}
ROWS: dict[str, type[Row]] = {}


class ServiceForm(Form):
    crew_size: int | None = Field(None, ge=1, le=5000)
    work_place: list[Literal["on_site", "workshop"]] = []
    more: list[Literal["emergency_24_7", "shift_work"]] = []


FORM = ServiceForm


def values(details: Details) -> dict[str, Any]:
    return {
        "crew_size": details.get("crew_size", ""),
        "work_place": details.get("work_place", ["on_site"]),
        "more": [name for name in MORE if details.get(name)],
    }


def details(form: ServiceForm, rows: dict[str, list[Any]], before: Details) -> Details:
    flags = {name: name in form.more for name in MORE}
    return told(crew_size=form.crew_size, work_place=list(form.work_place), **flags)


def missing(form: ServiceForm, rows: dict[str, list[Any]]) -> Missing:
    return []
