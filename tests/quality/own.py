"""Our own set (own.yaml): what buyers type, over the demo data, against who has to be found."""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from search.client import admin
from tests.quality import tables
from tests.quality.market import Market

FILE = Path(__file__).with_name("own.yaml")
AMONG, PARTS_AMONG = 5, 20
GOAL = 0.95
WRITTEN = ("id", "title", "titles", "summary", "summaries", "text", "keywords", "organisation", "town", "ewc", "cpv")
Row = dict[str, Any]


@dataclass(frozen=True)
class Question:
    """Words typed; the trades or firms (`firm:key`) of which one has to be among the hits, in a town if one is said."""

    text: str
    wanted: frozenset[str]
    group: str
    lang: str = "de"
    town: str = ""


@cache
def read() -> tuple[tuple[Question, ...], tuple[Question, ...]]:
    """The questions, and the parts of compounds."""
    found = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    questions = tuple(
        Question(row[0], frozenset(row[1]), group, lang, row[2] if len(row) > 2 else "")
        for lang, groups in found["queries"].items()
        for group, rows in groups.items()
        for row in rows
    )
    return questions, tuple(Question(row[0], frozenset(row[1]), "part") for row in found["parts"])


@dataclass(frozen=True)
class Offered:
    """What the exports say of one offering."""

    marks: frozenset[str]
    town: str

    def answers(self, question: Question) -> bool:
        return bool(self.marks & question.wanted) and question.town in ("", self.town)


def offered(offerings: Iterable[Row], providers: Iterable[Row]) -> dict[str, Offered]:
    """Reference -> trades and firm of every published offering."""
    keys = {row["name"]: row["external_id"] for row in providers}
    return {
        row["ref"]: Offered(frozenset([*row["trades"], f"firm:{keys.get(row['provider'], '')}"]), row["place"])
        for row in offerings
        if row["status"] == "published"
    }


def askable(questions: Iterable[Question], known: Mapping[str, Offered]) -> list[Question]:
    """Those somebody could answer."""
    return [question for question in questions if any(one.answers(question) for one in known.values())]


def success(question: Question, refs: Iterable[str], known: Mapping[str, Offered]) -> bool:
    return any(known[ref].answers(question) for ref in refs if ref in known)


def measure(house: Market, *, compare: bool, name_misses: bool) -> int:
    """Print the tables of our own set; the number of goals missed."""
    house.run("migrate")
    house.run("seed")
    house.run("reindex")
    house.serve()
    known = offered(house.rows("export", "offerings"), house.rows("export", "providers"))
    questions, parts = (askable(some, known) for some in read())
    asked, whole = len(questions) + len(parts), sum(len(some) for some in read())
    print(f"\n{len(known)} offerings; {asked} of {whole} questions can be answered by one of them")
    ours = found(house, [*questions, *parts])
    plain = plainly(house, [*questions, *parts]) if compare else {}
    missed = _languages(questions, known, ours, plain)
    missed += _parts(parts, known, ours, plain)
    if name_misses:
        for question in [*questions, *parts]:
            if not success(question, ours[question][: _among(question)], known):
                print(f"  {question.lang} {question.group}: {question.text} -> {', '.join(sorted(question.wanted))}")
    return missed


def found(house: Market, questions: Iterable[Question]) -> dict[Question, list[str]]:
    return {
        question: [hit["ref"] for hit in house.search("offerings", question.text, _among(question))]
        for question in questions
    }


def _among(question: Question) -> int:
    return PARTS_AMONG if question.group == "part" else AMONG


def plainly(house: Market, questions: Iterable[Question]) -> dict[Question, list[str]]:
    """What the firms wrote themselves, in an index with Meilisearch's defaults."""
    client = admin(house.search_url, house.search_key, timeout=60)
    documents = [
        {name: getattr(document, name) for name in WRITTEN}
        for document in client.index("offerings").get_documents({"limit": 10_000}).results
    ]
    client.wait_for_task(
        client.index("plain").add_documents(documents, primary_key="id").task_uid, timeout_in_ms=60_000
    )
    answers = {}
    for question in questions:
        hits = client.index("plain").search(question.text, {"limit": _among(question), "attributesToRetrieve": ["id"]})
        answers[question] = [hit["id"] for hit in hits["hits"]]
    return answers


def share(questions: Iterable[Question], answers: Mapping[Question, list[str]], known: Mapping[str, Offered]) -> float:
    """Share of the questions with a right hit among those that count."""
    right = [success(question, answers[question][: _among(question)], known) for question in questions]
    return sum(right) / len(right)


Answers = dict[Question, list[str]]


def _languages(questions: list[Question], known: Mapping[str, Offered], ours: Answers, plain: Answers) -> int:
    rows, missed = [], 0
    for lang in ("de", "en", "pl"):
        every = [question for question in questions if question.lang == lang]
        value = share(every, ours, known)
        missed += value < GOAL
        rows.append(_row(lang, every, known, ours, plain, f"{GOAL:.2f}"))
        for group in dict.fromkeys(question.group for question in every):
            some = [question for question in every if question.group == group]
            rows.append(_row(f"{lang} {group}", some, known, ours, plain, ""))
    tables.show(sys.stdout, "Our own questions: a right offering among the first five", OWN_HEADS, rows)
    return missed


def _parts(parts: list[Question], known: Mapping[str, Offered], ours: Answers, plain: Answers) -> int:
    row = _row("de", parts, known, ours, plain, f"{GOAL:.2f}")
    tables.show(sys.stdout, "Parts of compounds: a right offering among the first twenty", OWN_HEADS, [row])
    return share(parts, ours, known) < GOAL


def _row(
    name: str, some: list[Question], known: Mapping[str, Offered], ours: Answers, plain: Answers, goal: str
) -> list[str]:
    beside = f"{share(some, plain, known):.3f}" if plain else ""
    value = share(some, ours, known)
    said = "" if not goal else "reached" if value >= float(goal) else "missed"
    return [name, str(len(some)), beside, f"**{value:.3f}**", goal, said]


OWN_HEADS = ("", "n", "plain Meilisearch over the firms' texts", "market", "goal", "")
