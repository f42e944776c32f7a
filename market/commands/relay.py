"""`market relay`: carries changes to the index, news to people, letters to the mail server and tables of firms into
the market, and watches whether the marketplace answers."""

import argparse
import signal
import time
from threading import Event, Thread

from market.config import Settings
from market.crier import Crier
from market.db import connect
from market.files.scan import guarded
from market.files.stores import store_at
from market.intake.worker import Worker
from market.mail.post import Post
from market.relay import Relay
from market.values import utc_now
from market.watch import Watch

PATIENCE = 2.5
"""Seconds for those who walk beside to come to an end."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments of its own."""


def run(settings: Settings, given: argparse.Namespace) -> int:
    stopped = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    engine, store = connect(settings.database_url), store_at(settings.files_url)
    post = Post(engine, settings.mail_url, settings.base_url)
    # A mail server that hangs must not keep the search waiting: the postman walks beside.
    walking = Thread(target=post.run, args=(stopped.is_set,), name="post", daemon=True)
    walking.start()
    # A long table of a firm must not keep the changes of others waiting: it is taken in beside, too.
    intake = Worker(engine, guarded(store, settings.scan_url), settings.base_url, utc_now)
    importing = Thread(target=intake.run, args=(stopped.is_set,), name="intake", daemon=True)
    importing.start()
    # Telling people what is new waits for the index, and must not keep it waiting.
    crier = Crier(engine, settings.search_url, settings.search_key, settings.base_url, utc_now, settings.secret)
    crying = Thread(target=crier.run, args=(stopped.is_set,), name="crier", daemon=True)
    crying.start()
    # What does not answer is noted by somebody who does not wait for it.
    watch = Watch(connect(settings.database_url), store, settings.base_url, utc_now)
    watching = Thread(target=watch.run, args=(stopped.is_set,), name="watch", daemon=True)
    watching.start()
    with Relay(engine, settings.search_url, settings.search_key, settings.base_url, store) as relay:
        relay.run(stopped.is_set)
    # What they are at they may finish; what they do not finish in that time is taken up again at the next start.
    end = time.monotonic() + PATIENCE
    for thread in (walking, importing, crying, watching):
        thread.join(max(0.0, end - time.monotonic()))
    return 0
