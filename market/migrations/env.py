"""Alembic runs on the connection it is handed (`market migrate`, the tests); migrations never import models."""

from typing import Any, Literal

from alembic import context

from market.db import Codes, Moment
from market.models import Base


def render(kind: str, column_type: Any, autogen: Any) -> str | Literal[False]:
    """Our own types are written as the plain ones they are in the database: a migration must outlive our code."""
    if kind == "type" and isinstance(column_type, Moment):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(column_type, Codes):
        return "sa.Text()"
    return False


def run() -> None:
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=render,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
