"""The verbs of the command line. Each module has `arguments(parser)` and `run(settings, given) -> exit code`."""

import gc
import logging
from collections.abc import Iterator
from contextlib import contextmanager


def log_to_stderr(level: int = logging.INFO) -> None:
    """Log format of every process: time, level, logger, one line."""
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in ("aiohttp", "httpx2"):
        logging.getLogger(name).setLevel(logging.WARNING)


@contextmanager
def loading() -> Iterator[None]:
    """While code is loaded: none of it becomes garbage, so nobody looks for some, then or later (a seventh of the
    time of a start, and the longest pauses of a process that answers)."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
