"""How much of a question some texts hold: BM25 over character 4-grams and the beginnings of words.

Meilisearch finds and orders by whole words; that is right for what people type, but a longer text and its answer share
parts of words ("Straßenbeleuchtungsanlage", "Beleuchtung von Straßen"). So candidates it found are put in order here.
How rare a piece is, is told by the candidates themselves, so nothing has to be kept or kept up to date.
"""

from collections.abc import Sequence
from functools import cache
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

_SEPARATOR = np.uint32(ord("_"))
_BEYOND = 0x10000
"""Letters of this number and above part words: no language that is written here has any."""
_LOW = np.uint64(2**16 - 1)
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
    letters, asked = _letters(texts), [_letters([question]) for question in questions]
    whole = _held([_grams(one)[0] for one in asked], _grams(letters), len(texts))
    begun = _held([_beginnings(one)[0] for one in asked], _beginnings(letters), len(texts))
    return [
        [float(share) for share in GRAMS_SHARE * one + (1 - GRAMS_SHARE) * other]
        for one, other in zip(whole, begun, strict=True)
    ]


def _letters(texts: Sequence[str]) -> tuple[Array, Array]:
    """All texts in one row of letters, words between separators; and for each letter the number of its text."""
    whole = "\0".join(text[:LONGEST].replace("\0", " ") for text in texts)
    row = np.frombuffer(f"\0{fold(whole)}\0".encode("utf-32-le"), dtype=np.uint32)
    between = row == 0
    letter = _alphanumeric()[np.minimum(row, _BEYOND)]
    after_letter = np.concatenate([[False], letter[:-1]])
    kept = np.flatnonzero(letter | between | after_letter)
    owner = np.repeat(np.arange(len(texts) + 1), np.diff(np.flatnonzero(between), append=len(row)))
    return np.where(letter, row, _SEPARATOR)[kept], owner[kept]


@cache
def _alphanumeric() -> Array:
    return np.array([chr(code).isalnum() for code in range(_BEYOND)] + [False])


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
    last = len(wide) - GRAM + 1
    grams = wide[:last] * _POWERS[0]
    for place in range(1, GRAM):
        grams += wide[place : last + place] * _POWERS[place]
    return grams[first], owner[first]


def _beginnings(letters: tuple[Array, Array]) -> Pieces:
    """Up to six letters from the beginning of each word."""
    row, owner = letters
    padded = np.concatenate([row, np.full(BEGINNING, _SEPARATOR, np.uint32)])
    starts = np.flatnonzero(row[:-1] == _SEPARATOR) + 1
    starts = starts[padded[starts] != _SEPARATOR]
    windows = sliding_window_view(padded, BEGINNING)[starts]
    kept = np.logical_and.accumulate(windows != _SEPARATOR, axis=1)
    return (windows * kept).astype(np.uint64) @ _POWERS, owner[starts]


def _held(asked: Sequence[Array], pieces: Pieces, count: int) -> list[Array]:
    """BM25 of each text over the most a text could have, for the pieces of each question."""
    wanted = np.unique(np.concatenate(asked))
    if not len(wanted):
        return [np.zeros(count) for _ in asked]
    found, owner = pieces
    length = np.bincount(owner, minlength=count)
    found, owner = _likely(found, owner, wanted)
    place = np.minimum(np.searchsorted(wanted, found), len(wanted) - 1)
    hit = wanted[place] == found
    times = np.bincount(owner[hit] * len(wanted) + place[hit], minlength=count * len(wanted)).reshape(count, -1)
    damped = K1 * (1 - B + B * length / max(1.0, length.mean()))[:, None]
    return [_share(own, times[:, np.searchsorted(wanted, np.unique(own))], damped) for own in asked]


def _likely(found: Array, owner: Array, wanted: Array) -> Pieces:
    """Without most of the pieces nobody asked for: to look each of them up would take longer than all else."""
    seen = np.zeros(_LOW + 1, np.bool_)
    seen[wanted & _LOW] = True
    kept = np.flatnonzero(seen[found & _LOW])
    return found[kept], owner[kept]


def _share(asked: Array, times: Array, damped: Array) -> Array:
    """Of one question: `times` each of its pieces stands in each text."""
    count, often = len(times), np.unique(asked, return_counts=True)[1]
    texts_with = (times > 0).sum(axis=0)
    weight = np.log(1 + (count - texts_with + 0.5) / (texts_with + 0.5)) * (2 * often / (often + 1))
    most = weight.sum() * (K1 + 1)
    held: Array = (times * (K1 + 1) / (times + damped)) @ weight / most if most else np.zeros(count)
    return held


def likeness(one: str, other: str) -> float:
    """Share of the 4-grams two short texts have in common: 1 = the same words, whatever their order and spelling."""
    a, b = (set(_grams(_letters([text]))[0].tolist()) for text in (one, other))
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else 0.0
