"""What can go wrong between us and Meilisearch; the caller answers from the database or tries again later."""


class SearchError(Exception):
    """Base of all failures of the search server."""


class SearchUnavailable(SearchError):
    """No server, too slow, index missing or not filled: nothing can be said about the query."""


class WriteFailed(SearchError):
    """Meilisearch refused a document or a task failed; the message names its own reason."""
