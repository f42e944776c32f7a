"""Writing: nothing counts before "succeeded", one bad document never blocks the rest, a rebuild leaves no gap."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import meilisearch
import pytest

from search import indexes, query, write
from search.client import Client, admin
from search.criteria import Criteria
from search.errors import SearchUnavailable
from tests.search.conftest import TODAY, document


def ids(server: meilisearch.Client, name: str = "offerings") -> set[str]:
    return {d["id"] for d in write.all_documents(server, name)}


def test_put_and_drop_are_finished_when_they_return(server: meilisearch.Client, fill: Callable[..., None]) -> None:
    fill(offerings=[document("a")])
    assert write.put(server, "offerings", [document("b"), document("c")]) == {}
    assert ids(server) == {"a", "b", "c"}
    write.drop(server, "offerings", ["b", "nobody"])
    assert ids(server) == {"a", "c"}
    assert write.count(server, "offerings") == 2


def test_one_bad_document_does_not_block_the_others(server: meilisearch.Client, fill: Callable[..., None]) -> None:
    fill(offerings=[document("a")])
    failures = write.put(server, "offerings", [document("good"), document("not a valid id!"), document("fine")])
    assert set(failures) == {"not a valid id!"}
    assert "identifier" in failures["not a valid id!"]
    assert ids(server) == {"a", "good", "fine"}


def test_a_missing_index_is_not_made_in_passing(server: meilisearch.Client, fill: Callable[..., None]) -> None:
    fill()
    server.wait_for_task(server.delete_index("offerings").task_uid)
    assert write.count(server, "offerings") is None
    with pytest.raises(SearchUnavailable):
        write.put(server, "offerings", [document("a")])
    assert write.count(server, "offerings") is None


def test_settings_are_written_only_where_they_differ(server: meilisearch.Client, fill: Callable[..., None]) -> None:
    fill()
    wanted = indexes.settings("offerings")
    assert indexes.apply(server, "offerings", wanted) is False
    assert indexes.apply(server, "offerings", wanted | {"searchCutoffMs": 400}) is True
    assert indexes.apply(server, "offerings", wanted) is True
    assert indexes.apply(server, "offerings", wanted) is False


def test_a_rebuild_clears_up_after_a_killed_one(server: meilisearch.Client, fill: Callable[..., None]) -> None:
    fill(offerings=[document("old")])
    server.wait_for_task(server.create_index("offerings_new", {"primaryKey": "id"}).task_uid)
    server.wait_for_task(server.index("offerings_new").add_documents([{"id": "left-over"}]).task_uid)
    assert write.rebuild(server, "offerings", indexes.settings("offerings"), [document("new")]) == 1  # type: ignore[list-item]
    assert ids(server) == {"new"}
    assert write.count(server, "offerings_new") is None


def test_searches_never_see_a_gap_while_the_index_is_rebuilt(meili: tuple[str, str], fill: Callable[..., None]) -> None:
    documents: list[Any] = [document(f"d{n}", title=f"Rohrbau {n}") for n in range(300)]
    fill(offerings=documents)
    done = threading.Event()

    def rebuild() -> None:
        own = admin(*meili)
        for _ in range(3):
            write.rebuild(own, "offerings", indexes.settings("offerings"), documents)
        done.set()

    async def watch() -> list[int]:
        totals = []
        async with Client(*meili, timeout=5) as client:
            while not done.is_set():
                found, _ = await query.find(client, "offerings", Criteria(q="rohrbau"), TODAY)
                totals.append(found.total)
        return totals

    worker = threading.Thread(target=rebuild)
    worker.start()
    totals = asyncio.run(watch())
    worker.join()
    assert len(totals) > 20
    assert set(totals) == {300}
