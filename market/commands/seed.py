"""`market seed`: the demo data, for local runs and for tests of a deployment."""

import argparse
import sys

from sqlalchemy import Engine
from tqdm import tqdm

from market.bids.keys import Keys
from market.config import Settings
from market.db import connect, sessions
from market.errors import Forbidden, Unavailable
from market.files.stores import store_at
from market.values import utc_now
from seeds import sealed
from seeds.identity import introduce
from seeds.pictures import hang
from seeds.plant import firms, plant


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--identity", metavar="URL", help="make the demo's identity provider at URL known, too")
    parser.add_argument("--really", action="store_true", help="plant even in production")


def _seal(engine: Engine, settings: Settings, identity: str) -> int:
    lent = {"keys": Keys(settings.keys_socket), "store": store_at(settings.files_url), "base_url": settings.base_url}
    lent["secret"] = settings.secret
    factory = sessions(engine)
    factory.configure(info=lent)
    try:
        with factory.begin() as session:
            return sealed.plant(session, identity, utc_now())
    except Unavailable as away:
        print(f"The demo's tenders are not sealed, so nobody can bid for them: {away}", file=sys.stderr)
        return 0


def run(settings: Settings, given: argparse.Namespace) -> int:
    """Refuses production, where invented firms would stand beside real ones."""
    if settings.production and not given.really:
        raise Forbidden("this is production; invented firms belong here only with --really.")
    engine = connect(settings.database_url)
    with tqdm(total=len(firms()), unit=" firms", disable=not sys.stderr.isatty()) as bar:
        done = plant(sessions(engine), utc_now(), bar.update)
    done["pictures"] = hang(sessions(engine), store_at(settings.files_url), utc_now())
    if given.identity:
        if settings.production:
            raise Forbidden("this is production; the demo's identity provider lets in everybody.")
        with sessions(engine).begin() as session:
            done["identity providers"] = introduce(session, given.identity, settings.secret, utc_now())
        done["seals"] = _seal(engine, settings, given.identity)
    engine.dispose()
    print(", ".join(f"{count} {name}" for name, count in done.items()) + " planted")
    return 0
