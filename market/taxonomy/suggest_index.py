"""From a word to the entries of a list it speaks for: BM25 over words and pieces of words, added up once a word.

A text is then the sum of its words, so that a text of any length takes a millisecond and 100,000 of them a minute.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from market.taxonomy.suggest_words import forms, grams, words

Scores: TypeAlias = NDArray[np.float32]
Places: TypeAlias = NDArray[np.intp]
Found: TypeAlias = tuple[Places, Scores]
"""Places of entries, in their order, and what speaks for each; for the others nothing does."""
_NOWHERE, _NOTHING = np.zeros(0, np.intp), np.zeros(0, np.float32)
K1, B = 1.2, 0.2
KEPT = 128
"""Entries a word may speak for: what comes after them is noise."""
REMEMBERED = 40_000
"""Words whose entries are kept in memory: some 30 MB when full."""


def highest(scores: Scores) -> float:
    """0 for none at all."""
    return float(np.max(scores, initial=0))


def best_places(scores: Scores, count: int) -> Places:
    """Places of the highest scores, best first; among equals the first. Sorting all of them would take the longest."""
    if not 0 < count < len(scores):
        return (-scores).argsort(kind="stable")[:count]
    least = np.partition(scores, -count)[-count]
    places: Places = (scores >= least).nonzero()[0]
    return places[(-scores[places]).argsort(kind="stable")][:count]


class Postings:
    """BM25 weights of features in short documents."""

    def __init__(self, bags: Sequence[Counter[str]]) -> None:
        self.places: dict[str, int] = {}
        rows, columns, counts = [], [], []
        for row, bag in enumerate(bags):
            for feature, count in bag.items():
                columns.append(self.places.setdefault(feature, len(self.places)))
                rows.append(row)
                counts.append(count)
        column, row_ = np.array(columns, np.int32), np.array(rows, np.int32)
        tf = np.array(counts, np.float32)
        lengths = np.bincount(row_, tf, minlength=len(bags))
        df = np.bincount(column, minlength=len(self.places))
        idf = np.log(1 + (len(bags) - df + 0.5) / (df + 0.5))
        norm = K1 * (1 - B + B * lengths[row_] / max(lengths.mean(), 1e-9))
        order = np.argsort(column, kind="stable")
        self.rows = row_[order].astype(np.intp)  # any other type numpy would turn into this one each time
        self.weights = (idf[column] * tf * (K1 + 1) / (tf + norm))[order].astype(np.float32)
        squares = np.bincount(row_, idf[column] ** 2, minlength=len(bags))
        self.squares = idf**2
        self.rarest = float(self.squares.max(initial=0.0)) or 1.0
        self.shares = (idf[column] ** 2 / np.sqrt(np.maximum(squares[row_], 1e-9)))[order]
        self.size = len(bags)
        self.counts = df
        self.ends = np.cumsum(df)

    def add(self, scores: Scores, features: Sequence[str], factor: float) -> None:
        here = self._spread(self.known(features)[0])
        np.add.at(scores, self.rows[here], factor * self.weights[here])

    def known(self, features: Sequence[str]) -> tuple[Places, tuple[str, ...]]:
        """Where some features stand, and those that no document has."""
        places = self.places
        stand = [places[feature] for feature in features if feature in places]
        return np.array(stand, np.intp), tuple(feature for feature in features if feature not in places)

    def likeness(self, known: Places, strange: int) -> Scores:
        """Cosine of a set of features with every document: 1 where they are the same. So many no document has."""
        if not len(known):
            return np.zeros(self.size, np.float32)
        squares = self.squares[known].sum() + self.rarest * strange
        here = self._spread(known)
        scores = np.bincount(self.rows[here], self.shares[here], minlength=self.size)
        alike: Scores = (scores / squares**0.5).astype(np.float32)
        return alike

    def _spread(self, known: Places) -> Places:
        """Where the entries of these features stand, one after the other: a slice each would take twice as long."""
        counts = self.counts[known]
        shifts: Places = (self.ends[known] - counts.cumsum()).repeat(counts)
        return np.arange(len(shifts)) + shifts


def _bag(text: str, pieces: Callable[[str], tuple[str, ...]]) -> Counter[str]:
    return Counter(piece for word in words(text) for piece in pieces(word))


class Field:
    """Texts of the entries, one sort of them; `weights` for pieces of words and for whole words and parts."""

    def __init__(self, texts: Sequence[str], weights: tuple[float, float]) -> None:
        self.weights = weights
        self.pieces = Postings([_bag(text, grams) for text in texts])
        self.whole = Postings([_bag(text, forms) for text in texts])

    def add(self, scores: Scores, word: str) -> None:
        self.pieces.add(scores, grams(word), self.weights[0])
        self.whole.add(scores, forms(word), self.weights[1])


class Lexicon:
    """What every word of a language says about the entries of a list."""

    def __init__(self, fields: Sequence[Field], size: int) -> None:
        self.fields = fields
        self.size = size
        self._speaks = lru_cache(REMEMBERED)(self._counted)
        self._spelt = lru_cache(REMEMBERED)(lambda word: fields[0].pieces.known(grams(word)))

    def likeness(self, said: Iterable[str]) -> Scores:
        """How much the words of a short text are the first field's text of each entry, letter for letter: 0 to 1."""
        spelt = [self._spelt(word) for word in said]
        known = np.concatenate([_NOWHERE, *(known for known, _ in spelt)])
        strange = {piece for _, pieces in spelt for piece in pieces}
        return self.fields[0].pieces.likeness(np.unique(known), len(strange))

    def scores(self, text: Mapping[str, float], places: Places | None = None) -> Found:
        """Sum over the words of a text, each with its weight; at these places, else wherever a word says something."""
        found = [self._speaks(word) for word in text]
        if not found:
            return (_NOWHERE, _NOTHING) if places is None else (places, np.zeros(len(places), np.float32))
        entries = np.concatenate([entries for entries, _ in found])
        weights = np.array(list(text.values()), np.float32).repeat([len(entries) for entries, _ in found])
        values = np.concatenate([values for _, values in found]) * weights
        sums = np.bincount(entries, values, minlength=self.size)
        here = (sums > 0).nonzero()[0] if places is None else places
        return here, sums[here].astype(np.float32)

    def _counted(self, word: str) -> Found:
        scores = np.zeros(self.size, np.float32)
        for field in self.fields:
            field.add(scores, word)
        best = np.argpartition(-scores, KEPT)[:KEPT] if self.size > KEPT else np.arange(self.size)
        best = best[scores[best] > 0].astype(np.intp)
        return best, scores[best]
