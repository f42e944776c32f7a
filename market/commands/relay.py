"""`market relay`: carries changes to the index until it is told to stop."""

import argparse
import signal
from threading import Event

from market.config import Settings
from market.db import connect
from market.relay import Relay


def arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments of its own."""


def run(settings: Settings, given: argparse.Namespace) -> int:
    stopped = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with Relay(connect(settings.database_url), settings.search_url, settings.search_key) as relay:
        relay.run(stopped.is_set)
    return 0
