"""Writing to the indexes. Meilisearch queues its writes and may fail later, so nothing counts before "succeeded"."""

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import meilisearch
import orjson
from meilisearch.errors import MeilisearchApiError
from meilisearch.models.task import TaskInfo

from search.criteria import any_of
from search.documents import LATER, Document, IndexName
from search.errors import FAULTS, SearchUnavailable, WriteFailed
from search.words import HELPERS, enrich

log = logging.getLogger("market.search.write")

BULK = 2500
"""Documents a request in a rebuild: the server works on one while the next is made, so that after the last little is
left. With 1000 it works a fifth more in all."""
UNDER_WAY = 4
"""Requests of a rebuild the server may still be working on: it never waits for us, and we keep few documents."""
PATIENCE_MS = 20_000
BULK_PATIENCE_MS = 1_800_000

Rich = dict[str, Any]


def put(client: meilisearch.Client, name: str, documents: Sequence[Document]) -> dict[str, str]:
    """Write documents and wait. Returns the error by id for those refused; the others are in.

    Raises SearchUnavailable when nothing can be said (server away, index missing, too slow): try all of it again.
    """
    rich, failures = _enriched(documents)
    if not rich:
        return failures
    try:
        client.get_raw_index(name)  # writing would create it without its settings
        return failures | _refused(client, name, rich)
    except FAULTS as error:
        raise SearchUnavailable(str(error)) from error


def _enriched(documents: Iterable[Document]) -> tuple[list[Rich], dict[str, str]]:
    """Documents with their helper fields, and the error by id of those that are not whole."""
    rich, failures = [], {}
    for document in documents:
        try:
            rich.append(enrich(document))
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            failures[str(document.get("id", ""))] = f"not a whole document: {error!r}"
    return rich, failures


def _refused(client: meilisearch.Client, name: str, rich: list[Rich], error: str | None = None) -> dict[str, str]:
    """Write documents and give the error by id of those that stay out.

    A batch that fails as a whole is written in halves: twelve more writes find one bad document among 5,000.
    `error` is that of an attempt already made.
    """
    if error is None:
        error = _written(client, name, rich)
    if not error:
        return {}
    if len(rich) == 1:
        return {rich[0]["id"]: error}
    log.warning("%s: %s documents refused together, writing halves: %s", name, len(rich), error)
    half = len(rich) // 2
    return _refused(client, name, rich[:half]) | _refused(client, name, rich[half:])


def _written(client: meilisearch.Client, name: str, rich: list[Rich]) -> str:
    """Empty when the documents are in, else the server's reason."""
    sent = _sent(client, name, rich)
    return sent if isinstance(sent, str) else _outcome(client, sent)


def _sent(client: meilisearch.Client, name: str, rich: list[Rich]) -> TaskInfo | str:
    """The task, or why there is none: no JSON, not understood, too large."""
    try:
        return client.index(name).add_documents_json(orjson.dumps(rich), primary_key="id")
    except (TypeError, ValueError) as error:
        return f"not a document: {error!r}"
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
    if not ids:
        return
    try:
        error = _outcome(client, client.index(name).delete_documents(filter=any_of("id", ids)))
    except FAULTS as fault:
        raise SearchUnavailable(str(fault)) from fault
    if error:
        raise SearchUnavailable(error)


def count(client: meilisearch.Client, name: str) -> int | None:
    """Documents in an index; None if it does not exist or its documents lack fields of today.

    In both cases it has to be built anew. Raises SearchUnavailable.
    """
    try:
        stats = client.index(name).get_stats()
    except MeilisearchApiError as error:
        if error.code == "index_not_found":
            return None
        raise SearchUnavailable(str(error)) from error
    except FAULTS as error:
        raise SearchUnavailable(str(error)) from error
    number = int(stats.number_of_documents)
    fields = {field for field, _ in stats.field_distribution}
    return number if not number or fields >= HELPERS | LATER.get(name, frozenset()) else None


def all_documents(client: meilisearch.Client, name: str) -> Iterator[dict[str, Any]]:
    """Every stored document with its helper fields. Raises SearchUnavailable."""
    offset = 0
    while True:
        try:
            page = client.index(name).get_documents({"offset": offset, "limit": 1000})
        except FAULTS as error:
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
    index is untouched then. Whoever calls it sees to it that nobody writes meanwhile.
    """
    fresh = f"{name}_new"
    try:
        if _exists(client, fresh):
            _must(client, client.delete_index(fresh))  # left over from a rebuild that was killed
        _must(client, client.create_index(fresh, {"primaryKey": "id"}))
        _must(client, client.index(fresh).update_settings(settings))
        filled = _fill(client, fresh, documents, progress)
        found = int(client.index(fresh).get_stats().number_of_documents)
        if found != filled:
            raise WriteFailed(f"{fresh} holds {found} of {filled} documents")
        live = _exists(client, name)
        _must(client, client.swap_indexes([{"indexes": [fresh, name], "rename": not live}]))
        if live:
            _must(client, client.delete_index(fresh))
    except FAULTS as error:
        raise SearchUnavailable(str(error)) from error
    return filled


def _fill(
    client: meilisearch.Client, name: str, documents: Iterable[Document], progress: Callable[[int], None] | None
) -> int:
    """Write all documents in large batches; returns how many are in. Refused ones are logged."""
    under_way: deque[tuple[TaskInfo | str, list[Rich]]] = deque()
    rest, filled = iter(documents), 0
    while batch := list(islice(rest, BULK)):
        rich, failures = _enriched(batch)
        for id_, error in failures.items():
            log.error("%s: document %s refused: %s", name, id_, error)
        if rich:
            under_way.append((_sent(client, name, rich), rich))
        if len(under_way) > UNDER_WAY:
            filled += _finished(client, name, *under_way.popleft())
        if progress is not None:
            progress(len(batch))
    return filled + sum(_finished(client, name, sent, rich) for sent, rich in under_way)


def _finished(client: meilisearch.Client, name: str, sent: TaskInfo | str, rich: list[Rich]) -> int:
    """Wait for a bulk batch; of one that was refused what is good is written. Returns how many documents are in."""
    error = sent if isinstance(sent, str) else _outcome(client, sent, BULK_PATIENCE_MS)
    refused = _refused(client, name, rich, error) if error else {}
    for id_, reason in refused.items():
        log.error("%s: document %s refused: %s", name, id_, reason)
    return len(rich) - len(refused)


def _exists(client: meilisearch.Client, name: str) -> bool:
    try:
        client.get_raw_index(name)
    except MeilisearchApiError as error:
        if error.code == "index_not_found":
            return False
        raise
    return True


def _must(client: meilisearch.Client, task: TaskInfo) -> None:
    error = _outcome(client, task, BULK_PATIENCE_MS)
    if error:
        raise WriteFailed(error)
