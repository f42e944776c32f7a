"""How well an offering fits a need, signal by signal. Every signal is 0 to 1; points are the weights' business."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from market.matching import rules
from market.matching.asked import Asked
from market.matching.rules import Offered
from market.matching.weights import FAR_KM, FOREIGN, FULL_TEXT, POINTS, PRICES, RELATED
from market.taxonomy import trades
from search.rerank import relevances
from search.thorough import codes_of, nearness, text_of

DIGITS = 4
"""Of a score and of the points that make it."""


@dataclass(frozen=True)
class Texts:
    """What of a need's texts an offering holds, and how near their codes are: 0 to 1, compared among candidates."""

    title: float = 0.0
    text: float = 0.0
    codes: float = 0.0


@dataclass(frozen=True)
class Scored:
    """`points` by signal, together the score; those of 0 are left out."""

    points: Mapping[str, float]
    score: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "score", round(sum(self.points.values()), DIGITS))


def compared(asked: Asked, documents: Sequence[Mapping[str, Any]]) -> list[Texts]:
    """The texts and codes of all candidates at once: how rare a word or a code is, they tell each other."""
    texts = [text_of(document) for document in documents]
    title, whole = relevances([asked.title, f"{asked.title} {asked.text}"], texts)
    near = nearness(asked.codes, [codes_of(document) for document in documents])
    foreign = [FOREIGN if document["lang"] != asked.language else 1.0 for document in documents]
    return [
        Texts(full(a * more), full(b * more), min(1.0, c))
        for a, b, c, more in zip(title, whole, near, foreign, strict=True)
    ]


def full(share: float) -> float:
    return min(1.0, share / FULL_TEXT)


def scored(asked: Asked, offered: Offered, texts: Texts, today: int) -> Scored:
    """Points of every signal. What the need does not ask for brings nothing, and costs nothing."""
    values = {"title": texts.title, "text": texts.text, "codes": texts.codes}
    values |= {name: signal(asked, offered, today) for name, signal in _SIGNALS.items()}
    points = {name: round(POINTS[name] / 100 * value, DIGITS) for name, value in values.items()}
    return Scored({name: value for name, value in points.items() if value > 0})


def _trades(asked: Asked, offered: Offered, today: int) -> float:
    own = offered.document["trades"]
    related = {near for id_ in own if id_ in trades.by_id() for near in trades.get(id_).related}
    return max(
        (weight if id_ in own else RELATED * weight if id_ in related else 0.0 for id_, weight in asked.likely.items()),
        default=0.0,
    )


def _distance(asked: Asked, offered: Offered, today: int) -> float:
    km = rules.kilometres(asked, offered)
    return 0.0 if km is None else max(0.0, 1 - km / FAR_KM)


def _certificates(asked: Asked, offered: Offered, today: int) -> float:
    """Each one held brings its share of three: who asks for more does not make the others worth less."""
    day = rules.day_of_work(asked, today)
    held = [one for one in asked.certificates if not rules.lacking(one, offered.document, day)]
    return min(1.0, len(held) / 3)


def _availability(asked: Asked, offered: Offered, today: int) -> float:
    return 1.0 if asked.on_date and offered.document["available_on"] <= asked.on_date else 0.0


def _languages(asked: Asked, offered: Offered, today: int) -> float:
    spoken = set(asked.languages) & set(offered.document["languages"])
    return min(1.0, len(spoken) / 2)


def _price(asked: Asked, offered: Offered, today: int) -> float:
    return PRICES.get(offered.document["price_mode"], 0.0)


_SIGNALS: dict[str, Callable[[Asked, Offered, int], float]] = {
    "trades": _trades,
    "distance": _distance,
    "certificates": _certificates,
    "availability": _availability,
    "languages": _languages,
    "price": _price,
}
