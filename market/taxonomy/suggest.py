"""Codes and trades from a text in German, English or Polish: title and description in, the best entries out.

Reads the loaded lists (CPV and waste codes with their labels, our trades) and the everyday words beside them.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Literal, TypeAlias
from weakref import WeakKeyDictionary

import numpy as np
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from market.taxonomy import trades
from market.taxonomy.languages import language_of_text
from market.taxonomy.models import Code
from market.taxonomy.suggest_index import Field, Found, Lexicon, Places, Scores, best_places, highest
from market.taxonomy.suggest_words import everyday, nature, weighed, words
from market.values import LANGUAGES, Language

Scheme: TypeAlias = Literal["cpv", "ewc", "trade"]

LABELS, EVERYDAY = (0.2, 1.0), (0.8, 5.0)
"""Weights of pieces and of whole words, in official labels and in everyday words."""
TITLE = 0.4
"""Share of the title; the rest is the whole text, title included."""
SHORT = 12
"""So few words do not tell their language: all three are asked."""
LABEL = 30
"""So few words may be the very label of a code."""
LIKENESS = 2.0
"""What that counts beside the best sum of words."""
HEAD = 200
"""Characters in which the first sentence, taken for the title, has to end."""
USUAL = 0.1
"""What a step of `usual` adds."""
NEIGHBOURS, SHARPNESS = 30, 3
"""A code gains by its division's share among so many best codes; the share counts each by this power."""
WORKS, SERVICES = 45, 49
"""Divisions: of works, and from which on those of services begin; software (48) is goods."""
OTHERWISE = {"goods": 0.7, "works": 0.85, "services": 0.85}
"""What a code counts that is of another nature than the title says."""
VECTOR, TOLD, FAINT = 15, 1500, 0.25
"""What a text is about: so many codes, from so many characters, down to this score."""
FRESH_SECONDS = 60.0


@dataclass(frozen=True)
class Entry:
    """One entry of a list with its texts per language."""

    code: str
    label: dict[Language, str]
    words: dict[Language, str]
    usual: int = 0


class Suggester:
    """The entries of one list, ready to be asked. Built in about a second for all of CPV."""

    def __init__(self, entries: Sequence[Entry], *, divisions: bool) -> None:
        self.codes = [entry.code for entry in entries]
        self.labels = {entry.code: entry.label for entry in entries}
        self.divisions = np.array([int(code[:2]) for code in self.codes], np.intp) if divisions else None
        self.natures = {} if self.divisions is None else _natures(self.divisions)
        self.usual = np.array([1 + USUAL * entry.usual for entry in entries], np.float32)
        self.lexicons = {language: self._lexicon(entries, language) for language in LANGUAGES}

    def _lexicon(self, entries: Sequence[Entry], language: Language) -> Lexicon:
        own = [entry.label.get(language, "") for entry in entries]
        more = [entry.words.get(language, "") for entry in entries]
        return Lexicon([Field(own, LABELS), Field(more, EVERYDAY)], len(entries))

    def scores(self, title: str, text: str = "", language: Language | None = None) -> Found:
        """One number an entry, the best near 1; none where no word speaks for any."""
        titled = words(title)
        said = titled + words(text)
        head, whole = weighed(titled), weighed(said)
        short = len(whole) < SHORT
        asked = (language,) if language else LANGUAGES if short else (language_of_text(f"{title} {text}"),)
        places, scores = _largest([self._said(self.lexicons[one], head, whole) for one in asked], len(self.codes))
        scores = self._with_neighbours(places, _scaled(scores * self.usual[places]))
        if (meant := nature(title)) in self.natures:
            scores = _scaled(scores * self.natures[meant][places])
        if len(whole) > LABEL:
            return places, scores
        alike = reduce(np.maximum, [self.lexicons[one].likeness(said) for one in asked])
        all_ = LIKENESS * alike**2
        all_[places] += scores
        return np.arange(len(all_)), _scaled(all_)

    def _said(self, lexicon: Lexicon, head: dict[str, float], whole: dict[str, float]) -> Found:
        places, scores = lexicon.scores(whole)
        if head == whole:
            return places, scores
        first = _scaled(lexicon.scores(head, places)[1])
        return places, TITLE * first * highest(scores) + (1 - TITLE) * scores

    def _with_neighbours(self, places: Places, scores: Scores) -> Scores:
        if self.divisions is None or len(self.codes) <= NEIGHBOURS:
            return scores
        divisions, best = self.divisions[places], best_places(scores, NEIGHBOURS)
        share = np.bincount(divisions[best], scores[best] ** SHARPNESS, minlength=100)
        gained = 1 + share / max(share.sum(), 1e-9)
        return _scaled((scores * gained[divisions]).astype(np.float32))

    def best(
        self, title: str, text: str = "", language: Language | None = None, limit: int = 10
    ) -> list[tuple[str, float]]:
        """The best codes with their scores in (0, 1], best first; among equals the order of the list."""
        places, scores = self.scores(title, text, language)
        best = best_places(scores, limit)
        found = zip(places[best].tolist(), scores[best].tolist(), strict=True)
        return [(self.codes[place], round(score, 4)) for place, score in found if score > 0]

    def vector(self, title: str, text: str = "", language: Language | None = None) -> dict[str, float]:
        """What a text is about: its best codes, each with a weight in (0, 1]."""
        best = self.best(title, text[:TOLD], language, VECTOR)
        return {code: round(score**SHARPNESS, 3) for code, score in best if score >= FAINT}

    def labels_of(self, code: str) -> list[str]:
        """In all languages there are."""
        return list(filter(None, self.labels[code].values()))

    def label(self, code: str, language: Language) -> str:
        """In the language, else in German, else in English."""
        label = self.labels.get(code, {})
        return label.get(language) or label.get("de") or label.get("en") or code


def _natures(divisions: Places) -> dict[str, Scores]:
    """What each code counts where the title says goods, works or services."""
    works, services = divisions == WORKS, divisions >= SERVICES
    of = {"works": works, "services": services, "goods": ~(works | services)}
    return {meant: np.where(same, 1, OTHERWISE[meant]).astype(np.float32) for meant, same in of.items()}


def _largest(found: Sequence[Found], size: int) -> Found:
    if len(found) == 1:
        return found[0]
    scores = np.zeros(size, np.float32)
    for places, some in found:
        scores[places] = np.maximum(scores[places], some)
    places = np.flatnonzero(scores > 0)
    return places, scores[places]


def _scaled(scores: Scores) -> Scores:
    top = highest(scores)
    return (scores / top).astype(np.float32, copy=False) if top > 0 else scores


def split_head(text: str) -> tuple[str, str]:
    """A text without a title of its own: its first sentence, and what follows."""
    said = text.strip()
    ends = [place for mark in (". ", "\n") if 0 < (place := said.find(mark)) <= HEAD]
    return (said[: min(ends)], said[min(ends) + 1 :]) if ends else (said[:HEAD], said[HEAD:])


_checked: WeakKeyDictionary[Engine, dict[Scheme, tuple[float, Suggester]]] = WeakKeyDictionary()
_built: dict[object, Suggester] = {}
KEPT_LISTS = 6


def suggester(session: Session, scheme: Scheme) -> Suggester:
    """That of the loaded list, built at the first call and anew after the list has changed."""
    checked = _checked.setdefault(session.get_bind().engine, {})
    until, known = checked.get(scheme, (0.0, None))
    if known is not None and time.monotonic() < until:
        return known
    mark = (scheme, fingerprint(session, scheme))
    if mark not in _built:
        while len(_built) >= KEPT_LISTS:
            _built.pop(next(iter(_built)))
        _built[mark] = Suggester(entries(session, scheme), divisions=scheme == "cpv")
    checked[scheme] = (time.monotonic() + FRESH_SECONDS, _built[mark])
    return _built[mark]


def fingerprint(session: Session, scheme: Scheme) -> object:
    """Changes with the list."""
    if scheme == "trade":
        return len(trades.by_id())
    lengths = func.sum(func.length(Code.label_de) + func.length(Code.label_en) + func.length(Code.label_pl))
    return tuple(session.execute(select(func.count(), lengths).where(Code.scheme == scheme)).one())


def entries(session: Session, scheme: Scheme) -> list[Entry]:
    """The list as it is loaded, with our own words for it."""
    if scheme == "trade":
        return [Entry(trade.id, trade.names, _words_of(trade)) for trade in trades.by_id().values()]
    rows = session.scalars(select(Code).where(Code.scheme == scheme).order_by(Code.code))
    more = _cpv_words() if scheme == "cpv" else _ewc_words()
    usual = {code: one.usual for code, one in everyday().items()} if scheme == "cpv" else {}
    return [
        Entry(
            row.code,
            {"de": row.label_de, "en": row.label_en, "pl": row.label_pl},
            more.get(row.code, {}),
            usual.get(row.code, -1),
        )
        for row in rows
    ]


def _words_of(trade: trades.Trade) -> dict[Language, str]:
    return {one: ", ".join((*trade.synonyms[one], *trade.weak_synonyms[one])) for one in LANGUAGES}


def _cpv_words() -> dict[str, dict[Language, str]]:
    """Everyday words, and the names and synonyms of the trades for which a code is the main one."""
    found = {code: dict(one.words) for code, one in everyday().items()}
    for trade in trades.by_id().values():
        _add(found.setdefault(trade.cpv[0], {}), trade)
    return found


def _ewc_words() -> dict[str, dict[Language, str]]:
    found: dict[str, dict[Language, str]] = {}
    for trade in trades.by_id().values():
        for code in trade.ewc:
            _add(found.setdefault(code, {}), trade)
    return found


def _add(texts: dict[Language, str], trade: trades.Trade) -> None:
    for language in LANGUAGES:
        texts[language] = ", ".join(
            part for part in (texts.get(language, ""), trade.names[language], *trade.synonyms[language]) if part
        )
