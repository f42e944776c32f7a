"""One table a firm has brought, how far the work on it is, and its rows that cannot be taken."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.accounts.models import Organisation, Person
from market.db import Base, Moment
from market.values import new_ref

WORKING: Final = ("checking", "taking")
"""States in which the relay has something to do."""
OVER: Final = ("done", "failed", "dropped")
"""States in which the file is gone."""


class Import(Base):
    """`state`: uploaded -> checking -> checked -> taking -> done; failed (unreadable) or dropped (not wanted).

    Counts and `seen` are those of the present run, committed with the rows they count; a run that is killed goes on
    behind the rows seen.
    """

    __tablename__ = "imports"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    """Who brought it, and gets the letter."""
    actor: Mapped[str]
    """That person as the journal knows it."""
    behalf_of: Mapped[str] = mapped_column(default="")
    name: Mapped[str]
    form: Mapped[str]
    """`csv`, `xlsx` or `jsonl`."""
    key: Mapped[str]
    """Of the bytes in the store; empty once they are deleted."""
    state: Mapped[str] = mapped_column(default="uploaded", index=True)
    encoding: Mapped[str] = mapped_column(default="")
    """Of a CSV."""
    separator: Mapped[str] = mapped_column(default="")
    head: Mapped[list[str]] = mapped_column(JSON, default=list)
    """First row, as it stands in the file."""
    columns: Mapped[list[str]] = mapped_column(JSON, default=list)
    """What each column goes to, `columns.TARGETS` or empty; empty as a whole for JSON Lines."""
    kind: Mapped[str] = mapped_column(default="service")
    """Of rows that name none."""
    rows: Mapped[int] = mapped_column(default=0)
    seen: Mapped[int] = mapped_column(default=0)
    """Rows this run has dealt with."""
    created: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    faulty: Mapped[int] = mapped_column(default=0)
    touched: Mapped[list[int]] = mapped_column(JSON, default=list)
    """Ids of the first offerings created or changed, for links."""
    problem: Mapped[str] = mapped_column(default="")
    """Why the file as a whole cannot be read; a sentence for people."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    begun_at: Mapped[datetime | None] = mapped_column(Moment)
    """When the present run began."""
    ended_at: Mapped[datetime | None] = mapped_column(Moment)

    organisation: Mapped[Organisation] = relationship()
    person: Mapped[Person | None] = relationship()

    @property
    def is_working(self) -> bool:
        return self.state in WORKING

    @property
    def good(self) -> int:
        """Rows that can be taken."""
        return self.created + self.changed + self.unchanged


class FaultyRow(Base):
    """A row that cannot be taken, as it stands in the file, and why."""

    __tablename__ = "import_faults"

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"))
    line: Mapped[int]
    cells: Mapped[list[str]] = mapped_column(JSON, default=list)
    faults: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """`column`, `value`, `message` and `values` of each `exchange.reasons.Fault`."""

    __table_args__ = (Index(None, "import_id", "line"),)
