"""How much of a question some texts hold: BM25 over character 4-grams and the beginnings of words.

Meilisearch finds and orders by whole words; that is right for what people type, but a longer text and its answer share
parts of words ("Straßenbeleuchtungsanlage", "Beleuchtung von Straßen"). So candidates it found are put in order here.
How rare a piece is, is told by the candidates themselves, so nothing has to be kept or kept up to date.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeAlias

import numpy as np

from search.words import fold

GRAM, BEGINNING = 4, 6
K1, B = 1.2, 0.9
GRAMS_SHARE = 0.8
"""Weight of the 4-grams; the rest is that of the words' beginnings (docs/search-quality.md)."""
LONGEST = 4000
"""Letters of a text that are looked at."""

_BEYOND = 0x10000
"""Letters of this number and above part words: no language that is written here has any."""
_MIXED = np.uint32(0x9E3779B1)
"""A factor after which the high bits of a piece tell it from others."""
_BITS = 16

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
    """All texts in one row of letters, a byte each, words between zeros; and for each letter the number of its text."""
    whole = "\0".join(text[:LONGEST].replace("\0", " ") for text in texts)
    row = np.frombuffer(f"\0{fold(whole)}\0".encode("utf-32-le"), dtype=np.uint32)
    between = row == 0
    letters = _bytes()[np.minimum(row, _BEYOND)]
    word = letters != 0
    kept = word | between
    kept[1:] |= word[:-1]
    ends = np.flatnonzero(between)
    counts = np.add.reduceat(kept, ends, dtype=np.int64)
    owner = np.repeat(np.arange(len(texts) + 1, dtype=np.int32), counts)
    return letters[kept], owner


@cache
def _bytes() -> Array:
    """A byte other than zero for each letter and digit: different ones for all that `search.words.fold` leaves of our
    languages; beyond them some share one."""
    return np.array([1 + code % 255 if chr(code).isalnum() else 0 for code in range(_BEYOND)] + [0], dtype=np.uint8)


Pieces: TypeAlias = tuple[Array, Array]
"""Pieces as numbers, and for each the number of its text."""


def _grams(letters: tuple[Array, Array]) -> Pieces:
    """Four letters in a row inside a word, its ends counting as letters."""
    row, owner = letters
    if len(row) < GRAM:
        return np.empty(0, np.uint32), np.empty(0, np.int32)
    within = row[1:-1] != 0
    first = np.flatnonzero(within[:-1] & within[1:])
    grams = np.ndarray(len(row) - GRAM + 1, "<u4", row, strides=(1,))  # four bytes from each place on
    return grams[first], owner[first]


def _beginnings(letters: tuple[Array, Array]) -> Pieces:
    """Up to six letters from the beginning of each word."""
    row, owner = letters
    parted = np.flatnonzero(row == 0)
    lengths = np.diff(parted) - 1
    starts, lengths = parted[:-1][lengths > 0] + 1, lengths[lengths > 0]
    padded = np.concatenate([row, np.zeros(8, np.uint8)])
    words = np.ndarray(len(row), "<u8", padded, strides=(1,))[starts] & _FIRST[np.minimum(lengths, BEGINNING)]
    return _short(words), owner[starts]


_FIRST = np.array([(1 << 8 * count) - 1 for count in range(BEGINNING + 1)], dtype=np.uint64)
"""The first so many bytes of eight."""


def _short(words: Array) -> Array:
    """Six letters as a number of four bytes, nearly always one of their own."""
    short: Array = (words ^ (words >> np.uint64(29)) * np.uint64(0x9E3779B97F4A7C15)).astype(np.uint32)
    return short


def _held(asked: Sequence[Array], pieces: Pieces, count: int) -> list[Array]:
    """BM25 of each text over the most a text could have, for the pieces of each question."""
    wanted = np.unique(np.concatenate(asked))
    if not len(wanted):
        return [np.zeros(count) for _ in asked]
    found, owner = pieces
    length = np.bincount(owner, minlength=count)
    found, owner = _likely(found, owner, wanted)
    place = np.minimum(np.searchsorted(wanted, found), len(wanted) - 1)
    hit = np.flatnonzero(wanted[place] == found)
    times = np.bincount(owner[hit] * len(wanted) + place[hit])
    held = np.flatnonzero(times)
    text, piece = np.divmod(held, len(wanted))
    often = times[held]
    damped = K1 * (1 - B + B * length / max(1.0, length.mean()))
    worth = often * (K1 + 1) / (often + damped[text])
    texts_with = np.bincount(piece, minlength=len(wanted))
    rarity = np.log(1 + (count - texts_with + 0.5) / (texts_with + 0.5))
    return [_share(own, wanted, rarity, (text, piece, worth), count) for own in asked]


def _likely(found: Array, owner: Array, wanted: Array) -> Pieces:
    """Without most of the pieces nobody asked for: to look each of them up would take longer than all else."""
    seen = np.zeros(1 << _BITS, np.bool_)
    seen[_mixed(wanted)] = True
    kept = np.flatnonzero(seen[_mixed(found)])
    return found[kept], owner[kept]


def _mixed(pieces: Array) -> Array:
    mixed: Array = pieces * _MIXED >> np.uint32(32 - _BITS)
    return mixed


def _share(asked: Array, wanted: Array, rarity: Array, found: tuple[Array, Array, Array], count: int) -> Array:
    """Of one question: `found` are text, piece and worth of all that was found of all questions."""
    own, often = np.unique(asked, return_counts=True)
    weight = np.zeros(len(wanted))
    place = np.searchsorted(wanted, own)
    weight[place] = rarity[place] * (2 * often / (often + 1))
    most = weight.sum() * (K1 + 1)
    text, piece, worth = found
    held: Array = np.bincount(text, worth * weight[piece], count)
    return held / most if most else np.zeros(count)


def likeness(one: str, other: str) -> float:
    """Share of the 4-grams two short texts have in common: 1 = the same words, whatever their order and spelling."""
    a, b = (set(_grams(_letters([text]))[0].tolist()) for text in (one, other))
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else 0.0
