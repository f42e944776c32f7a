"""Words of a text as the code index counts them, and the everyday words we wrote down ourselves."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from unicodedata import normalize

from market.values import LANGUAGES, Language
from search.words import WORD, fold, split, stop_words

FOLDER = Path(__file__).parent / "words"
GRAM = 4
"""Letters of a piece: forgives endings, cases and typos, and finds parts of compounds."""
GENERIC = 0.2
"""What a word of every tender counts beside a telling one."""
MOST = 3
"""More repetitions say no more."""
ROOTS = [count**0.5 for count in range(MOST + 1)]


@dataclass(frozen=True)
class Everyday:
    """How people call what a code means, per language; `usual` 0 to 3: how often buyers take it as the main code."""

    words: dict[Language, str]
    usual: int


@cache
def everyday() -> dict[str, Everyday]:
    """By CPV code (words/cpv.psv)."""
    found = {}
    for line in _lines("cpv.psv"):
        code, usual, *texts = line.split("|")
        found[code] = Everyday(dict(zip(LANGUAGES, texts, strict=True)), int(usual))
    return found


@cache
def generic() -> frozenset[str]:
    """Folded words that say nothing of the subject (words/generic.txt)."""
    return frozenset(fold(word) for line in _lines("generic.txt") for word in line.split())


@cache
def _natures() -> dict[str, str]:
    pairs = (line.split(":") for line in _lines("nature.txt"))
    return {fold(word): nature for nature, said in pairs for word in said.split()}


def nature(title: str) -> str:
    """`goods`, `works` or `services`, by the first word that says so (words/nature.txt); empty where none does."""
    for word in WORD.findall(fold(title)):
        found = _natures().get(word) or ("works" if word.endswith("arbeiten") else "")
        if found:
            return found
    return ""


def _lines(name: str) -> list[str]:
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


@cache
def _stops() -> frozenset[str]:
    return frozenset(fold(word) for word in stop_words())


def words(text: str) -> list[str]:
    """Folded words in their order, without stop words."""
    written = WORD.findall(normalize("NFC", text.lower()))
    return [word for word in map(_said, written) if word]


@lru_cache(maxsize=100_000)
def _said(word: str) -> str:
    """Folded, a word at a time, for most have been seen before; empty for a stop word or a single letter."""
    folded = fold(word)
    return folded if len(folded) > 1 and folded not in _stops() else ""


def weighed(said: Iterable[str]) -> dict[str, float]:
    """Each of the words with what it counts; whatever holds a digit says nothing."""
    counted = Counter(said).items()
    return {word: ROOTS[min(count, MOST)] * telling for word, count in counted if (telling := _telling(word))}


@lru_cache(maxsize=100_000)
def _telling(word: str) -> float:
    return 0 if any(map(str.isdigit, word)) else GENERIC if word in generic() else 1


@lru_cache(maxsize=100_000)
def grams(word: str) -> tuple[str, ...]:
    """Pieces of four letters, its beginning and end marked."""
    marked = f"_{word}_"
    return tuple(marked[start : start + GRAM] for start in range(max(1, len(marked) - GRAM + 1)))


@lru_cache(maxsize=100_000)
def forms(word: str) -> tuple[str, ...]:
    """The word and, of a compound, its parts, all folded."""
    return (word, *(fold(part) for part in split(word)))
