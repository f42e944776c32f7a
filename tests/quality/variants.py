"""Levers of the search, each switched alone, on the same texts: `make quality ARGS=--variants`.

Some are settings of the index, changed on the running server; the others are choices of the code, changed in this
process, where the application runs for it. docs/search-quality.md keeps what each brought.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal
from unittest.mock import patch

from starlette.testclient import TestClient

from market.app import create_app
from market.config import load
from search import indexes, rerank, thorough, wording
from search.client import Client, admin
from search.thorough import Meaning
from tests.quality import own, sets, tables, tasks
from tests.quality.market import Market, Row, market

TASKS = ("t1", "t2", "t3")
SECONDS = 20.0
"""Time limit of a question here: what a busy machine does to it is not the point."""
Strategy = Literal["last", "all", "frequency"]
Change = Callable[[ExitStack], None]


@dataclass(frozen=True)
class Lever:
    """Settings of the offerings' and needs' indexes, and changes in the code."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    change: Change = lambda stack: None


def _put(target: object, name: str, value: object) -> Change:
    return lambda stack: stack.enter_context(patch.object(target, name, value))  # type: ignore[arg-type]


def _without(*fields: str) -> Lever:
    """Some fields are not searched."""
    kept = [one for one in indexes.texts("offerings") if one.partition(".")[0] not in fields]
    return Lever({"searchableAttributes": kept})


def _strategy(name: Strategy) -> Lever:
    def change(stack: ExitStack) -> None:
        _put(wording, "_strategy", lambda words: name)(stack)
        wording.wording.cache_clear()  # wordings are remembered
        stack.callback(wording.wording.cache_clear)

    return Lever(change=change)


def _no_codes(question: str, documents: Any, meaning: Meaning) -> dict[str, float]:
    return scored(question, documents, Meaning())


def _by_evidence(question: str, documents: Any, meaning: Meaning) -> dict[str, float]:
    """The order in which the candidates came."""
    return {document["id"]: 1 - place / 1000 for place, document in enumerate(documents)}


scored = thorough.scored
typos = indexes.settings("offerings")["typoTolerance"]
LEVERS: dict[str, Lever] = {
    "as it is": Lever(),
    "no slower way": Lever(change=_put(thorough, "wanted", lambda criteria, hits: False)),
    "no order by texts and codes": Lever(change=_put(thorough, "scored", _by_evidence)),
    "no codes": Lever(change=_put(thorough, "scored", _no_codes)),
    "no candidates by codes": Lever(change=_put(thorough, "LIKELY", 0)),
    "no German labels": Lever(change=_put(thorough, "NEARLY", 2.0)),
    "foreign fillers count": Lever(change=_put(thorough, "_without_fillers", lambda question: question)),
    "no query per word": Lever(change=_put(thorough, "_words", lambda q: [])),
    "nothing beside the candidates": Lever(change=_put(thorough, "BESIDE", 0)),
    "no beginnings of words": Lever(change=_put(thorough, "SHORTEST", 99)),
    "4-grams alone": Lever(change=_put(rerank, "GRAMS_SHARE", 1.0)),
    "beginnings alone": Lever(change=_put(rerank, "GRAMS_SHARE", 0.0)),
    "3-grams": Lever(change=_put(rerank, "GRAM", 3)),
    "5-grams": Lever(change=_put(rerank, "GRAM", 5)),
    "codes count 0.1": Lever(change=_put(thorough, "CODES", 0.1)),
    "codes count 0.3": Lever(change=_put(thorough, "CODES", 0.3)),
    "label counts 0.3": Lever(change=_put(thorough, "LABEL", 0.3)),
    "all words gain nothing": Lever(change=_put(thorough, "WHOLE", 0.0)),
    "five hits by name are enough": Lever(change=_put(thorough, "ENOUGH", 5)),
    "one hit by name is enough": Lever(change=_put(thorough, "ENOUGH", 1)),
    "no synonyms": Lever({"synonyms": {}}),
    "no typo tolerance": Lever({"typoTolerance": {**typos, "enabled": False}}),
    "typos from 4 and 8 letters": Lever(
        {"typoTolerance": {**typos, "minWordSizeForTypos": {"oneTypo": 4, "twoTypos": 8}}}
    ),
    "no prefix": Lever({"prefixSearch": "disabled"}),
    "no stop words": Lever({"stopWords": []}),
    "no `parts`": _without("parts"),
    "no `translit`": _without("translit"),
    "no `parts`, no `translit`": _without("parts", "translit"),
    "no words and names of trades": _without("trade_words", "trade_names"),
    "no labels of codes": _without("code_labels", "suggested_labels"),
    "no suggested labels": _without("suggested_labels"),
    "strategy last": _strategy("last"),
    "strategy frequency": _strategy("frequency"),
    "strategy all": _strategy("all"),
}


class Here(Market):
    """The same market with the application in this process, where the code can be changed."""

    client: TestClient

    def serve(self) -> None:
        """Done by `compare`, once for each lever."""

    def get(self, path: str, **parameters: Any) -> Row:
        found: Row = self.client.get(path, params=parameters).json()
        return found


@contextmanager
def _pulled(house: Here, lever: Lever) -> Iterator[None]:
    """The application under one lever; afterwards everything as it was."""
    server = admin(house.search_url, house.search_key, timeout=60)
    with ExitStack() as stack:
        stack.enter_context(patch.object(Client.__init__, "__defaults__", (SECONDS,)))
        lever.change(stack)
        for name in ("offerings", "needs"):
            _settle(server, name, _known(name, lever.settings))
        settings = load({key: value for key, value in house.env.items() if key.startswith(("MARKET_", "PORT"))})
        with TestClient(create_app(settings), base_url=house.env["MARKET_BASE_URL"]) as client:
            house.client = client
            client.get("/api/v1/search/offerings", params={"q": "Lieferung von irgendetwas nach irgendwo"})
            yield
        for name in ("offerings", "needs"):
            _settle(
                server, name, {key: value for key, value in indexes.settings(name).items() if key in lever.settings}
            )
            if "prefixSearch" in lever.settings:
                _settle(server, name, {"prefixSearch": "indexingTime"})


def _known(name: Any, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings without the fields this index does not have."""
    if "searchableAttributes" not in settings:
        return dict(settings)
    gone = set(indexes.texts("offerings")) - set(settings["searchableAttributes"])
    return {**settings, "searchableAttributes": [one for one in indexes.texts(name) if one not in gone]}


def _settle(server: Any, name: str, settings: Mapping[str, Any]) -> None:
    if settings:
        task = server.index(name).update_settings(settings)
        done = server.wait_for_task(task.task_uid, timeout_in_ms=120_000)
        if done.status != "succeeded":
            raise RuntimeError(f"{name}: {done.error}")


def compare(folder: Any, names: list[str]) -> None:
    """One table for the real texts (both halves of the split), one for our own questions."""
    wanted = {name: LEVERS[name] for name in names or LEVERS}
    given = sets.load(folder)
    with market(kind=Here) as house:
        house.build(sets.CPV_FILE, sets.EWC_FILE)
        runner = tasks.Runner(house, given)
        runner.fill(TASKS)
        rows = []
        for name, lever in wanted.items():
            with _pulled(house, lever):
                rows.append([name, *_figures(runner, given)])
                print(f"  {name}: {' '.join(rows[-1][1:])}", file=sys.stderr, flush=True)
        heads = ["lever", *(f"{task} {group}" for task in TASKS for group in GROUPS[task])]
        tables.show(sys.stdout, "Levers on the real texts: tune / report", heads, rows)
    with market(kind=Here) as house:
        house.build(sets.CPV_FILE, sets.EWC_FILE)
        house.run("seed")
        house.run("reindex")
        known = own.offered(house.rows("export", "offerings"), house.rows("export", "providers"))
        questions, parts = (own.askable(some, known) for some in own.read())
        rows = []
        for name, lever in wanted.items():
            with _pulled(house, lever):
                answers = own.found(house, [*questions, *parts])
                languages = [[one for one in questions if one.lang == lang] for lang in ("de", "en", "pl")]
                rows.append([name, *(f"{own.share(some, answers, known):.3f}" for some in [*languages, parts])])
                print(f"  {name}: {' '.join(rows[-1][1:])}", file=sys.stderr, flush=True)
        tables.show(sys.stdout, "Levers on our own questions", ["lever", "de", "en", "pl", "parts"], rows)


GROUPS = {"t1": ("de", "en", "pl"), "t2": ("orig", "typo"), "t3": ("en", "pl")}


SAMPLED = {"t1": 3, "t2": 2}


def asked(task: sets.Task) -> sets.Task:
    """Of labels every third, of titles every other, and of a title two variants: to save time."""
    ids = sorted({sets.stem_of(query["qid"]) for query in task.queries})
    chosen = set(ids[:: SAMPLED.get(task.name, 1)])
    kept = tuple(
        query
        for query in task.queries
        if sets.stem_of(query["qid"]) in chosen and query.get(task.by) in GROUPS[task.name]
    )
    known = {query["qid"] for query in kept}
    return sets.Task(task.name, kept, tuple(row for row in task.qrels if row["qid"] in known), task.by)


def _figures(runner: tasks.Runner, given: sets.Set) -> list[str]:
    found = []
    for name in TASKS:
        task, measure = asked(given.tasks[name]), tables.MEASURES[name] if name != "t3" else "MRR@10"
        run = runner.run(task)
        halves = [sets.evaluate(task.part(half), run) for half in tables.HALVES]
        for group in GROUPS[name]:
            found.append(" / ".join(f"{half[f'{task.by}={group}'][measure]:.3f}" for half in halves))
    return found
