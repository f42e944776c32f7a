"""Writing to the indexes. Meilisearch queues its writes and may fail later, so nothing counts before "succeeded"."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import meilisearch
from meilisearch.errors import MeilisearchApiError, MeilisearchError
from meilisearch.models.task import TaskInfo

from search.criteria import quoted
from search.documents import Document, IndexName
from search.errors import SearchUnavailable, WriteFailed
from search.words import enrich

log = logging.getLogger("market.search.write")

BULK = 5000
"""Documents a request in a rebuild."""
PATIENCE_MS = 20_000
BULK_PATIENCE_MS = 1_800_000


def put(client: meilisearch.Client, name: str, documents: Sequence[Document]) -> dict[str, str]:
    """Write documents and wait. Returns the error by id for those refused; the others are in.

    Raises SearchUnavailable when nothing can be said (server away, index missing, too slow): try all of it again.
    """
    rich = [enrich(document) for document in documents]
    try:
        client.get_raw_index(name)  # writing would create it without its settings
        error = _written(client, name, rich)
        if not error:
            return {}
        if len(rich) == 1:
            return {rich[0]["id"]: error}
        log.warning("%s of %s documents refused together, sending them singly: %s", name, len(rich), error)
        singly = {document["id"]: _written(client, name, [document]) for document in rich}
        return {id_: message for id_, message in singly.items() if message}
    except MeilisearchError as error:
        raise SearchUnavailable(str(error)) from error


def _written(client: meilisearch.Client, name: str, documents: list[dict[str, Any]]) -> str:
    """Empty when the documents are in, else the server's reason."""
    try:
        return _outcome(client, client.index(name).add_documents(documents, primary_key="id"))
    except MeilisearchApiError as error:
        if error.status_code in (400, 413, 415):
            return str(error.message)
        raise


def _outcome(client: meilisearch.Client, task: TaskInfo, patience: int = PATIENCE_MS) -> str:
    """Wait for a task. Empty when it succeeded, else its error."""
    done = client.wait_for_task(task.task_uid, timeout_in_ms=patience, interval_in_ms=15)
    return "" if done.status == "succeeded" else str((done.error or {}).get("message", done.status))


def drop(client: meilisearch.Client, name: str, ids: Sequence[str]) -> None:
    """Delete documents and wait; those not there are no error. Raises SearchUnavailable."""
    try:
        error = _outcome(client, client.index(name).delete_documents(filter=f"id IN [{', '.join(map(quoted, ids))}]"))
    except MeilisearchError as fault:
        raise SearchUnavailable(str(fault)) from fault
    if error:
        raise SearchUnavailable(error)


def count(client: meilisearch.Client, name: str) -> int | None:
    """Documents in an index, None if it does not exist. Raises SearchUnavailable."""
    try:
        return int(client.index(name).get_stats().number_of_documents)
    except MeilisearchApiError as error:
        if error.code == "index_not_found":
            return None
        raise SearchUnavailable(str(error)) from error
    except MeilisearchError as error:
        raise SearchUnavailable(str(error)) from error


def all_documents(client: meilisearch.Client, name: str) -> Iterator[dict[str, Any]]:
    """Every stored document with its helper fields. Raises SearchUnavailable."""
    offset = 0
    while True:
        try:
            page = client.index(name).get_documents({"offset": offset, "limit": 1000})
        except MeilisearchError as error:
            raise SearchUnavailable(str(error)) from error
        yield from (dict(document) for document in page.results)
        offset += len(page.results)
        if not page.results or offset >= page.total:
            return


def rebuild(
    client: meilisearch.Client,
    name: IndexName,
    settings: dict[str, Any],
    documents: Iterable[Document],
    progress: Callable[[int], None] | None = None,
) -> int:
    """Fill a new index, swap it in, delete the old one; searches see one or the other, never a part.

    Returns the number of documents. Raises SearchUnavailable, or WriteFailed when the new index is not whole; the live
    index is untouched then.
    """
    fresh = f"{name}_new"
    try:
        if count(client, fresh) is not None:
            _must(client, client.delete_index(fresh))  # left over from a rebuild that was killed
        _must(client, client.create_index(fresh, {"primaryKey": "id"}))
        _must(client, client.index(fresh).update_settings(settings))
        sent, tasks = 0, []
        rest = iter(documents)
        while batch := [enrich(document) for document in islice(rest, BULK)]:
            tasks.append((client.index(fresh).add_documents(batch, primary_key="id"), batch))
            sent += len(batch)
            if progress is not None:
                progress(len(batch))
        bad = sum(_finish(client, fresh, task, batch) for task, batch in tasks)
        found = count(client, fresh)
        if found != sent - bad:
            raise WriteFailed(f"{fresh} holds {found} of {sent} documents")
        if count(client, name) is None:
            _must(client, client.create_index(name, {"primaryKey": "id"}))
        _must(client, client.swap_indexes([{"indexes": [name, fresh]}]))
        _must(client, client.delete_index(fresh))
    except MeilisearchError as error:
        raise SearchUnavailable(str(error)) from error
    return sent - bad


def _finish(client: meilisearch.Client, name: str, task: TaskInfo, batch: list[dict[str, Any]]) -> int:
    """Wait for a bulk batch; one that was refused is sent singly. Returns how many documents stay out."""
    if not _outcome(client, task, BULK_PATIENCE_MS):
        return 0
    refused = 0
    for document in batch:
        error = _written(client, name, [document])
        if error:
            refused += 1
            log.error("%s: document %s refused: %s", name, document.get("id"), error)
    return refused


def _must(client: meilisearch.Client, task: TaskInfo) -> None:
    error = _outcome(client, task, BULK_PATIENCE_MS)
    if error:
        raise WriteFailed(error)
