"""Sets of real texts with questions and right answers, in the form of ../shared/quality (see its README)."""

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

SHARED = Path(__file__).parents[3] / "shared"
QUALITY = SHARED / "quality"
DATA = SHARED / "data"
CPV_FILE = DATA / "cpv" / "cpv_2008_de_en_pl.csv"
EWC_FILE = DATA / "waste" / "avv_ewc_de_en.csv"
NAMES = {
    "t1": "t1_label",
    "t2": "t2_known_item",
    "t3": "t3_parallel",
    "t4": "t4_match",
    "t5": "t5_classify",
    "t6": "t6_taxonomy",
}
"""Task -> its folder in a set."""
T6_STEP = 12
"""Of the own task on code lists every so many entries are asked for; the share of hits is the same, the time is not."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Task:
    """Questions with their right answers. `rows` is the name of the breakdown: language or variant."""

    name: str
    queries: tuple[Row, ...]
    qrels: tuple[Row, ...]
    by: str = "lang"

    def part(self, half: str) -> "Task":
        """The questions of one half of the fixed split: `tune` may be looked at, `report` is what counts."""
        kept = tuple(query for query in self.queries if half_of(query["qid"]) == half)
        ids = {query["qid"] for query in kept}
        return Task(self.name, kept, tuple(row for row in self.qrels if row["qid"] in ids), self.by)

    def first(self, count: int) -> "Task":
        kept = self.queries[:count]
        ids = {query["qid"] for query in kept}
        return Task(self.name, kept, tuple(row for row in self.qrels if row["qid"] in ids), self.by)


@dataclass(frozen=True)
class Set:
    """A folder: German notices to be found, their descriptions alone, questions, texts to be given codes."""

    folder: Path
    notices: tuple[Row, ...]
    descriptions: tuple[Row, ...]
    tasks: dict[str, Task]
    texts: tuple[Row, ...] = ()
    """Of t5: id, lang, text, cpv_main, cpv_all."""
    taxonomy: Task | None = field(default=None)


def half_of(qid: str) -> str:
    """The same for all variants and languages of one question, so that no half knows the other's answers."""
    return "tune" if blake2b(stem_of(qid).encode(), digest_size=2).digest()[0] % 2 else "report"


def stem_of(qid: str) -> str:
    """A question's id without variant and language."""
    for ending in ("-orig", "-typo", "-umlaut_ascii", "-lower", "-ascii", "-de", "-en", "-pl"):
        qid = qid.removesuffix(ending)
    return qid


def lines(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8") as file:
        yield from (json.loads(line) for line in file if line.strip())


def load(folder: Path) -> Set:
    """Read a set; tasks it does not have are left out. Raises OSError where it has no corpus."""
    tasks = {}
    for name, by in (("t1", "lang"), ("t2", "variant"), ("t3", "lang"), ("t4", "lang")):
        if (folder / NAMES[name] / "queries.jsonl").exists():
            tasks[name] = _task(name, folder / NAMES[name], by)
    descriptions = folder / NAMES["t2"] / "corpus.jsonl"
    texts = folder / NAMES["t5"] / "items.jsonl"
    own = folder / NAMES["t6"]
    return Set(
        folder,
        tuple(notice for notice in lines(folder / "corpus.jsonl") if notice["lang"] == "de"),
        tuple(lines(descriptions)) if descriptions.exists() else (),
        tasks,
        tuple(lines(texts)) if texts.exists() else (),
        _task("t6", own, "kind") if (own / "queries.jsonl").exists() else code_lists(),
    )


def _task(name: str, folder: Path, by: str) -> Task:
    queries = tuple(lines(folder / "queries.jsonl"))
    if by == "kind":
        queries = tuple({**query, "kind": _kind(query)} for query in queries)
    return Task(name, queries, tuple(lines(folder / "qrels.jsonl")), by)


def _kind(query: Row) -> str:
    """`waste en`, `cpv en`, `cpv pl`, whatever the set calls its fields."""
    said = " ".join(str(value) for key, value in query.items() if key not in ("text", "lang")).lower()
    return f"{'waste' if any(word in said for word in ('waste', 'ewc', 'avv')) else 'cpv'} {query.get('lang', 'en')}"


def code_lists() -> Task:
    """Our own t6: waste names in English, CPV labels in English and Polish, each to the entry of the same code."""
    queries: list[Row] = []
    waste = [row for row in _table(EWC_FILE) if row["digits"] == "6" and row["en"].strip()]
    for row in waste[::T6_STEP]:
        queries.append(_asked("waste", "en", row["code"], row["en"]))
    for row in _table(CPV_FILE)[:: T6_STEP * 2]:
        for lang in ("en", "pl"):
            queries.append(_asked("cpv", lang, row["CODE"][:8], row[lang.upper()]))
    qrels = tuple({"qid": query["qid"], "doc": query["code"], "grade": 1} for query in queries)
    return Task("t6", tuple(queries), qrels, "kind")


def _asked(scheme: str, lang: str, code: str, text: str) -> Row:
    clean = " ".join(text.replace("\u00a0", " ").split())
    kind = f"{scheme} {lang}"
    return {"qid": f"t6-{scheme}-{code}-{lang}", "lang": lang, "kind": kind, "code": code, "text": clean}


def _table(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def german_entries() -> dict[str, list[tuple[str, str]]]:
    """Scheme -> (code, German label): what the baselines search in for t6."""
    waste = [(row["code"], row["de"]) for row in _table(EWC_FILE) if row["digits"] == "6"]
    return {"waste": waste, "cpv": [(row["CODE"][:8], row["DE"]) for row in _table(CPV_FILE)]}


def evaluate(task: Task, run: dict[str, list[str]], by: str | None = None) -> dict[str, dict[str, float]]:
    """Measures by the set's own score.py: `all`, and each value of the breakdown."""
    spec = spec_from_file_location("score", QUALITY / "score.py")
    assert spec is not None
    assert spec.loader is not None
    score = module_from_spec(spec)
    spec.loader.exec_module(score)
    rows = [{"qid": qid, "docs": docs} for qid, docs in run.items()]
    found: dict[str, dict[str, float]] = score.evaluate(task.qrels, rows, task.queries, by or task.by)
    return found


def excluded(query: Row) -> Sequence[str]:
    return tuple(dict.fromkeys(query.get("exclude") or ()))
