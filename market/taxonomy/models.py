"""Code lists and places: tables because they are lists of others, loaded whole."""

from datetime import datetime

from sqlalchemy import ColumnElement, Index, UniqueConstraint, and_
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from market.db import Base, Moment
from market.values import Point


class Code(Base):
    """A CPV or EWC code with its labels; an empty label means the source has none in that language."""

    __tablename__ = "codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    scheme: Mapped[str]
    """`cpv` (eight digits) or `ewc` (`10 02 01`, with `*` for hazardous waste)."""
    code: Mapped[str]
    label_de: Mapped[str] = mapped_column(default="")
    label_en: Mapped[str] = mapped_column(default="")
    label_pl: Mapped[str] = mapped_column(default="")
    hazardous: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str] = mapped_column(default="own")
    """`own` (labels written by us) or `official`."""

    __table_args__ = (UniqueConstraint("scheme", "code"),)

    def label(self, language: str) -> str:
        """In the language, else in German, else in English."""
        return str(getattr(self, f"label_{language}", "")) or self.label_de or self.label_en


class Located:
    """Where a record is: a site, or the base point of a service area."""

    postcode: Mapped[str] = mapped_column(default="")
    town: Mapped[str] = mapped_column(default="")
    country: Mapped[str] = mapped_column(default="DE")
    district: Mapped[str] = mapped_column(default="")
    """NUTS 3 code."""
    lat: Mapped[float | None]
    lon: Mapped[float | None]

    @property
    def point(self) -> Point | None:
        """Where it is known."""
        return None if self.lat is None or self.lon is None else (self.lat, self.lon)


def around(
    lat: InstrumentedAttribute[float | None], lon: InstrumentedAttribute[float | None], point: Point, km: float
) -> ColumnElement[bool]:
    """A box around a circle; the exact distance is taken afterwards. One degree of longitude is 65 to 70 km here."""
    high, wide = km / 111.0, km / 60.0
    return and_(lat.between(point[0] - high, point[0] + high), lon.between(point[1] - wide, point[1] + wide))


class Place(Base):
    """A postcode of a town: one row each. Coordinates are WGS 84."""

    __tablename__ = "places"

    id: Mapped[int] = mapped_column(primary_key=True)
    country: Mapped[str]
    postcode: Mapped[str]
    town: Mapped[str]
    municipality: Mapped[str] = mapped_column(default="")
    district: Mapped[str] = mapped_column(default="")
    """NUTS 3 where known."""
    lat: Mapped[float]
    lon: Mapped[float]
    weight: Mapped[int] = mapped_column(default=0)
    """Larger for larger towns, so that "Frankfurt" means the town and not a hamlet of that name."""
    source: Mapped[str] = mapped_column(default="own")

    __table_args__ = (UniqueConstraint("country", "postcode", "town"), Index(None, "postcode"))


class CodeList(Base):
    """When an official list was last loaded, and from which file."""

    __tablename__ = "code_lists"

    name: Mapped[str] = mapped_column(primary_key=True)
    file: Mapped[str]
    lines: Mapped[int]
    loaded_at: Mapped[datetime] = mapped_column(Moment)
