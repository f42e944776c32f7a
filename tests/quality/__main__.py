"""Measure search and matching: `make quality`, with `SET=DIR` for another set of the same form.

    python -m tests.quality [--set DIR] [--only t1 t2 own ...] [--no-baselines] [--variants [LEVER ...]]

Prints tables; exit code 0 when it ran, whatever the figures, 1 with `--strict` where a goal was missed.
"""

import argparse
import sys
import time
from pathlib import Path

from tests.quality import own, sets, tables, tasks, variants
from tests.quality.market import Market, market

PARTS = ("t1", "t2", "t3", "t4", "t5", "t6", "own")


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(prog="python -m tests.quality", description=(__doc__ or "").split("\n")[0])
    found.add_argument("--set", type=Path, default=sets.QUALITY / "dev", help="folder of the set")
    found.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="tasks")
    found.add_argument("--no-baselines", action="store_true", help="the product alone")
    found.add_argument(
        "--variants",
        nargs="*",
        metavar="LEVER",
        choices=list(variants.LEVERS),
        help="levers switched one by one (default: all)",
    )
    found.add_argument("--misses", action="store_true", help="name the questions of our own set without a right hit")
    found.add_argument("--strict", action="store_true", help="exit code 1 where a goal is missed")
    return found


def measure(house: Market, given: sets.Set, wanted: list[str], *, compare: bool) -> int:
    """Print the tables of t1 to t6; the number of goals missed."""
    runner = tasks.Runner(house, given)
    runner.fill(name for name in wanted if not runner.missing(name))
    house.serve()
    missed = 0
    for name in wanted:
        began = time.perf_counter()
        task = given.taxonomy if name == "t6" else given.tasks.get(name)
        if runner.missing(name):
            print(f"\n### {tables.TITLES[name]}\n\nnot there yet: `market {tasks.NEEDED[name]}`", flush=True)
        elif name == "t5" and given.texts:
            lines, short = tables.classes(tasks.classified(runner, given.texts))
            tables.show(sys.stdout, tables.TITLES[name], tables.CLASS_HEADS, lines)
            missed += short
        elif task is not None:
            run = runner.run(task)
            spent = time.perf_counter() - began
            lines, short = tables.rows(task, run, runner.baselines(task) if compare else {})
            title = f"{tables.TITLES[name]} ({tables.MEASURES[name]}; {spent / len(task.queries) * 1000:.0f} ms each)"
            tables.show(sys.stdout, title, tables.HEADS, lines)
            missed += short
    return missed


def main(arguments: list[str]) -> int:
    given = parser().parse_args(arguments)
    if given.variants is not None:
        variants.compare(given.set, given.variants)
        return 0
    missed = 0
    wanted = [name for name in given.only if name != "own"]
    if wanted:
        try:
            loaded = sets.load(given.set)
        except OSError as error:
            print(f"{given.set} is no set: {error}", file=sys.stderr)
            return 2
        with market() as house:
            house.build(sets.CPV_FILE, sets.EWC_FILE)
            missed += measure(house, loaded, wanted, compare=not given.no_baselines)
            if house.limited:
                print(f"\n{house.limited} answers came from the database and were asked for again: a busy machine")
    if "own" in given.only:
        with market() as house:
            missed += own.measure(house, compare=not given.no_baselines, name_misses=given.misses)
    print(f"\n{'all goals reached' if not missed else f'{missed} goals missed'}")
    return 1 if missed and given.strict else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
