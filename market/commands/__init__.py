"""The verbs of the command line. Each module has `arguments(parser)` and `run(settings, given) -> exit code`."""

import logging


def log_to_stderr(level: int = logging.INFO) -> None:
    """Log format of every process: time, level, logger, one line."""
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in ("aiohttp", "httpx2"):
        logging.getLogger(name).setLevel(logging.WARNING)
