"""What comes back: documents with marked texts and the facts that explain their place."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from search.documents import INDEXES
from search.geo import Near
from search.indexes import texts
from search.words import fold

MARK, UNMARK = "\ue000", "\ue001"
"""Private characters around matches, so that the caller escapes the text before it becomes HTML."""

MARKED = ["title", "titles", "summary", "summaries", "keywords", "organisation", "town"]
"""Where matches are shown. Marking the words of trades too, or asking for all positions, costs 2 and 5 ms at 100k."""

NAMED = min(1 - fields.index("postcode") / len(fields) for fields in map(texts, INDEXES)) - 0.01
"""Score of Meilisearch's attribute rule (1 - place / fields) down to which a field is a name, a place among them."""

_MARKED = re.compile(f"{MARK}([^{MARK}{UNMARK}]*){UNMARK}")

Part = tuple[str, bool]
"""A piece of text and whether it matched."""


def parts(text: str) -> list[Part]:
    """Cut a marked text into pieces; marks without their partner are taken out."""
    found: list[Part] = []
    for place, piece in enumerate(_MARKED.split(text)):
        plain = piece if place % 2 else unmarked(piece)
        if plain:
            found.append((plain, place % 2 == 1))
    return found


@dataclass(frozen=True)
class Hit:
    """One document found. `matched` names the fields in which words of the query stood.

    These are the fields that are shown, and `trade_words` where names or everyday words of the document's trades match
    (`meant`).
    """

    document: Mapping[str, Any]
    score: float | None = None
    """0 to 1, Meilisearch's ranking score; None where the database answered."""
    distance_km: float | None = None
    formatted: Mapping[str, Any] = field(default_factory=dict)
    matched: tuple[str, ...] = ()
    typos: int = 0
    meant: tuple[str, ...] = ()
    named: bool = False
    """All words stand in the title, in keywords, or in names and everyday words of the trades."""

    @property
    def ref(self) -> str:
        return str(self.document["id"])

    @classmethod
    def plain(cls, document: Mapping[str, Any], distance_km: float | None = None) -> "Hit":
        """From the database: nothing marked, nothing scored."""
        return cls(document, distance_km=distance_km)

    @classmethod
    def found(
        cls, raw: dict[str, Any], near: Near | None, words: tuple[str, ...] = (), meanings: tuple[str, ...] = ()
    ) -> "Hit":
        """From an answer of Meilisearch. `words` are those of the query, `meanings` those of the document's trades."""
        formatted = raw.pop("_formatted", {})
        details = raw.pop("_rankingScoreDetails", None) or {}
        score = raw.pop("_rankingScore", None)
        km = None
        if near is not None and raw.get("lat") is not None and raw.get("lng") is not None:
            km = near.km(raw["lat"], raw["lng"])
        typos = int((details.get("typo") or {}).get("typoCount", 0))
        matched = (
            [name for name in MARKED if any(MARK in text for text in _texts(formatted.get(name)))] if words else []
        )
        meant = _meant(words, meanings) if words else ()
        if meant:
            matched.append("trade_words")
        return cls(raw, score, km, formatted, tuple(matched), typos, meant, is_named(details))

    def title_in(self, language: str) -> tuple[list[Part], str]:
        """Title in the language, else as written; the language it is in."""
        return self._text("title", "titles", language)

    def summary_in(self, language: str) -> tuple[list[Part], str]:
        return self._text("summary", "summaries", language)

    def _text(self, own: str, others: str, language: str) -> tuple[list[Part], str]:
        lang = str(self.document["lang"])
        source = self.formatted or self.document
        translated = (source.get(others) or {}).get(language)
        if language != lang and translated:
            return parts(translated), language
        return parts(str(source.get(own) or self.document.get(own) or "")), lang

    def marked(self, name: str) -> list[str]:
        """Values of a list or text field that contain a match, without marks: which trade, which keyword."""
        return [unmarked(text) for text in _texts(self.formatted.get(name)) if MARK in text]

    def marked_words(self) -> list[str]:
        """The words that matched, whole, as the documents write them: a match may cover only their beginning."""
        texts = [text for name in MARKED for text in _texts(self.formatted.get(name)) if MARK in text]
        found = [a + b for text in texts for a, b in re.findall(f"{MARK}([^{UNMARK}]*){UNMARK}(\\w*)", text)]
        return list(dict.fromkeys([*found, *(word for text in self.meant for word in text.split())]))


@dataclass(frozen=True)
class Hits:
    """One page. `facets`: group -> value -> documents, each group counted without its own choice."""

    total: int
    total_is_exact: bool
    hits: list[Hit]
    facets: dict[str, dict[str, int]] = field(default_factory=dict)
    did_you_mean: str | None = None
    synonyms_used: tuple[str, ...] = ()
    """Names and everyday words of trades through which words of the query found something."""
    loosely: bool = False
    """Nothing was found as it was asked; these hits match a part of the words."""
    took_ms: float = 0.0


@dataclass(frozen=True)
class Suggestion:
    """Something to type or to go to: `index` and `ref` name the document."""

    text: str
    index: str
    ref: str
    slug: str


def is_named(details: Mapping[str, Any]) -> bool:
    """Whether all words stand in one of the first fields: titles, trades, firm and place."""
    words, attribute = details.get("words") or {}, details.get("attribute") or {}
    return words.get("score") == 1 and attribute.get("attributeRankingOrderScore", 0) >= NAMED


def unmarked(text: str) -> str:
    return text.replace(MARK, "").replace(UNMARK, "")


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


@lru_cache(maxsize=10_000)
def _meant(words: tuple[str, ...], everyday: tuple[str, ...]) -> tuple[str, ...]:
    """Everyday words that a word of the query is, begins, or nearly is; the server could tell, but slowly.

    The hits of a page have few trades between them, so most of them ask the same.
    """
    typed = [fold(word) for word in words if len(word) > 2]
    found = []
    for text in everyday:
        pieces = _pieces(text)
        if any(piece.startswith(word) or _close(word, piece) for word in typed for piece in pieces):
            found.append(text)
    return tuple(found)


@lru_cache(maxsize=20_000)
def _pieces(text: str) -> list[str]:
    return fold(text).split()


def likely_words(query: str, hits: Sequence[Hit]) -> str | None:
    """The query as the texts write it, where only typos led to them; None where something was spelled right."""
    if not hits or not query.strip() or any(hit.typos == 0 for hit in hits[:3]):
        return None
    known = hits[0].marked_words()
    words, changed = query.split(), False
    for place, word in enumerate(words):
        text = fold(word)
        if len(word) < 4 or any(text in fold(other) for other in known):
            continue
        close = next((other for other in known if _close(text, fold(other))), None)
        if close:
            words[place], changed = close, True
    return " ".join(words) if changed else None


@lru_cache(maxsize=50_000)
def _close(typed: str, word: str) -> bool:
    """Meilisearch's measure: one typo from 5 letters on, two from 9; a wrong first letter is two."""
    allowed = 0 if len(typed) < 5 else 1 if len(typed) < 9 else 2
    if not allowed or abs(len(typed) - len(word)) > allowed or (allowed == 1 and typed[0] != word[0]):
        return False
    return _distance(typed, word, allowed) <= allowed


def _distance(a: str, b: str, most: int) -> int:
    """Letters to insert, delete, replace or swap with the next; more than `most` once it is sure to be more."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        older, before, row = before, row, [i]
        for j, other in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == b[j - 2] and other == a[i - 2]:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]
