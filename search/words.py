"""Words as people type them: folded spelling, parts of German compounds, stop words; and the helper fields they give.

Compounds are split with a curated list (words/compound_parts.txt): a word is split only if parts and joints cover it
completely, with at least two parts; of several ways the one with the fewest parts wins, then the fewest joint letters,
then the longest last part.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from unicodedata import normalize

from search.geo import cells_of, point_of

FOLDER = Path(__file__).parent / "words"
ENDINGS = ("", "e", "n", "en", "s", "es", "er", "ern")
SECTION = "# ---- "
"""Before the language of a section of the stop words."""
SHOWN = {"sommer": "sommer"}
"""Parts between which a page breaks a word, but search does not: welders for the "Sommerstillstand" are no shutdown."""
INFLECTIONS = ("e", "n", "en", "s", "es")
VOWELS = "aeiou"
LONGEST_WORD = 60
WORD = re.compile(r"[^\W_]+", re.UNICODE)
LANGUAGES = ("de", "en", "pl")
WITH_KIND = {"trades": "kind_trades", "certificates": "kind_certificates", "languages": "kind_languages"}
"""Field -> the field of its values, each with the kind of the document before it (`service|pl`)."""
HELPERS = frozenset(
    {"parts", "translit", "translit_names", "translit_more", "cells", "point", "verified", "suggested"}
    | set(WITH_KIND.values())
)
"""Fields `enrich` adds; an index whose documents lack one was filled by an earlier version."""

_FOLDED = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"} | dict(zip("ąćęłńóśźż", "acelnoszz", strict=True))


def fold(text: str) -> str:
    """Lower case, umlauts as ae/oe/ue/ss, Polish letters without their marks."""
    folded = text.lower()
    if folded.isascii():
        return folded
    folded = normalize("NFC", folded)
    for letter, other in _FOLDED.items():  # on long texts ten times as fast as str.translate
        folded = folded.replace(letter, other)
    return folded


@cache
def compound_parts() -> dict[str, str]:
    """Folded stem -> stem as written."""
    return {fold(line): line for line in _listed("compound_parts.txt")}


@cache
def _shown_parts() -> dict[str, str]:
    return compound_parts() | SHOWN


def _listed(name: str) -> tuple[str, ...]:
    lines = (line.strip() for line in (FOLDER / name).read_text(encoding="utf-8").splitlines())
    return tuple(dict.fromkeys(line for line in lines if line and line[0] not in "#["))


@cache
def generic_words() -> frozenset[str]:
    """Folded words that say what is done and not to what."""
    return frozenset(fold(word) for word in _listed("generic.txt"))


@cache
def stop_words() -> tuple[str, ...]:
    """Function words and tender filler of all three languages."""
    return _listed("stopwords.txt")


@cache
def foreign_fillers() -> frozenset[str]:
    """Folded stop words of the other languages that are none in German: in German texts their letters are rare."""
    by_language: dict[str, set[str]] = {}
    for line in (FOLDER / "stopwords.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith(SECTION):
            own = by_language.setdefault(line.removeprefix(SECTION), set())
        elif line and not line.startswith("#"):
            own.add(fold(line.strip()))
    return frozenset(set().union(*by_language.values()) - by_language["de"])


def _joints(part: str) -> list[str]:
    """Joints that may follow a part, in folded spelling."""
    if part.endswith("e"):
        return ["", "n"]
    allowed = [""] if part[-1] in "sxz" else ["", "s"]
    return allowed if part[-1] in VOWELS else [*allowed, "e", "en", "er", "es"]


_Found = tuple[tuple[int, int, int], tuple[str, ...]] | None


@lru_cache(maxsize=50_000)
def split(word: str) -> tuple[str, ...]:
    """Stems of a compound as written in the list; empty where the word cannot be split safely."""
    return _covered(word, compound_parts())


def _covered(word: str, parts: Mapping[str, str]) -> tuple[str, ...]:
    text = fold(word)
    if not 7 <= len(text) <= LONGEST_WORD:
        return ()
    if any(text.removesuffix(end) in parts for end in ENDINGS if text.endswith(end)):
        return ()
    best: dict[int, _Found] = {}
    for start in range(len(text) - 3, -1, -1):
        best[start] = _best(text, start, best, parts)
    found = best.get(0)
    return found[1] if found and len(found[1]) > 1 else ()


def _best(text: str, start: int, best: Mapping[int, _Found], parts: Mapping[str, str]) -> _Found:
    """Cheapest cover of text[start:]: (number of parts, joint letters, -length of the last part) and the stems."""
    found: _Found = None
    for end in range(start + 3, len(text) + 1):
        part = text[start:end]
        if part not in parts:
            continue
        options: list[tuple[tuple[int, int, int], tuple[str, ...]]] = []
        tail = text[end:]
        if tail in ENDINGS and start > 0:
            options.append(((1, len(tail), -len(part)), (parts[part],)))
        for joint in _joints(part):
            rest = best.get(end + len(joint)) if text.startswith(joint, end) else None
            if rest:
                (count, letters, head), stems = rest
                options.append(((count + 1, letters + len(joint), head), (parts[part], *stems)))
        for option in options:
            if found is None or option[0] < found[0]:
                found = option
    return found


def joints(word: str) -> list[int]:
    """Places in a compound at which a part begins; empty for any other word, and where a part is written otherwise."""
    found, place, text = [], 0, word.lower()
    for stem in _covered(word, _shown_parts())[1:]:
        place = text.find(stem, place + 3)
        if place < 0:
            return []
        found.append(place)
    return found


@lru_cache(maxsize=50_000)
def stems(word: str) -> tuple[str, ...]:
    """Parts of a compound, or the one a word is an inflected form of ("Kranen": kran); empty for any other word."""
    text = fold(word)
    return split(word) or next(
        (
            (stem,)
            for end in INFLECTIONS
            if text.endswith(end) and (stem := compound_parts().get(text.removesuffix(end))) is not None
        ),
        (),
    )


def parts_of(texts: Iterable[str]) -> list[str]:
    """Stems of all compounds and inflected words in the texts, as written and folded, each once."""
    return list(dict.fromkeys(form for text in texts for form in _helped(text)[0]))


def translit_of(texts: Iterable[str]) -> list[str]:
    """Folded spelling of the words that have one of their own, each once: what people type without umlauts."""
    return list(dict.fromkeys(word for text in texts for word in _helped(text)[1]))


@lru_cache(maxsize=20_000)
def _helped(text: str) -> tuple[list[str], list[str]]:
    """Parts and other spellings of one text. Those of trades, towns and firms come again in each of their documents."""
    words = WORD.findall(text)
    forms = list(dict.fromkeys(form for word in words for form in _forms(word)))
    return forms, [] if text.isascii() else [other for word in words if (other := _other_spelling(word))]


@lru_cache(maxsize=50_000)
def _forms(word: str) -> tuple[str, ...]:
    return tuple(form for stem in stems(word.lower()) for form in (stem, fold(stem)))


@lru_cache(maxsize=50_000)
def _other_spelling(word: str) -> str:
    """Empty where the folded word is the word itself."""
    folded = fold(word)
    return "" if folded == word.lower() else folded


def enrich(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with its helper fields (`HELPERS`). Raises KeyError and the like for one that is not whole."""
    told = [document["title"], *document["titles"].values(), *document["trade_names"], *document["keywords"]]
    more = [document["summary"], *document.get("offering_titles", ())]
    names = [document["organisation"], document["town"], document.get("site", "")]
    lat, lng = document.get("lat"), document.get("lng")
    here = None if lat is None or lng is None else (float(lat), float(lng))
    return {
        **document,
        # Every language is there, if empty: Meilisearch refuses to search in a field no document has.
        "titles": dict.fromkeys(LANGUAGES, "") | dict(document["titles"]),
        "summaries": dict.fromkeys(LANGUAGES, "") | dict(document["summaries"]),
        "suggested": list(document.get("suggested", ())),
        "parts": parts_of([*told, *more, "\n".join(document["trade_words"])]),
        # Folded spellings count as much as the field they come from.
        "translit": translit_of(told),
        "translit_names": translit_of(names),
        "translit_more": translit_of(more),
        "point": point_of(*here) if here else None,
        "cells": cells_of(*here) if here else [],
        "verified": bool(document.get("verified_on")),
        **{name: _with_kind(document, field) for field, name in WITH_KIND.items()},
    }


def _with_kind(document: Mapping[str, Any], field: str) -> list[str]:
    """Nothing where a document has several kinds, as firms have."""
    kinds = document.get("kinds", ())
    return [f"{kinds[0]}|{value}" for value in document.get(field) or ()] if len(kinds) == 1 else []
