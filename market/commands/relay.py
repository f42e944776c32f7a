"""`market relay`: carries changes to the index and letters to the mail server until it is told to stop."""

import argparse
import signal
from threading import Event, Thread

from market.config import Settings
from market.db import connect
from market.mail.post import Post
from market.relay import Relay


def arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments of its own."""


def run(settings: Settings, given: argparse.Namespace) -> int:
    stopped = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    engine = connect(settings.database_url)
    post = Post(engine, settings.mail_url, settings.base_url)
    # A mail server that hangs must not keep the search waiting: the postman walks beside.
    walking = Thread(target=post.run, args=(stopped.is_set,), name="post", daemon=True)
    walking.start()
    with Relay(engine, settings.search_url, settings.search_key, settings.base_url) as relay:
        relay.run(stopped.is_set)
    walking.join(1)
    return 0
