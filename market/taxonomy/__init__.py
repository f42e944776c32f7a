"""Trades, certificate types, CPV and waste codes, places: read by all, owned by none."""
