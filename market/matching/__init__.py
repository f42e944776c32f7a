"""Needs and offerings that fit each other: with a score, its reasons, and what is missing."""
