"""Writing: nothing counts before "succeeded", one bad document never blocks the rest, a rebuild leaves no gap."""

import asyncio
import threading
from collections.abc import Callable, Iterator
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


def test_bad_documents_are_found_among_many(server: meilisearch.Client, fill: Callable[..., None]) -> None:
    """One that is refused, one that is not whole, one that is no JSON: 197 others are in."""
    fill(offerings=[document("a")])
    many: list[Any] = [document(f"d{n}") for n in range(200)]
    many[17] = document("bad id!")
    many[120] = {"id": "half"}
    many[121] = document("nojson", facts={"x": object()})
    failures = write.put(server, "offerings", many)
    assert set(failures) == {"bad id!", "half", "nojson"}
    assert ids(server) == {"a", *(f"d{n}" for n in range(200) if n not in (17, 120, 121))}


def test_a_rebuild_takes_what_is_good(server: meilisearch.Client, fill: Callable[..., None]) -> None:
    fill(offerings=[document("old")])
    many: list[Any] = [document(f"d{n}") for n in range(30)]
    many[7], many[8], many[9] = document("bad id!"), {"id": "half"}, document("nojson", facts={"x": object()})
    told: list[int] = []
    assert write.rebuild(server, "offerings", indexes.settings("offerings"), iter(many), told.append) == 27
    assert told == [30]
    assert len(ids(server)) == 27


def test_a_rebuild_that_loses_its_source_leaves_the_live_index(
    server: meilisearch.Client, fill: Callable[..., None]
) -> None:
    fill(offerings=[document("old")])

    def broken() -> Iterator[Any]:
        yield document("new")
        raise ConnectionError("the database went away")

    with pytest.raises(ConnectionError):
        write.rebuild(server, "offerings", indexes.settings("offerings"), broken())
    assert ids(server) == {"old"}


def test_a_first_rebuild_makes_the_index(server: meilisearch.Client, fill: Callable[..., None]) -> None:
    fill()
    server.wait_for_task(server.delete_index("offerings").task_uid)
    assert write.rebuild(server, "offerings", indexes.settings("offerings"), [document("a")]) == 1  # type: ignore[list-item]
    assert ids(server) == {"a"}
    assert indexes.apply(server, "offerings", indexes.settings("offerings")) is False
    assert not {index.uid for index in server.get_indexes()["results"]} & {"offerings_new"}


def test_nothing_to_write_is_no_request() -> None:
    away = admin("http://127.0.0.1:1", "")
    assert write.put(away, "offerings", []) == {}
    write.drop(away, "offerings", [])


def test_a_server_that_is_away_is_told_so() -> None:
    away = admin("http://127.0.0.1:1", "", timeout=1)
    for errand in (
        lambda: write.put(away, "offerings", [document("a")]),  # type: ignore[list-item]
        lambda: write.drop(away, "offerings", ["a"]),
        lambda: write.count(away, "offerings"),
        lambda: list(write.all_documents(away, "offerings")),
        lambda: write.rebuild(away, "offerings", {}, []),
        lambda: indexes.apply(away, "offerings", {}),
    ):
        with pytest.raises(SearchUnavailable):
            errand()


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
