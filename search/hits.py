"""What comes back: documents with marked texts and the facts that explain their place."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from search.geo import Near
from search.words import fold

MARK, UNMARK = "\ue000", "\ue001"
"""Private characters around matches, so that the caller escapes the text before it becomes HTML."""

Part = tuple[str, bool]
"""A piece of text and whether it matched."""


def parts(text: str) -> list[Part]:
    """Cut a marked text into pieces. Marks a document might contain itself are taken out on the way in."""
    found: list[Part] = []
    for piece in re.split(f"({MARK}[^{UNMARK}]*{UNMARK})", text):
        if piece.startswith(MARK):
            found.append((piece[1:-1], True))
        elif piece:
            found.append((piece.replace(UNMARK, ""), False))
    return found


@dataclass(frozen=True)
class Hit:
    """One document found. `matched` names the fields in which words of the query stood."""

    document: Mapping[str, Any]
    score: float | None = None
    """0 to 1, Meilisearch's ranking score; None where the database answered."""
    distance_km: float | None = None
    formatted: Mapping[str, Any] = field(default_factory=dict)
    matched: tuple[str, ...] = ()
    typos: int = 0

    @property
    def ref(self) -> str:
        return str(self.document["id"])

    @classmethod
    def plain(cls, document: Mapping[str, Any], distance_km: float | None = None) -> "Hit":
        """From the database: nothing marked, nothing scored."""
        return cls(document, distance_km=distance_km)

    @classmethod
    def found(cls, raw: dict[str, Any], near: Near | None) -> "Hit":
        """From an answer of Meilisearch."""
        formatted = raw.pop("_formatted", {})
        details = raw.pop("_rankingScoreDetails", None) or {}
        positions = raw.pop("_matchesPosition", None) or {}
        score = raw.pop("_rankingScore", None)
        km = None
        if near is not None and raw.get("lat") is not None and raw.get("lng") is not None:
            km = near.km(raw["lat"], raw["lng"])
        typos = int((details.get("typo") or {}).get("typoCount", 0))
        return cls(raw, score, km, formatted, tuple(positions), typos)

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
        value = self.formatted.get(name)
        values: Sequence[str] = [value] if isinstance(value, str) else list(value or ())
        return [re.sub(f"[{MARK}{UNMARK}]", "", v) for v in values if isinstance(v, str) and MARK in v]

    def marked_words(self) -> list[str]:
        """The words that matched, whole, as the documents write them: a match may cover only their beginning."""
        texts: list[str] = []
        for value in self.formatted.values():
            inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else [value]
            texts += [text for text in inner if isinstance(text, str)]
        found = [a + b for text in texts for a, b in re.findall(f"{MARK}([^{UNMARK}]*){UNMARK}(\\w*)", text)]
        return list(dict.fromkeys(found))


@dataclass(frozen=True)
class Hits:
    """One page. `facets`: group -> value -> documents, each group counted without its own choice."""

    total: int
    total_is_exact: bool
    hits: list[Hit]
    facets: dict[str, dict[str, int]] = field(default_factory=dict)
    did_you_mean: str | None = None
    synonyms_used: tuple[str, ...] = ()
    """Names of trades through which words of the query found something."""


def likely_words(query: str, hits: Sequence[Hit]) -> str | None:
    """The query as the texts write it, where only typos led to them; None where something was spelled right."""
    if not hits or not query.strip() or any(hit.typos == 0 for hit in hits[:3]):
        return None
    words = query.split()
    known = hits[0].marked_words()
    changed = False
    for place, word in enumerate(words):
        if len(word) < 4 or any(fold(word) in fold(other) for other in known):
            continue
        close = [other for other in known if abs(len(other) - len(word)) <= 3 and fold(other)[:1] == fold(word)[:1]]
        if close:
            words[place], changed = close[0], True
    return " ".join(words) if changed else None


@dataclass(frozen=True)
class Suggestion:
    """Something to type or to go to: `index` and `ref` name the document."""

    text: str
    index: str
    ref: str
    slug: str
