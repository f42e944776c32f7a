"""Sets of words that mean the same, one file a language; the form stands in the head of de.txt."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from search.words import fold

FOLDER = Path(__file__).parent


@cache
def synonyms() -> dict[str, list[str]]:
    """Word or phrase -> words it also means, as Meilisearch's setting wants it. Raises ValueError naming a bad line.

    Words typed without umlauts and marks stand beside the proper ones; ł, which Meilisearch does not know as l, on both
    sides.
    """
    found: dict[str, list[str]] = {}
    for line, place in _lines():
        for word, others in _pairs(line, place):
            every = [form for other in others for form in (other, other.replace("ł", "l"))]
            for typed in {word, word.replace("ł", "l"), fold(word)}:
                known = found.setdefault(typed, [])
                known.extend(form for form in dict.fromkeys(every) if form not in known and form != typed)
    return found


@cache
def one_way() -> frozenset[str]:
    """Folded words that lead to others but not back: verbs and loose words."""
    return frozenset(fold(line.partition(" > ")[0]) for line, _ in _lines() if " > " in line)


def _lines() -> Iterator[tuple[str, str]]:
    for path in sorted(FOLDER.glob("*.txt")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if line.strip() and not line.startswith("#"):
                yield line, f"{path.name}:{number}"


def _pairs(line: str, place: str) -> list[tuple[str, list[str]]]:
    word, arrow, rest = (part.strip() for part in line.partition(" > "))
    words = [part.strip() for part in (rest.split(",") if arrow else line.split(" = "))]
    if not word or not all(words) or len(words) < (1 if arrow else 2):
        raise ValueError(f"{place}: write `word = word` or `word > word, word`, not {line!r}")
    if arrow:
        return [(word, words)]
    return [(word, [other for other in words if other != word]) for word in words]
