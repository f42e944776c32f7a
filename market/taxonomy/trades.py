"""Trades: what firms do, in groups, with everyday words in three languages (seeds/data/trades.yaml)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from market.taxonomy.source import read
from market.values import LANGUAGES, Language, fold

ICONS = {
    "mechanical": "wrench",
    "fabrication": "hammer",
    "piping-plant": "factory",
    "electrical": "zap",
    "building": "hard-hat",
    "lifting-equipment": "forklift",
    "cleaning-environment": "spray-can",
    "waste-residuals": "recycle",
    "laboratory": "flask-conical",
    "training": "graduation-cap",
    "rail": "train-front",
    "logistics": "truck",
    "engineering": "ruler",
    "site-services": "shield-check",
}
"""Lucide icon of each group."""


@dataclass(frozen=True, eq=False)
class Trade:
    """One trade. `synonyms` lead to it alone; `weak_synonyms` are ambiguous and never decide."""

    id: str
    group: str
    kind: str
    names: dict[Language, str]
    synonyms: dict[Language, tuple[str, ...]]
    weak_synonyms: dict[Language, tuple[str, ...]]
    cpv: tuple[str, ...]
    """Eight digits, the main code first."""
    ewc: tuple[str, ...]
    certificates: tuple[str, ...]
    related: tuple[str, ...]

    def words(self) -> list[str]:
        """Names and synonyms of all languages."""
        return [*self.names.values(), *(word for words in self.synonyms.values() for word in words)]


@dataclass(frozen=True)
class Group:
    id: str
    names: dict[Language, str]
    icon: str
    trades: tuple[Trade, ...]


@cache
def groups() -> tuple[Group, ...]:
    """All groups in the order of the file."""
    return tuple(
        Group(
            group["id"],
            group["names"],
            ICONS.get(group["id"], "wrench"),
            tuple(_trade(group["id"], record) for record in group["trades"]),
        )
        for group in read("trades")["groups"]
    )


def _trade(group: str, record: dict[str, object]) -> Trade:
    def by_language(key: str) -> dict[Language, tuple[str, ...]]:
        given = record.get(key) or {}
        assert isinstance(given, dict)
        return {language: tuple(given.get(language, ())) for language in LANGUAGES}

    def codes(key: str) -> tuple[str, ...]:
        return tuple(record.get(key) or ())  # type: ignore[arg-type]

    return Trade(
        id=str(record["id"]),
        group=group,
        kind=str(record["kind"]),
        names=record["names"],  # type: ignore[arg-type]
        synonyms=by_language("synonyms"),
        weak_synonyms=by_language("weak_synonyms"),
        cpv=codes("cpv"),
        ewc=codes("ewc"),
        certificates=codes("certificates"),
        related=codes("related"),
    )


@cache
def by_id() -> dict[str, Trade]:
    return {trade.id: trade for group in groups() for trade in group.trades}


def get(trade_id: str) -> Trade:
    """Raises KeyError for an unknown id."""
    return by_id()[trade_id]


def name(trade_id: str, language: Language) -> str:
    """Display name; the id itself for a trade that was taken out of the list."""
    trade = by_id().get(trade_id)
    return trade.names[language] if trade else trade_id


@cache
def _names_of(trade_id: str) -> tuple[str, ...]:
    trade = by_id().get(trade_id)
    return tuple(trade.names[language] for language in LANGUAGES) if trade else ()


def trade_names(ids: Iterable[str]) -> list[str]:
    """Names in all languages: documents carry them, so that a Polish word finds a German text."""
    return list(dict.fromkeys(name for trade_id in ids for name in _names_of(trade_id)))


@cache
def _words_of(trade_id: str) -> tuple[str, ...]:
    trade = by_id().get(trade_id)
    if trade is None:
        return ()
    weak = [word for words in trade.weak_synonyms.values() for word in words]
    return tuple(dict.fromkeys([*trade.words(), *weak]))


def trade_words(ids: Iterable[str]) -> list[str]:
    """Everyday words of the trades, beyond their names: what people type who do not know the proper name."""
    names = set(trade_names(ids))
    return list(dict.fromkeys(word for trade_id in ids for word in _words_of(trade_id) if word not in names))


def all_words(ids: Sequence[str]) -> tuple[str, ...]:
    """Names and everyday words of trades together."""
    return _all_words(tuple(ids))


@lru_cache(maxsize=5000)
def _all_words(ids: tuple[str, ...]) -> tuple[str, ...]:
    return (*trade_names(ids), *trade_words(ids))


@cache
def _folded() -> tuple[tuple[str, Trade], ...]:
    """Every folded word with its trade, names before synonyms."""
    rows = [(fold(name), trade) for trade in by_id().values() for name in trade.names.values()]
    more = [(fold(word), trade) for trade in by_id().values() for word in trade.words()]
    return tuple(dict.fromkeys(rows + more))


@cache
def _exact() -> dict[str, tuple[Trade, ...]]:
    found: dict[str, list[Trade]] = defaultdict(list)
    for word, trade in _folded():
        found[word].append(trade)
    for trade in by_id().values():
        for weak in (word for words in trade.weak_synonyms.values() for word in words):
            found[fold(weak)].append(trade)
    return {word: tuple(dict.fromkeys(those)) for word, those in found.items()}


def named(text: str) -> tuple[Trade, ...]:
    """Trades a query names: the whole text or one of its words is a name or a synonym, weak ones included."""
    whole = fold(text).strip()
    if whole in _exact():
        return _exact()[whole]
    return tuple(dict.fromkeys(trade for word in whole.split() for trade in _exact().get(word, ())))


def find(text: str, limit: int = 8) -> list[Trade]:
    """Trades of which a name or synonym begins with the letters typed; then those in which a word begins so."""
    start = fold(text).strip()
    if not start:
        return []
    whole = [trade for word, trade in _folded() if word.startswith(start)]
    inside = [trade for word, trade in _folded() if f" {start}" in word] if len(whole) < limit else []
    return list(dict.fromkeys(whole + inside))[:limit]


@cache
def of_cpv() -> dict[str, tuple[Trade, ...]]:
    """Trades by each of their CPV codes, those for which it is the main code first."""
    found: dict[str, list[tuple[int, Trade]]] = defaultdict(list)
    for trade in by_id().values():
        for place, code in enumerate(trade.cpv):
            found[code].append((place, trade))
    return {code: tuple(t for _, t in sorted(those, key=lambda pair: pair[0])) for code, those in found.items()}


def from_cpv(codes: Sequence[str], kind: str | None = None) -> tuple[str, ...]:
    """Ids of the trades for which one of the codes is the main one, of the kind if one is given."""
    ids = [
        trade.id
        for code in codes
        for trade in of_cpv().get(code, ())
        if trade.cpv[0] == code and kind in (None, trade.kind)
    ]
    return tuple(dict.fromkeys(ids))
