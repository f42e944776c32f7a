"""What can go wrong between us and Meilisearch; the caller answers from the database or tries again later."""

from typing import Final

from meilisearch.errors import MeilisearchError
from requests.exceptions import RequestException


class SearchError(Exception):
    """Base of all failures of the search server."""


class SearchUnavailable(SearchError):
    """No server, too slow, index missing or not filled: nothing can be said about the query."""


class WriteFailed(SearchError):
    """Meilisearch refused a document or a task failed; the message names its own reason."""


FAULTS: Final = (MeilisearchError, RequestException)
"""What the official client raises; the transport's own errors come through when a server dies while it answers."""
