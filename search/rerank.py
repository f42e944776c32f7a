"""How much of a question some texts hold: BM25 over character 4-grams and the beginnings of words.

Meilisearch finds and orders by whole words; that is right for what people type, but a longer text and its answer share
parts of words ("Straßenbeleuchtungsanlage", "Beleuchtung von Straßen"). So candidates it found are put in order here.
How rare a piece is, is told by the candidates themselves, so nothing has to be kept or kept up to date.
"""

import re
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from search.words import fold

GRAM, BEGINNING = 4, 6
K1, B = 1.2, 0.9
GRAMS_SHARE = 0.8
"""Weight of the 4-grams; the rest is that of the words' beginnings (docs/search-quality.md)."""
LONGEST = 4000
"""Letters of a text that are looked at."""

_GAP = re.compile(r"[\W_]+")
_SEPARATOR = ord("_")
_POWERS = np.array([1_000_003**place % 2**61 for place in range(BEGINNING)], dtype=np.uint64)

Array: TypeAlias = np.ndarray[Any, Any]
"""One row of numbers unless said otherwise."""


def relevance(question: str, texts: Sequence[str]) -> list[float]:
    """Of each text the share of the question it holds, rare pieces counting more: 0 nothing, 1 all of it and often."""
    return relevances([question], texts)[0]


def relevances(questions: Sequence[str], texts: Sequence[str]) -> list[list[float]]:
    """`relevance` for each of several questions; the texts are taken to pieces once."""
    if not texts:
        return [[] for _ in questions]
    letters = _letters(texts)
    grams, beginnings = _grams(letters), _beginnings(letters)
    found = []
    for question in questions:
        asked = _letters([question])
        whole = _held(_grams(asked), grams, len(texts))
        begun = _held(_beginnings(asked), beginnings, len(texts))
        found.append([float(share) for share in GRAMS_SHARE * whole + (1 - GRAMS_SHARE) * begun])
    return found


def _letters(texts: Sequence[str]) -> tuple[Array, Array]:
    """All texts in one row of letters, words between separators; and for each letter the number of its text."""
    folded = [f"_{_GAP.sub('_', fold(text[:LONGEST])).strip('_')}_" for text in texts]
    row = np.frombuffer("".join(folded).encode("utf-32-le"), dtype=np.uint32)
    return row, np.repeat(np.arange(len(texts)), [len(text) for text in folded])


Pieces: TypeAlias = tuple[Array, Array]
"""Pieces as numbers, and for each the number of its text."""


def _grams(letters: tuple[Array, Array]) -> Pieces:
    """Four letters in a row inside a word, its ends counting as letters."""
    row, owner = letters
    if len(row) < GRAM:
        return np.empty(0, np.uint64), np.empty(0, np.int64)
    within = row[1:-1] != _SEPARATOR
    first = np.flatnonzero(within[:-1] & within[1:])
    wide = row.astype(np.uint64)
    return sum(wide[first + place] * _POWERS[place] for place in range(GRAM)), owner[first]


def _beginnings(letters: tuple[Array, Array]) -> Pieces:
    """Up to six letters from the beginning of each word."""
    row, owner = letters
    padded = np.concatenate([row, np.full(BEGINNING, _SEPARATOR, np.uint32)])
    starts = np.flatnonzero(row[:-1] == _SEPARATOR) + 1
    starts = starts[padded[starts] != _SEPARATOR]
    windows = sliding_window_view(padded, BEGINNING)[starts]
    kept = np.logical_and.accumulate(windows != _SEPARATOR, axis=1)
    return (windows * kept).astype(np.uint64) @ _POWERS, owner[starts]


def _held(asked: Pieces, pieces: Pieces, count: int) -> Array:
    """BM25 of each text over the most a text could have."""
    wanted, often = np.unique(asked[0], return_counts=True)
    if not len(wanted):
        return np.zeros(count)
    found, owner = pieces
    place = np.minimum(np.searchsorted(wanted, found), len(wanted) - 1)
    hit = wanted[place] == found
    times = np.bincount(owner[hit] * len(wanted) + place[hit], minlength=count * len(wanted)).reshape(count, -1)
    length = np.bincount(owner, minlength=count)
    texts_with = (times > 0).sum(axis=0)
    weight = np.log(1 + (count - texts_with + 0.5) / (texts_with + 0.5)) * (2 * often / (often + 1))
    damped = times + K1 * (1 - B + B * length / max(1.0, length.mean()))[:, None]
    held: Array = (times * (K1 + 1) / damped) @ weight / (weight.sum() * (K1 + 1))
    return held


def likeness(one: str, other: str) -> float:
    """Share of the 4-grams two short texts have in common: 1 = the same words, whatever their order and spelling."""
    a, b = (set(_grams(_letters([text]))[0].tolist()) for text in (one, other))
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else 0.0
