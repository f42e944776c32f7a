"""A project and its work packages. Seen by its own partner alone: what is public of it are its needs."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.accounts.models import Organisation, Person
from market.db import Base, Moment
from market.needs.models import Need
from market.taxonomy.models import Located
from market.values import new_ref


class Project(Located, Base):
    """States are those of `lifecycle`."""

    __tablename__ = "projects"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(default="open")
    name: Mapped[str]
    description: Mapped[str] = mapped_column(Text, default="")
    site: Mapped[str] = mapped_column(default="")
    """Gate, building, plant."""
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)

    organisation: Mapped[Organisation] = relationship()
    contact: Mapped[Person | None] = relationship()


class WorkPackage(Base):
    """A part of a project, in its place in the order; it becomes a need, or points to one that is there."""

    __tablename__ = "work_packages"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    place: Mapped[int]
    """Order, and the number people call it by."""
    title: Mapped[str]
    description: Mapped[str] = mapped_column(Text, default="")
    site: Mapped[str] = mapped_column(default="")
    """Where it is another one than the project's."""
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    need_id: Mapped[int | None] = mapped_column(ForeignKey("needs.id", ondelete="SET NULL"), unique=True)

    project: Mapped[Project] = relationship()
    need: Mapped[Need | None] = relationship()
