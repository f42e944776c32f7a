"""`market migrate`: Alembic to the newest revision, then the code lists and places we write down ourselves."""

import argparse
from pathlib import Path

from market.config import Settings
from market.db import connect, exclusive, sessions
from market.taxonomy import load

MIGRATIONS = Path(__file__).parents[1] / "migrations"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--to", default="head", help="revision (default: the newest)")


def run(settings: Settings, given: argparse.Namespace) -> int:
    migrate(settings.database_url, given.to)
    return 0


def migrate(url: str, revision: str = "head") -> None:
    """Safe to call twice, and from two processes at once: the second waits and finds nothing to do."""
    from alembic import command  # here, for the web processes only want to know where the migrations are
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    engine = connect(url)
    try:
        with exclusive(engine, "migrate"):
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS))
            newest = ScriptDirectory.from_config(config).get_heads() if revision == "head" else [revision]
            with engine.begin() as connection:
                present = MigrationContext.configure(connection).get_current_heads()
                if list(present) != newest:  # what there is to do loads every model
                    config.attributes["connection"] = connection
                    command.upgrade(config, revision)
            with sessions(engine).begin() as session:
                load.load_own(session)
    finally:
        engine.dispose()
