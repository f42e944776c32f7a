"""Rail and shunting: the service, the facility's figures and the dated slots."""

from datetime import date
from typing import Literal

from pydantic import Field

from market.offerings.kinds.common import Details

RailService = Literal["shunting", "traction", "siding", "wagon_workshop", "transport"]
RidClass = Literal["1", "2", "3", "4.1", "4.2", "4.3", "5.1", "5.2", "6.1", "6.2", "7", "8", "9"]
"""Classes of dangerous goods on the railway (RID)."""


class Facility(Details):
    """Figures a train must fit: lengths in metres, loads in tonnes, gauge in millimetres, speed in km/h."""

    name: str = ""
    useful_length_m: int | None = Field(None, ge=1, le=5000)
    axle_load_t: float | None = Field(None, gt=0, le=40)
    electrified: bool = False
    gauge_mm: int = 1435
    speed_kmh: int | None = Field(None, ge=1, le=300)
    gross_mass_t: int | None = Field(None, ge=1)
    """Heaviest train that can be moved."""
    dangerous_goods: list[RidClass] | None = None
    """Classes that are taken; an empty list takes none, without one it is not stated."""


class Slot(Details):
    """A window of a day with its capacity in wagons, or in whole trains; `taken` counts what is agreed elsewhere."""

    day: date
    window: str = Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$")
    capacity: int = Field(ge=1)
    taken: int = Field(0, ge=0)
    unit: Literal["wagon", "train"] = "wagon"


class Rail(Details):
    services: list[RailService] = Field(min_length=1)
    facility: Facility | None = None
    locomotives: list[str] = []
    slots: list[Slot] = []

    def facts(self) -> dict[str, object]:
        f = self.facility
        return {
            "services": list(self.services),
            "useful_length_m": f.useful_length_m if f else None,
            "axle_load_t": f.axle_load_t if f else None,
            "electrified": f.electrified if f else None,
        }

    def words(self) -> list[str]:
        return [*self.locomotives, *([self.facility.name] if self.facility else [])]
