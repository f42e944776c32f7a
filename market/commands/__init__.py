"""The verbs of the command line. Each module has `arguments(parser)` and `run(settings, given) -> exit code`."""

import gc
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


def log_to_stderr(level: int = logging.INFO) -> None:
    """Log format of every process: time, level, logger, one line."""
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in ("aiohttp", "httpx2"):
        logging.getLogger(name).setLevel(logging.WARNING)


@contextmanager
def bar(unit: str, total: int | None = None) -> Iterator[Callable[..., None]]:
    """A bar for whoever watches: call what it gives with the name of what is worked on, and how much of it is done."""
    from tqdm import tqdm  # here, for most verbs draw none

    with tqdm(total=total, unit=unit, disable=not sys.stderr.isatty()) as drawn:

        def tell(part: str, done: int = 1) -> None:
            drawn.set_description(part)
            drawn.update(done)

        yield tell


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
