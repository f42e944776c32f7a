"""Werkplatz Ostbrandenburg: a folder a slice of the business, importing only downwards."""
