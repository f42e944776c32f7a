"""Meilisearch: indexes, documents, queries. Imports nothing of the market."""
