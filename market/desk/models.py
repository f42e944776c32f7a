"""How often something was looked at: one row for a thing and a day, with nothing about who looked."""

from datetime import date

from sqlalchemy.orm import Mapped, mapped_column

from market.db import Base


class DailyViews(Base):
    """`kind` is `offering` or `provider`, `ref` the reference in the address of its page, `day` the local day."""

    __tablename__ = "daily_views"

    kind: Mapped[str] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    count: Mapped[int]
