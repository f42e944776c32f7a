"""`market migrate`: Alembic to the newest revision, then the code lists and places we write down ourselves."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from market.config import Settings
from market.db import connect, exclusive, sessions
from market.taxonomy import load

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

MIGRATIONS = Path(__file__).parents[1] / "migrations"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--to", default="head", help="revision (default: the newest)")


def run(settings: Settings, given: argparse.Namespace) -> int:
    migrate(settings.database_url, given.to)
    return 0


def migrate(url: str, revision: str = "head") -> None:
    """Safe to call twice, and from two processes at once: the second waits and finds nothing to do."""
    engine = connect(url)
    try:
        with exclusive(engine, "migrate"):
            upgrade(engine, revision)
            with sessions(engine).begin() as session:
                load.load_own(session)
    finally:
        engine.dispose()


def knows(revision: str) -> bool:
    """Whether this version has the shape of a database that another has written."""
    from alembic.util import CommandError

    try:
        return _scripts().get_revision(revision) is not None
    except CommandError:
        return False


def upgrade(engine: Engine, revision: str = "head") -> None:
    """The tables alone."""
    from alembic import command  # here, for the web processes only want to know where the migrations are
    from alembic.runtime.migration import MigrationContext

    newest = _scripts().get_heads() if revision == "head" else [revision]
    with engine.begin() as connection:
        present = MigrationContext.configure(connection).get_current_heads()
        if list(present) != newest:  # what there is to do loads every model
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, revision)


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def _scripts() -> "ScriptDirectory":
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config())
