"""Files named on the command line."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from market.errors import Invalid


@contextmanager
def opened(name: str) -> Iterator[BinaryIO]:
    """A file for reading; `-` is the standard input. Raises Invalid where it cannot be read."""
    if name == "-":
        yield sys.stdin.buffer
        return
    with ExitStack() as open_:
        try:
            file = open_.enter_context(Path(name).open("rb"))
        except OSError as error:
            raise Invalid(f"{name} cannot be read: {error.strerror}.") from error
        yield file
