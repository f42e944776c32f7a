"""What the wizard offers to choose from: trades by group and by text, codes by text, waste codes by words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from market.taxonomy import codes, trades
from market.taxonomy.suggest import suggester
from market.taxonomy.trades import Trade
from market.values import Language, fold

MOST_TRADES, MOST_CODES = 5, 4
LIKELY = 0.35
SMALL = 3
"""Letters from which on a trade is suggested."""


@dataclass(frozen=True)
class Group:
    """A group with the trades that fit the kind."""

    name: str
    icon: str
    trades: list[Trade]


def likely_trades(session: Session, kind: str, title: str, text: str, language: Language) -> list[str]:
    """Ids of the trades the text is about, those of the kind first."""
    best = suggester(session, "trade").best(title, text, None, limit=MOST_TRADES * 2)
    known = trades.by_id()
    found = [id_ for id_, score in best if score >= LIKELY and id_ in known]
    return sorted(found, key=lambda id_: known[id_].kind != kind)[:MOST_TRADES]


def likely_codes(session: Session, title: str, text: str, chosen: Sequence[str]) -> list[str]:
    """CPV codes of the text and the main codes of the chosen trades, the likeliest first."""
    of_trades = [trades.get(id_).cpv[0] for id_ in chosen if id_ in trades.by_id() and trades.get(id_).cpv]
    best = suggester(session, "cpv").best(title, text, None, limit=MOST_CODES)
    return list(dict.fromkeys([*of_trades[:2], *(code for code, score in best if score >= LIKELY)]))


def groups(kind: str, language: Language) -> list[Group]:
    """Groups that hold trades of the kind; the others follow in one, so that nothing is out of reach."""
    found = []
    for group in trades.groups():
        fitting = sorted((one for one in group.trades if one.kind == kind), key=lambda one: fold(one.names[language]))
        if fitting:
            found.append(Group(group.names[language], group.icon, fitting))
    return found


def suggest_trades(text: str, language: Language) -> list[str]:
    """Names of trades for what was typed."""
    return [one.names[language] for one in trades.find(text)] if len(text.strip()) >= SMALL else []


def trade_called(text: str) -> Trade | None:
    """The trade meant, where the words mean one."""
    exact = [one for one in trades.by_id().values() if fold(text.strip()) in map(fold, one.names.values())]
    if exact:
        return exact[0]
    found = trades.named(text) or trades.find(text)
    return found[0] if len(found) == 1 else None


def known_trades(ids: Iterable[str]) -> list[str]:
    return [id_ for id_ in dict.fromkeys(ids) if id_ in trades.by_id()]


def waste_codes(session: Session, text: str, language: Language, limit: int = 6) -> list[tuple[str, str]]:
    """Waste codes for digits or words, with their labels."""
    said = text.strip()
    if not said:
        return []
    if said[0].isdigit():
        digits = said.replace(" ", "")[:6]
        grouped = " ".join(digits[place : place + 2] for place in range(0, len(digits), 2))
        return codes.search(session, "ewc", grouped, language, limit)
    scorer = suggester(session, "ewc")
    return [(code, scorer.label(code, language)) for code, _ in scorer.best(said, "", None, limit=limit)]
