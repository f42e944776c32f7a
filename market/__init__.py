"""Werkplatz Ostbrandenburg: a folder a slice of the business, each importing only downwards (tests/test_architecture.py)."""
