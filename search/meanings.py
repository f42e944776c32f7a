"""Names and everyday words of the trades of hits: what explains those in which nothing visible matched.

The server could mark these words too, but they are long lists: sent with every hit they double the answer.
"""

import time
from collections.abc import Sequence
from typing import Any

from search.client import Client
from search.criteria import any_of
from search.documents import IndexName

KEPT_SECONDS = 300
"""Words of trades change with a new version of the marketplace, not from day to day."""

KEPT = 5000
Said = tuple[str, ...]
_known: dict[tuple[str, ...], tuple[float, Said]] = {}
"""Address of the server and ids of trades -> when asked, words."""


async def meanings(client: Client, index: IndexName, raw: Sequence[dict[str, Any]]) -> dict[str, Said]:
    """Reference -> names and words, of those raw hits that have trades. Raises SearchUnavailable."""
    wanted = {hit["id"]: (client.url, *hit["trades"]) for hit in raw if hit.get("trades")}
    late = time.monotonic() - KEPT_SECONDS
    missing = {key: ref for ref, key in wanted.items() if _known.get(key, (late, ()))[0] <= late}
    if missing:
        if len(_known) > KEPT:
            _known.clear()
        query = {"indexUid": index, "filter": any_of("id", missing.values()), "limit": len(missing)}
        (answer,) = await client.multi_search(
            [query | {"attributesToRetrieve": ["trades", "trade_names", "trade_words"]}]
        )
        for found in answer["hits"]:
            words = (*(found.get("trade_names") or ()), *(found.get("trade_words") or ()))
            _known[client.url, *found["trades"]] = (time.monotonic(), words)
    return {ref: _known[key][1] for ref, key in wanted.items() if key in _known}
