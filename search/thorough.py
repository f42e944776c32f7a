"""The slower way, for questions that no title or name answers: longer texts, other languages, official labels.

Meilisearch reads ten words and wants them whole. So each telling word is asked by itself, with its beginning and its
parts, and each likely code; what they find is summed up by how rare the words are; and the best of it is put in order
by the texts themselves (`search.rerank`) and by the codes of both sides. What each step brought is in
docs/search-quality.md.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import log, sqrt
from typing import Any

from search.asking import Question
from search.client import Client
from search.criteria import Criteria, any_of
from search.hits import Hit, is_named
from search.rerank import relevances
from search.wording import AROUND, PHRASE, telling
from search.words import fold, foreign_fillers, split

TYPED = 4
"""So many telling words are typed; more are a text."""
ENOUGH = 3
"""So many first hits, or all there are, have to answer a short question by name."""
BY_WORDS, BY_CODES = 110, 50
"""Candidates looked at."""
BESIDE = BY_WORDS + BY_CODES
"""Where fewer were found, others stand beside them."""
ASKED = 32
"""Words and beginnings that are looked for."""
TOGETHER = 8
"""Queries in one request."""
LIKELY = 6
"""Codes looked for."""
SHORTEST = 4
"""Letters a beginning has at least."""
FOUND = 40
"""Hits of each of them."""
CODED = ("cpv_prefixes", "suggested_prefixes")
READ = [
    "id",
    "title",
    "titles",
    "keywords",
    "trade_names",
    "certificate_words",
    "text",
    "cpv",
    "suggested",
    "unconfirmed",
]
SUNK = 0.6
"""What is left of the score of an offering nobody has confirmed."""

TEXT_FLOOR = 0.3
"""A text that holds less of the question is no full match, even where none holds more."""
CODES, LABEL = 0.2, 0.5
"""Weight of the codes of any text; and what is added where the question is an official label, word for word."""
BY_NAME = 0.75
"""Scores above are those of hits by name."""
NEARLY = 0.5
"""From this closeness on the German label counts as part of the question."""
UP = 0.6
"""A code counts for the one above it by this factor, a level at a time."""
WHOLE = 0.2
"""What a short question's hit gains where it holds all words, wherever they stand."""
LEAST, LEAST_OF_TEXT = 0.12, 0.03
"""Candidates with less are left out, for a typed question and for a text."""


@dataclass(frozen=True)
class Meaning:
    """What a question is about, as the official lists say it."""

    codes: Mapping[str, float] = field(default_factory=dict)
    """CPV codes of eight digits with a weight in (0, 1]."""
    closeness: float = 0.0
    """How nearly the question is the label of one of them, 1 = word for word."""
    labels: str = ""
    """The German labels of the best codes."""


def is_text(criteria: Criteria) -> bool:
    """Whether it is more than somebody types: the usual way has no good answer to that."""
    return _may_be_read(criteria) and len(telling(criteria.q)) > TYPED


def wanted(criteria: Criteria, hits: Sequence[Hit]) -> bool:
    """Whether the first hits do not answer a short question. On later pages that has to be looked up."""
    if not _may_be_read(criteria) or len(telling(criteria.q)) > TYPED:
        return False
    return criteria.page > 1 or not hits or not all(hit.named for hit in hits[:ENOUGH])


def _may_be_read(criteria: Criteria) -> bool:
    """Not where somebody orders, or means every word, or leaves one out."""
    if not criteria.q or criteria.sort or criteria.exact or PHRASE.search(criteria.q):
        return False
    return not any(word.startswith("-") for word in telling(criteria.q))


async def ranking(client: Client, ask: Question, size: int, meaning: Meaning) -> dict[str, float]:
    """Reference -> score in (0, 1], best first: hits by name as Meilisearch orders them, then the rest.

    `size` is that of the index. Raises SearchUnavailable.
    """
    found = await _candidates(client, ask, size, meaning)
    ids = list(dict.fromkeys([*found.usual, *_best(found.words, BY_WORDS), *_best(found.codes, BY_CODES)]))
    if not ids:
        return {}
    query = {"indexUid": ask.index, "filter": any_of("id", ids), "limit": len(ids), "attributesToRetrieve": READ}
    asked, others = await client.multi_search([query, _others(ask, ids)])
    beside = others["hits"]
    scores = scored(ask.criteria.q, [*asked["hits"], *beside], meaning)
    text = is_text(ask.criteria)
    hits = [*asked["hits"], *beside] if text else asked["hits"]
    kept = {hit["id"]: scores[hit["id"]] * (SUNK if hit.get("unconfirmed") else 1.0) for hit in hits}
    return _ordered(kept, found.usual, LEAST_OF_TEXT if text else LEAST)


def _others(ask: Question, ids: Sequence[str]) -> dict[str, Any]:
    """Any other documents, where few were found.

    What was found by a word holds that word: among such texts alone it would seem common. And where a longer text has
    no word in common with its answer, their parts may have: "North America", "Nordamerika".
    """
    query = {**ask.narrowed(f"NOT {any_of('id', ids)}"), "q": "", "limit": max(0, BESIDE - len(ids))}
    del query["hitsPerPage"]
    return query | {"attributesToRetrieve": READ}


@dataclass(frozen=True)
class Candidates:
    """What each way found: hits of the usual wording with their ranking details, and two kinds of evidence."""

    usual: Mapping[str, Mapping[str, Any]]
    words: Mapping[str, float]
    codes: Mapping[str, float]


async def _candidates(client: Client, ask: Question, size: int, meaning: Meaning) -> Candidates:
    said = f"{ask.criteria.q} {meaning.labels}" if meaning.closeness > NEARLY else ask.criteria.q
    queries = [_for_ids(ask, word) for word in _words(said)]
    likely = list(meaning.codes.items())[:LIKELY]
    by_code = [_for_ids(ask, "", [any_of(name, [_stem(code)]) for name in CODED]) for code, _ in likely]
    usual = [] if is_text(ask.criteria) else [_usual(ask)]
    answers = await _side_by_side(client, [*queries, *by_code, *usual])
    hits = answers.pop()["hits"] if usual else []
    words: dict[str, float] = defaultdict(float, {hit["id"]: 1.0 for hit in hits})
    for answer in answers[: len(queries)]:
        rare = log(1 + size / (1 + answer["estimatedTotalHits"]))
        for hit in answer["hits"]:
            words[hit["id"]] += rare
    codes: dict[str, float] = defaultdict(float)
    for (_, weight), answer in zip(likely, answers[len(queries) :], strict=True):
        for hit in answer["hits"]:
            codes[hit["id"]] += weight
    return Candidates({hit["id"]: hit["_rankingScoreDetails"] for hit in hits}, words, codes)


def _usual(ask: Question) -> dict[str, Any]:
    query = {**ask.narrowed(), "limit": BY_WORDS, "showRankingScoreDetails": True}
    del query["hitsPerPage"]
    return query


async def _side_by_side(client: Client, queries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Several requests at a time: the server answers the queries of one in turn, and none of them should take long."""
    parts = [queries[start : start + TOGETHER] for start in range(0, len(queries), TOGETHER)]
    answers = await asyncio.gather(*(client.multi_search(part) for part in parts))
    return [answer for part in answers for answer in part]


def _ordered(scores: Mapping[str, float], usual: Mapping[str, Mapping[str, Any]], least: float) -> dict[str, float]:
    """Hits by name first; of the others those with all words gain. What the usual wording found is all kept."""
    named = [id_ for id_, details in usual.items() if is_named(details)]
    gained = {
        id_: score + (WHOLE if id_ in usual and (usual[id_].get("words") or {}).get("score") == 1 else 0.0)
        for id_, score in scores.items()
    }
    found: dict[str, float] = {}
    lowest = 1.0
    for id_ in dict.fromkeys([*named, *_best(gained, len(gained))]):
        share = min(1.0, gained.get(id_, 0.0))
        lowest = min(lowest, BY_NAME + (1 - BY_NAME) * share if id_ in named else BY_NAME * share)
        if id_ in usual or gained[id_] >= least:
            found[id_] = lowest
    return found


def scored(question: str, documents: Sequence[Mapping[str, Any]], meaning: Meaning) -> dict[str, float]:
    """Reference -> how well a document answers, by its text and by its codes."""
    texts = [text_of(document) for document in documents]
    told = bool(meaning.labels) and meaning.closeness > NEARLY
    said, *labels = relevances([_without_fillers(question), *([meaning.labels] if told else [])], texts)
    for more in labels:
        said = [own + 0.5 * meaning.closeness * other for own, other in zip(said, more, strict=True)]
    top = max(TEXT_FLOOR, *said)
    near = nearness(meaning.codes, [codes_of(document) for document in documents])
    share = CODES + LABEL * meaning.closeness**3
    return {
        document["id"]: (1 - share) * text / top + share * code
        for document, text, code in zip(documents, said, near, strict=True)
    }


def _without_fillers(question: str) -> str:
    """Letters of "the" and "dla" would tell German texts apart by chance: rare there, they count much."""
    words = [word for word in question.split() if fold(word.strip(AROUND)) not in foreign_fillers()]
    return " ".join(words) or question


def text_of(document: Mapping[str, Any]) -> str:
    """What a document says, in one text."""
    parts = [document["title"], *document["titles"].values(), *document["keywords"], *document["trade_names"]]
    return " ".join([*parts, *(document.get("certificate_words") or ()), document["text"]])


def codes_of(document: Mapping[str, Any]) -> dict[str, float]:
    """Codes of a document with weights: those stated count in full, those its text suggests by how sure they are."""
    found = dict.fromkeys(document["cpv"][:5], 1.0)
    suggested = (line.split(" ") for line in document.get("suggested") or ())
    return {code: float(weight) for code, weight in suggested} | found


def nearness(asked: Mapping[str, float], offered: Sequence[Mapping[str, float]]) -> list[float]:
    """Cosine of the codes of a question and of each document, codes above them included, rare ones counting more."""
    spread = [_spread(codes) for codes in offered]
    often = Counter(prefix for codes in spread for prefix in codes)
    rare = {prefix: log(1 + len(spread) / count) for prefix, count in often.items()}
    question = {prefix: weight * rare.get(prefix, 0.0) for prefix, weight in _spread(asked).items()}
    length = _length(question)
    found = []
    for codes in spread:
        own = {prefix: weight * rare[prefix] for prefix, weight in codes.items()}
        product = sum(weight * question[prefix] for prefix, weight in own.items() if prefix in question)
        found.append(product / (length * _length(own)) if product else 0.0)
    return found


def _length(weights: Mapping[str, float]) -> float:
    return sqrt(sum(weight * weight for weight in weights.values()))


def _spread(codes: Mapping[str, float]) -> Mapping[str, float]:
    return _spread_out(tuple(codes.items()))


@lru_cache(maxsize=8192)
def _spread_out(codes: tuple[tuple[str, float], ...]) -> Mapping[str, float]:
    """The same documents are candidates again and again."""
    found: dict[str, float] = {}
    for code, weight in codes:
        stem = _stem(code)
        for up, end in enumerate(range(len(stem), 1, -1)):
            found[stem[:end]] = found.get(stem[:end], 0.0) + weight * UP**up
    return found


def _stem(code: str) -> str:
    return code[:2] + code[2:].rstrip("0")


def _words(q: str) -> list[str]:
    """Telling words, the parts of compounds, and beginnings long enough to tell: for "modernizacja" also "moderniz"."""
    words = list(dict.fromkeys(word.strip("-").lower() for word in telling(q)))
    parts = [part for word in words for part in split(word)]
    begun = [word[: max(SHORTEST, len(word) * 3 // 5)] for word in words if len(word) > SHORTEST and word.isalpha()]
    return list(dict.fromkeys([*words, *parts, *begun]))[:ASKED]


def _for_ids(ask: Question, word: str, *conditions: list[str]) -> dict[str, Any]:
    query = {**ask.narrowed(*conditions), "q": word, "limit": FOUND, "matchingStrategy": "last"}
    del query["hitsPerPage"]
    return query


def _best(evidence: Mapping[str, float], count: int) -> list[str]:
    return [id_ for id_, _ in sorted(evidence.items(), key=lambda pair: (-pair[1], pair[0]))[:count]]
