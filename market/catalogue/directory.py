"""All trades: by group, and from A to Z with the everyday words that lead to them."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.catalogue import figures
from market.i18n import Words
from market.taxonomy import trades
from market.taxonomy.trades import Trade
from market.values import Language, fold
from market.web.endpoint import Call, endpoint

WORDS_OF_A_TRADE = 2
"""Synonyms of an offered trade in the register; more would bury the names."""


@dataclass(frozen=True)
class Entry:
    """A word of the register: a trade's name, or an everyday word for it."""

    word: str
    trade: Trade
    is_name: bool


def categories(call: Call) -> Response:
    counts = figures.offerings_by_trade(call.session)
    return call.render(
        "directory/show.html",
        groups=trades.groups(),
        counts=counts,
        in_group={group.id: sum(counts[trade.id] for trade in group.trades) for group in trades.groups()},
        register=register(call.words, counts),
        offered=sum(1 for trade in trades.by_id() if counts[trade]),
        total=len(trades.by_id()),
        demo=figures.shows_examples(call.session),
    )


def register(words: Words, counts: Counter[str]) -> list[tuple[str, list[Entry]]]:
    """Letters with their words. Every name stands in it, synonyms only of what somebody offers."""
    by_letter: dict[str, list[Entry]] = defaultdict(list)
    for trade in trades.by_id().values():
        name = trade.names[words.language]
        by_letter[_letter(name, words.language)].append(Entry(name, trade, is_name=True))
        for word in trade.synonyms[words.language][:WORDS_OF_A_TRADE] if counts[trade.id] else ():
            by_letter[_letter(word, words.language)].append(Entry(word, trade, is_name=False))
    return [
        (letter, sorted(entries, key=lambda entry: fold(entry.word)))
        for letter, entries in sorted(by_letter.items(), key=lambda item: _place(item[0]))
    ]


_POLISH = {"Ą": "A", "Ć": "C", "Ę": "E", "Ł": "Ł", "Ń": "N", "Ó": "O", "Ś": "Ś", "Ź": "Z", "Ż": "Ż"}
_GERMAN = {"Ä": "A", "Ö": "O", "Ü": "U"}


def _letter(word: str, language: Language) -> str:
    """The letter a word stands under: German umlauts with their vowel, Polish Ł, Ś and Ż on their own."""
    first = word[0].upper()
    first = (_POLISH if language == "pl" else _GERMAN).get(first, first)
    return first if first.isalpha() else "0–9"


def _place(letter: str) -> tuple[str, int]:
    """Ł after L, Ś after S, Ż after Z; figures before all letters."""
    base = {"Ł": "L", "Ś": "S", "Ż": "Z"}.get(letter, letter)
    return base, int(base != letter)


routes: list[BaseRoute] = [Route("/categories", endpoint(categories), name="categories")]
