"""Alembic runs on the connection it is handed (`market migrate`, the tests); migrations never import models."""

from alembic import context

from market.models import Base


def run() -> None:
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
