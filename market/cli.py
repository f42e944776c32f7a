"""`market VERB`: one line per verb; each module of `market.commands` adds its arguments and does the work."""

import argparse
import logging
import sys
from importlib import import_module
from types import ModuleType

from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from market import config
from market.commands import loading, log_to_stderr
from market.errors import MarketError

VERBS = {
    "serve": "answer on the web",
    "relay": "carry changes to the search index",
    "keys": "hold the sealing key, and start a command beside without it",
    "migrate": "bring the database to the present shape",
    "seed": "plant the demo data (twice changes nothing)",
    "reindex": "build the search index anew without downtime",
    "import": "read offerings or needs from a file",
    "export": "write offerings, needs or providers to a file",
    "match": "find the offerings that fit needs",
    "suggest-codes": "suggest codes for texts",
    "load-taxonomy": "read an official code list",
    "operator": "name who runs this marketplace",
    "identity": "the demo's identity provider (this machine only)",
    "journal": "check the audit trail, or write it out",
    "verify-receipt": "check the receipt of a bid, without a network",
    "backup": "write database and files into a folder",
    "restore": "bring a backup into an empty database",
    "doctor": "check settings, database, search, mail and files",
}


def module_of(verb: str) -> ModuleType:
    return import_module(f"market.commands.{verb.replace('-', '_').replace('import', 'import_')}")


def parser(wanted: str = "") -> argparse.ArgumentParser:
    """With the arguments of the verb `wanted`. The others are named and no more: each loads what it works with, and
    all of them together would take longer than most of them work."""
    top = argparse.ArgumentParser(prog="market", description="Werkplatz Ostbrandenburg on the command line.")
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB")
    for verb, text in VERBS.items():
        added = verbs.add_parser(verb, help=text, description=text[0].upper() + text[1:] + ".")
        if verb == wanted:
            module_of(verb).arguments(added)
    return top


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 = done, 1 = refused (a line says why), 2 = wrong call."""
    arguments = sys.argv[1:] if arguments is None else arguments
    with loading():
        verbs = parser(arguments[0] if arguments else "")
    given = verbs.parse_args(arguments)
    log_to_stderr(logging.INFO if given.verb in ("serve", "relay", "keys") else logging.WARNING)
    try:
        code: int = module_of(given.verb).run(config.load(), given)
    except MarketError as error:
        print(f"market {given.verb}: {error}", file=sys.stderr)
        return 1
    except (OperationalError, ProgrammingError) as error:
        print(f"market {given.verb}: {_of_database(error)}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 1
    except KeyboardInterrupt:
        return 130
    return code


def _of_database(error: DBAPIError) -> str:
    """The line for a database that is away or has no tables. Raises what is a fault of ours."""
    lines = str(error.orig).splitlines() or [type(error).__name__]
    if "no such table" in lines[0] or ("relation" in lines[0] and "does not exist" in lines[0]):
        return "the database is not of the present shape: run `market migrate`."
    if isinstance(error, ProgrammingError):
        raise error
    return f"the database does not answer: {lines[0]}"


if __name__ == "__main__":
    sys.exit(main())
