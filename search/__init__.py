"""Meilisearch: indexes, documents, queries. Knows the server and the shape of documents; imports nothing of the market."""
