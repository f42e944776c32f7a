"""How often something was looked at, and what had been searched for before; with nothing about who did."""

from datetime import date

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from market.db import Base


class DailyViews(Base):
    """`kind` is `offering` or `provider`, `ref` the reference in the address of its page, `day` the local day."""

    __tablename__ = "daily_views"

    kind: Mapped[str] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    count: Mapped[int]


class SearchedWord(Base):
    """How often people had searched for a word before they came to a page of the firm, by month; nothing about who."""

    __tablename__ = "searched_words"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    word: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
