"""What questions are about is an addition: a database without its lists stops no search."""

import asyncio
import gc
import logging
from pathlib import Path
from typing import Any

import pytest

from market.catalogue.meaning import Meanings
from market.db import connect, sessions
from search.thorough import Meaning


def test_lists_that_cannot_be_read_are_told_of_once_and_asked_for_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'empty.db'}")
    unheard: list[dict[str, Any]] = []

    async def ask() -> list[Meaning]:
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: unheard.append(context))
        meanings = Meanings(sessions(engine))
        meanings.warm()
        found = [await meanings("Schweißarbeiten an Druckgeräten") for _ in range(2)]
        await meanings.close()
        del meanings
        gc.collect()
        return found

    with caplog.at_level(logging.WARNING):
        found = asyncio.run(ask())
    engine.dispose()
    gc.collect()
    assert found == [Meaning(), Meaning()]
    assert unheard == []
    told = [record.getMessage() for record in caplog.records if record.name == "market.catalogue.meaning"]
    assert told
    assert all("no such table" in line and "\n" not in line for line in told)
