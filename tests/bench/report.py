"""What is measured, as tables; and the goals, each reached or missed."""

import statistics
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path

Way = Callable[[int], Awaitable[object]]
"""One way to answer the n-th question."""


class Report:
    """Prints as it goes; `missed` are the goals that were not reached."""

    def __init__(self) -> None:
        self.goals: list[str] = []
        self.missed: list[str] = []

    def table(self, title: str, heads: str, rows: Iterable[Sequence[object]]) -> None:
        """`heads` are separated by ` | `."""
        names = heads.split(" | ")
        print(f"\n## {title}\n\n| {heads} |\n|{'---|' * len(names)}")
        for row in rows:
            print(f"| {' | '.join(str(cell) for cell in row)} |", flush=True)

    def goal(self, what: str, value: float, most: float, unit: str) -> None:
        reached = value <= most
        line = f"{'reached' if reached else 'MISSED'} | {what} | {value:.2f} {unit} | at most {most:g} {unit}"
        self.goals.append(line)
        if not reached:
            self.missed.append(line)

    def end(self) -> None:
        self.table("Goals", "goal | what | measured | wanted", (line.split(" | ") for line in self.goals))
        print(f"\n{len(self.goals) - len(self.missed)} of {len(self.goals)} goals reached")


async def interleaved(ways: Mapping[str, Way], rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each way, sorted. Every round asks the same question all ways, in another order each time.

    Whatever else the machine does so hits all of them alike. Three rounds to warm up are not counted.
    """
    spent: dict[str, list[float]] = {name: [] for name in ways}
    names = list(ways)
    for number in range(rounds + 3):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            began = time.perf_counter()
            await ways[name](number)
            spent[name].append((time.perf_counter() - began) * 1000)
    return {name: sorted(times[3:]) for name, times in spent.items()}


def p50(times: Sequence[float]) -> float:
    return statistics.median(times)


def share(times: Sequence[float], part: float) -> float:
    """The value below which that part of the sorted times lies."""
    return times[min(len(times) - 1, int(len(times) * part))]


def memory(pid: int) -> tuple[float, float]:
    """RSS and PSS of a process and its children, in MB."""
    rss = pss = 0
    for one in family(pid):
        for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
            name, _, rest = line.partition(":")
            rss += int(rest.split()[0]) if name == "Rss" else 0
            pss += int(rest.split()[0]) if name == "Pss" else 0
    return rss / 1024, pss / 1024


def family(pid: int) -> list[int]:
    """A process and all below it."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [pid, *(one for task in tasks for child in task.read_text().split() for one in family(int(child)))]
