"""Sets of words that mean the same, one file a language; the form stands in the head of de.txt."""

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


@cache
def synonyms() -> dict[str, list[str]]:
    """Word or phrase -> words it also means, as Meilisearch's setting wants it. Raises ValueError naming a bad line."""
    found: dict[str, list[str]] = {}
    for path in sorted(FOLDER.glob("*.txt")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if not line.strip() or line.startswith("#"):
                continue
            for word, others in _pairs(line, f"{path.name}:{number}"):
                known = found.setdefault(word, [])
                known.extend(other for other in others if other not in known)
    return found


def _pairs(line: str, place: str) -> list[tuple[str, list[str]]]:
    one_way = [part.strip() for part in line.split(" > ")]
    if len(one_way) == 2 and all(one_way):
        return [(one_way[0], [one_way[1]])]
    words = [part.strip() for part in line.split(" = ")]
    if len(words) < 2 or not all(words):
        raise ValueError(f"{place}: write `word = word` or `word > word`, not {line!r}")
    return [(word, [other for other in words if other != word]) for word in words]
