"""What the product is measured against: plain Meilisearch and BM25 over words, stems and character 4-grams."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache

import bm25s
import snowballstemmer

from search.client import admin
from search.words import fold

WORD = re.compile(r"[^\W_]+")
GRAM = 4
STRATEGIES = ("last", "frequency")

Documents = Mapping[str, str]
"""Id -> text."""
Run = dict[str, list[str]]
"""Question -> ids, best first."""


def words(text: str) -> list[str]:
    return WORD.findall(text.lower())


def stems(text: str) -> list[str]:
    return [_stem(word) for word in words(text)]


@cache
def _stem(word: str) -> str:
    stem: str = snowballstemmer.stemmer("german").stemWord(word)
    return stem


def grams(text: str) -> list[str]:
    """Character 4-grams of the folded words, with the words' ends marked."""
    ended = [f"_{word}_" for word in WORD.findall(fold(text))]
    return [word[at : at + GRAM] for word in ended for at in range(max(1, len(word) - GRAM + 1))]


TOKENS: dict[str, Callable[[str], list[str]]] = {"words": words, "stemmer": stems, "4-grams": grams}


def bm25(kind: str, documents: Documents, questions: Mapping[str, str], limit: int) -> Run:
    """The best documents of each question; those without a common token are left out."""
    tokens, ids = TOKENS[kind], list(documents)
    index = bm25s.BM25()
    index.index([tokens(text) or ["-"] for text in documents.values()], show_progress=False)
    run: Run = {}
    for qid, text in questions.items():
        asked = [token for token in tokens(text) if token in index.vocab_dict]
        if not asked:
            run[qid] = []
            continue
        found, scores = index.retrieve([asked], k=min(limit, len(ids)), show_progress=False)
        run[qid] = [ids[place] for place, score in zip(found[0], scores[0], strict=True) if score > 0]
    return run


def plain(url: str, key: str, strategy: str, documents: Documents, questions: Mapping[str, str], limit: int) -> Run:
    """Meilisearch with its defaults, on an index of nothing but the texts."""
    client, name = admin(url, key, timeout=120), "plain"
    ids = list(documents)
    rows = [{"id": place, "text": text} for place, text in enumerate(documents.values())]
    client.wait_for_task(client.index(name).add_documents(rows, primary_key="id").task_uid, timeout_in_ms=120_000)
    run: Run = {}
    asked = list(questions.items())
    for start in range(0, len(asked), 100):
        part = asked[start : start + 100]
        queries = [
            {"indexUid": name, "q": text, "matchingStrategy": strategy, "limit": limit, "attributesToRetrieve": ["id"]}
            for _, text in part
        ]
        answers = client.multi_search(queries)["results"]
        for (qid, _), answer in zip(part, answers, strict=True):
            run[qid] = [ids[hit["id"]] for hit in answer["hits"]]
    client.wait_for_task(client.delete_index(name).task_uid, timeout_in_ms=60_000)
    return run


def all_of(url: str, key: str, documents: Documents, questions: Mapping[str, str], limit: int = 50) -> dict[str, Run]:
    """Every baseline by its name."""
    found = {f"plain {one}": plain(url, key, one, documents, questions, limit) for one in STRATEGIES}
    return found | {kind: bm25(kind, documents, questions, limit) for kind in TOKENS}


NAMES: Sequence[str] = (*(f"plain {one}" for one in STRATEGIES), *TOKENS)
