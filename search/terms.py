"""The telling terms of a long text: norms whole, words by how rare they are and where they stand.

How rare a word is, is told by a sample of the index's own documents: no list of words has to be kept.
"""

import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from math import log
from typing import Any

from search.client import Client
from search.documents import IndexName
from search.words import WORD, fold, generic_words, split, stop_words

NORM = re.compile(
    r"\b(?:DIN|EN|ISO|IEC|VDE|VDI|DVGW|DVS|DGUV|TRBS|TRGS|WHG|PN|ASTM|API|AD ?2000|EXC|UIC|RID|ADR)"
    r"(?:[ /-]?(?:EN|ISO|IEC|TS|Vorschrift|Grundsatz|Regel|Merkblatt))*[ /-]?\d[\d.:-]*\d?\b"
)
"""Norms and rules with their number: "DIN EN ISO 9606-1", "EXC3", "DGUV Vorschrift 52"."""
WASTE = re.compile(r"\b(\d{2}) (\d{2}) (\d{2})(\*?)(?![\d.])")
SAMPLE = 1000
KEPT_SECONDS = 300.0
TITLE = 2.0
"""What a word of the title counts beside one of the text."""
GENERIC = 0.4
NUMERALS = frozenset(
    "ein zwei drei vier fuenf sechs sieben acht neun zehn elf zwoelf hundert tausend "
    "one two three four five six seven eight nine ten eleven twelve hundred thousand "
    "jeden dwa dwie dwoch trzy trzech cztery czterech piec szesc siedem osiem dziewiec dziesiec dwanascie".split()
)
"""They stand in every text, and explain nothing."""
STEM = 5
"""Letters of a beginning at least; beginnings are compared, so that endings and cases do not matter."""


@dataclass(frozen=True)
class Terms:
    """What to ask for: `words` with their weights, best first; norms as they are written."""

    words: Mapping[str, float] = field(default_factory=dict)
    norms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Frequencies:
    """In how many of `size` documents a beginning occurs; of unknown ones in none."""

    size: int = 0
    often: Mapping[str, int] = field(default_factory=dict)

    def rarity(self, word: str) -> float:
        """0 for what stands everywhere, 1 for what stands nowhere else."""
        if not self.size:
            return 0.5
        return log((self.size + 1) / (self.often.get(beginning(word), 0) + 1)) / log(self.size + 1)


_known: dict[tuple[str, IndexName], tuple[float, Frequencies]] = {}


async def frequencies(client: Client, index: IndexName) -> Frequencies:
    """Of a sample of the index, looked at again every few minutes. Raises SearchUnavailable."""
    until, known = _known.get((client.url, index), (0.0, Frequencies()))
    if time.monotonic() < until:
        return known
    query = {"indexUid": index, "q": "", "limit": SAMPLE, "attributesToRetrieve": ["title", "summary", "text"]}
    (answer,) = await client.multi_search([query])
    found = counted(answer["hits"])
    _known[client.url, index] = (time.monotonic() + KEPT_SECONDS, found)
    return found


def counted(documents: Iterable[Mapping[str, Any]]) -> Frequencies:
    often: Counter[str] = Counter()
    size = 0
    for document in documents:
        text = f"{document['title']} {document['summary']} {document['text'][:2000]}"
        often.update({beginning(part) for word in WORD.findall(fold(text)) for part in (word, *split(word))})
        size += 1
    return Frequencies(size, often)


@lru_cache(maxsize=50_000)
def beginning(word: str) -> str:
    """The first three fifths of a long word, folded: what its forms have in common."""
    text = fold(word)
    return text if len(text) <= STEM else text[: max(STEM, len(text) * 3 // 5)]


def terms(title: str, text: str, often: Frequencies, most: int) -> Terms:
    """The telling terms of a title and its text; `most` words at most."""
    norms = tuple(dict.fromkeys(found.group() for found in NORM.finditer(f"{title}\n{text}")))
    weights: dict[str, float] = {}
    forms: dict[str, str] = {}
    for words, factor in ((telling(title), TITLE), (telling(text), 1.0)):
        for word, count in Counter(words).items():
            stem = beginning(word)
            weight = factor * (1 + log(count)) * often.rarity(word) * (GENERIC if word in _generic() else 1)
            forms.setdefault(stem, word)
            weights[stem] = max(weights.get(stem, 0.0), weight)
    best = sorted(weights, key=lambda stem: (-weights[stem], stem))[:most]
    return Terms({forms[stem]: weights[stem] for stem in best if weights[stem] > 0}, norms)


def telling(text: str) -> list[str]:
    """Folded words of a text without stop words and numbers, compounds followed by their parts."""
    found = []
    for word in WORD.findall(fold(NORM.sub(" ", text))):
        if len(word) > 2 and word not in _stops() and not word.isdigit():
            found += [word, *(fold(part) for part in split(word))]
    return found


def beginnings(text: str) -> set[str]:
    """Beginnings of all words of a text and of their parts."""
    return {stem for word in set(WORD.findall(text.lower())) for stem in _stems(word)}


def spoken(text: str, *, nouns: bool = False) -> Iterator[tuple[str, str]]:
    """Each beginning once, with the telling word as the text writes it, in its order; parts of compounds lead to the
    compound. Whoever wants a few words reads no further than to them.

    `nouns`: only capitals and what holds a digit, which in German are the words that name something.
    """
    seen = set()
    for found in WORD.finditer(text):
        word = found.group()
        if nouns and word[0].islower() and (word.isalpha() or not any(map(str.isdigit, word))):
            continue
        for stem in _telling_stems(word):
            if stem not in seen:
                seen.add(stem)
                yield stem, word


@lru_cache(maxsize=50_000)
def _telling_stems(word: str) -> tuple[str, ...]:
    """Beginnings of a word and its parts; none of a word that tells nothing."""
    plain = fold(word)
    if len(plain) < 3 or plain in _stops() or plain in _generic() or plain in NUMERALS or plain.isdigit():
        return ()
    return _stems(word.lower())


@lru_cache(maxsize=50_000)
def _stems(word: str) -> tuple[str, ...]:
    return tuple(beginning(part) for part in (word, *split(word)))


def waste_codes(text: str) -> tuple[str, ...]:
    """Waste codes written in a text, as six digits in pairs with the star."""
    return tuple(dict.fromkeys(f"{a} {b} {c}{star}" for a, b, c, star in WASTE.findall(text)))


@lru_cache(maxsize=1)
def _stops() -> frozenset[str]:
    return frozenset(fold(word) for word in stop_words())


@lru_cache(maxsize=1)
def _generic() -> frozenset[str]:
    return generic_words()
