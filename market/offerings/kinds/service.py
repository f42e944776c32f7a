"""Services: work by a crew, on the buyer's site or in the firm's own workshop."""

from typing import Literal

from pydantic import Field

from market.offerings.kinds.common import Details


class Service(Details):
    crew_size: int | None = Field(None, ge=1, le=5000)
    """People available for one job."""
    emergency_24_7: bool = False
    work_place: list[Literal["on_site", "workshop"]] = ["on_site"]
    shift_work: bool = False
    """Works in shifts or at night, as shutdowns need it."""

    def facts(self) -> dict[str, object]:
        return {
            "crew_size": self.crew_size,
            "emergency": self.emergency_24_7,
            "work_place": list(self.work_place),
            "shift_work": self.shift_work,
        }
