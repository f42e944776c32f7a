"""One of the two processes of a run: it takes file after file, from its own end, until none is left.

A pytest plugin; `tests/__main__.py` starts both. Which file is whose is decided by who makes its mark in a common
folder first, so neither waits for the other and both end together, whatever became faster or slower.
"""

import json
from collections import Counter
from pathlib import Path

import pytest

STOPPED = "stopped"
OUTCOMES = ("failed", "skipped", "passed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--half", choices=("first", "second"), help="which of two processes this is")
    parser.addoption("--marks", type=Path, help="the folder both know")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Half(config.getoption("half"), config.getoption("marks")))


class Half:
    def __init__(self, name: str, marks: Path) -> None:
        self.name, self.marks = name, marks
        self.taken: dict[Path, bool] = {}
        self.outcomes: dict[str, str] = {}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """The second begins with the journeys in the browser, which come last, and goes on from the end."""
        if self.name == "first":
            return
        place = {path: number for number, path in enumerate(dict.fromkeys(item.path for item in items))}
        items.sort(key=lambda item: (not in_browser(item), place[item.path] * (1 if in_browser(item) else -1)))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> bool | None:
        if (self.marks / STOPPED).exists():
            item.session.shouldstop = "the other half of the run has stopped"
            return True
        return None if self._takes(item) else True

    def _takes(self, item: pytest.Item) -> bool:
        """Whether the test's file is this process's; whoever asks first gets it."""
        if item.path not in self.taken:
            mark = self.marks / f"{item.path.relative_to(item.config.rootpath).as_posix().replace('/', ':')}.mark"
            try:
                mark.touch(exist_ok=False)
            except FileExistsError:
                self.taken[item.path] = False
            else:
                self.taken[item.path] = True
        return self.taken[item.path]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test has the worst outcome of its three phases; one that was set up and no more has none."""
        if report.when == "call" or report.outcome != "passed":
            known = self.outcomes.get(report.nodeid, "passed")
            self.outcomes[report.nodeid] = min(known, report.outcome, key=OUTCOMES.index)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if session.shouldstop or session.shouldfail:
            (self.marks / STOPPED).touch()
        told = {"collected": session.testscollected, "outcomes": Counter(self.outcomes.values())}
        (self.marks / f"{self.name}.json").write_text(json.dumps(told))


def in_browser(item: pytest.Item) -> bool:
    return "flows" in item.path.parts
