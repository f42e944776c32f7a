"""A query as it is sent to Meilisearch, which reads ten words and splits no compounds.

Stop words go where something telling remains. The parts of a compound stand before it, so that the last word typed
stays last: only that one is completed while typing. How words fall away when not all of them match was chosen by
measurement (docs/search-settings.md): of one or two words the last, unless a generic word stands first ("remont
torów"); of more words the most frequent.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from search.synonyms import one_way
from search.words import LONGEST_WORD, compound_parts, fold, generic_words, split, stop_words

MAX_WORDS = 10
"""Meilisearch reads no more words of a query, silently."""
AROUND = ".,;:!?()[]{}„“”«»'\""
"""Punctuation around a word. A minus before it is left: Meilisearch leaves out what holds the word."""
PHRASE = re.compile(r'"[^"]*\w[^"]*"')
TRIED = 4
SHORTEST_PIECE = 4
"""Letters a piece of an unknown compound has at least."""


@dataclass(frozen=True)
class Wording:
    """`words` are the telling words as typed, without the parts added."""

    text: str
    strategy: str
    """Meilisearch's matchingStrategy."""
    words: tuple[str, ...] = ()


@lru_cache(maxsize=4096)
def wording(q: str, *, every: bool = False, plain: bool = False) -> Wording:
    """How a query is asked.

    `every`: all words have to match, as a compound or as its parts; for orders other than relevance, which would put
    loosely related hits first. `plain`: no parts.
    """
    words = telling(q)
    if PHRASE.search(q):  # somebody who writes phrases means every word of it
        return Wording(q, "all" if every else "last", tuple(words))
    if every:
        sent = [piece for word in words for piece in (() if plain else _split(word)) or (word,)]
        return Wording(" ".join(dict.fromkeys(sent[:MAX_WORDS])), "all", tuple(words))
    sent = words if plain else _with_parts(words)
    return Wording(" ".join(sent), _strategy(words), tuple(words))


def looser(q: str) -> list[Wording]:
    """Other wordings for when nothing was found, the closest first.

    Unknown compounds are cut at a part that is known: "Kanalspülung" becomes "kanal spülung", "Abwasseranlyse" becomes
    "abwasser anlyse", which typo tolerance mends. Then the first words go, which the usual wording insists on.
    """
    words = tuple(telling(q))
    if not words or PHRASE.search(q):
        return []
    pieces = [piece for word in words for piece in _loose(word) or (word,)][:MAX_WORDS]
    found = [] if tuple(pieces) == words else [Wording(" ".join(pieces), "last", words)]
    sent = _with_parts(list(words))
    return found + [Wording(" ".join(sent[start:]), "last", words) for start in range(1, min(len(sent), TRIED))]


def telling(q: str) -> list[str]:
    """At most ten words of a query: without stop words where others remain; of too many the ones that say most."""
    every = [word for word in (part.strip(AROUND) for part in q.split()) if re.search(r"\w", word)]
    words = [word for word in every if _bare(word) not in _stops()] or every
    if len(words) > MAX_WORDS:
        best = sorted(range(len(words)), key=lambda place: (-_weight(words[place]), place))[:MAX_WORDS]
        words = [words[place] for place in sorted(best)]
    return words


def _weight(word: str) -> int:
    """Long words say more than short ones, numbers of norms most."""
    return len(word) + 6 * any(letter.isdigit() for letter in word) - 8 * (fold(word) in _generic())


def _with_parts(words: list[str]) -> list[str]:
    """Every compound preceded by its parts, as far as there is room for ten words."""
    room = MAX_WORDS - len(words)
    known = {fold(word) for word in words}
    sent: list[str] = []
    for word in words:
        for part in _split(word):
            if room and fold(part) not in known:
                known.add(fold(part))
                sent.append(part)
                room -= 1
        sent.append(word)
    return sent


def _strategy(words: list[str]) -> str:
    if len(words) == 1 or (len(words) == 2 and fold(words[0]) not in _generic()):
        return "last"
    return "frequency"


def _split(word: str) -> tuple[str, ...]:
    return () if word.startswith("-") else split(word.lower())


def _loose(word: str) -> tuple[str, ...]:
    """A word cut at the longest part it begins or ends with; empty where neither is known."""
    text, parts = word.lower(), compound_parts()
    if split(text) or fold(text) in parts or not text.isalpha() or len(text) > LONGEST_WORD:
        return ()
    cuts = range(SHORTEST_PIECE, len(text) - SHORTEST_PIECE + 1)
    first = next((cut for cut in reversed(cuts) if fold(text[:cut]) in parts), 0)
    last = next((cut for cut in cuts if fold(text[cut:]) in parts), len(text))
    if first > len(text) - last:
        return text[:first], _without_joint(text[first:])
    return (text[:last], text[last:]) if last < len(text) else ()


def _without_joint(rest: str) -> str:
    """What follows a part, without the n or s between them: "Kantine-n-essen"."""
    vowel = len(rest) > SHORTEST_PIECE + 1 and rest[1] in "aeiou"
    return rest[1:] if vowel and rest[0] in "ns" else rest


def _bare(word: str) -> str:
    return word.lower().strip("-")


@cache
def _stops() -> frozenset[str]:
    return frozenset(stop_words())


@cache
def _generic() -> frozenset[str]:
    return generic_words() | one_way()
