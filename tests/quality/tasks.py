"""The six tasks through the product's own commands and addresses, and beside them the baselines."""

from collections.abc import Callable, Iterable
from typing import Any

from tests.quality import baselines
from tests.quality.baselines import Run
from tests.quality.market import Market
from tests.quality.sets import Row, Set, Task, excluded, german_entries

NEEDED = {"t4": "match", "t5": "suggest-codes", "t6": "suggest-codes"}
"""Commands without which a task cannot be run."""
SCHEMES = {"waste": "ewc", "cpv": "cpv"}
LONGEST_TITLE = 300
LIMIT = 50


def offering(notice: Row) -> Row:
    """A German notice as a record to import: no codes, so that its text alone decides."""
    return {
        "external_id": notice["id"],
        "provider": notice["buyer"] or notice["id"],
        "title": notice["title"][:LONGEST_TITLE],
        "description": notice["description"],
        "place": notice["town"],
        "country": {"UK": "GB"}.get(notice["country"], notice["country"]),
    }


def untitled(description: Row) -> Row:
    """A description without its title; the import wants one, and a number gives nothing away."""
    return {
        "external_id": description["id"],
        "organisation": description["id"],
        "title": description["id"],
        "description": description["description"],
    }


def need(query: Row) -> Row:
    return {
        "external_id": query["qid"],
        "organisation": query["qid"],
        "title": query["text"][:LONGEST_TITLE],
        "description": query["text_long"],
        "exclude": list(excluded(query)),
    }


class Runner:
    """A market filled with one set: t1, t3 and t4 look among the offerings, t2 among the needs."""

    def __init__(self, house: Market, given: Set) -> None:
        self.house, self.given = house, given
        self.verbs = house.verbs()
        self.refs: dict[str, dict[str, str]] = {}

    def fill(self, tasks: Iterable[str]) -> None:
        wanted = set(tasks)
        if wanted & {"t1", "t3", "t4"}:
            self.refs["offerings"] = self.house.bring("offerings", map(offering, self.given.notices))
        if "t2" in wanted and self.given.descriptions:
            self.refs["needs"] = self.house.bring("needs", map(untitled, self.given.descriptions))

    def missing(self, name: str) -> bool:
        """Whether this version of the product lacks the command a task needs."""
        return name in NEEDED and NEEDED[name] not in self.verbs

    def run(self, task: Task) -> Run:
        """The product's answer to every question of t1 to t4 or t6."""
        ways: dict[str, Callable[[Task], Run]] = {"t4": self._matched, "t6": self._named}
        return ways.get(task.name, self._searched)(task)

    def _searched(self, task: Task) -> Run:
        tab = "needs" if task.name == "t2" else "offerings"
        hits = self.house.search_all(tab, {query["qid"]: query["text"] for query in task.queries}, LIMIT)
        known = self.refs[tab]
        return {qid: [known[hit["ref"]] for hit in found] for qid, found in hits.items()}

    def _matched(self, task: Task) -> Run:
        answers = self.house.rows("match", self.house.file(map(need, task.queries)), "--limit", str(LIMIT))
        return {one["external_id"]: [match["external_id"] for match in one["matches"]] for one in answers}

    def _named(self, task: Task) -> Run:
        run: Run = {}
        for scheme, option in SCHEMES.items():
            rows = [
                {"external_id": query["qid"], "text": query["text"]}
                for query in task.queries
                if query["kind"].startswith(scheme)
            ]
            for qid, codes in self.suggested(rows, option).items():
                run[qid] = [code.replace(" ", "").rstrip("*") if scheme == "waste" else code for code in codes]
        return run

    def suggested(self, rows: list[Row], scheme: str, limit: int = 10) -> dict[str, list[str]]:
        """Codes of each record, best first."""
        if not rows:
            return {}
        path = self.house.file(rows)
        answers = self.house.rows("suggest-codes", path, "--scheme", scheme, "--limit", str(limit))
        return {one["external_id"]: [code["code"] for code in one["codes"]] for one in answers}

    def baselines(self, task: Task) -> dict[str, Run]:
        """The plain ways over the same texts, asked the same."""
        asked = {query["qid"]: query["text_long" if task.name == "t4" else "text"] for query in task.queries}
        ask = lambda documents, some: baselines.all_of(  # noqa: E731
            self.house.search_url, self.house.search_key, documents, some, LIMIT
        )
        if task.name == "t6":
            entries = german_entries()
            found: dict[str, Run] = {name: {} for name in baselines.NAMES}
            for scheme in SCHEMES:
                some = {q["qid"]: q["text"] for q in task.queries if q["kind"].startswith(scheme)}
                for name, run in ask(dict(entries[scheme]), some).items():
                    found[name] |= run
            return found
        if task.name == "t2":
            return ask({one["id"]: one["description"] for one in self.given.descriptions}, asked)
        return ask({one["id"]: f"{one['title']} {one['description']}" for one in self.given.notices}, asked)


def classified(runner: Runner, texts: Iterable[Row]) -> dict[str, dict[str, float]]:
    """t5: how often the first code is of the right division, group, code; and the right one among five."""
    wanted = list(texts)
    rows = [{"external_id": one["id"], "text": one["text"]} for one in wanted]
    codes = runner.suggested(rows, "cpv", 5)
    measured: dict[str, list[dict[str, float]]] = {}
    for one in wanted:
        row = _right(one, codes.get(one["id"], []))
        for group in ("all", f"lang={one['lang']}"):
            measured.setdefault(group, []).append(row)
    return {group: _mean(rows) for group, rows in measured.items()}


def _right(one: Row, codes: list[str]) -> dict[str, float]:
    main, first = one["cpv_main"], codes[0] if codes else ""
    return {
        "division": float(first[:2] == main[:2]),
        "group": float(first[:3] == main[:3]),
        "code": float(first == main),
        "among five": float(main in codes),
    }


def _mean(rows: list[dict[str, float]]) -> dict[str, Any]:
    return {**{name: sum(row[name] for row in rows) / len(rows) for name in rows[0]}, "queries": len(rows)}
