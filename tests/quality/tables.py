"""Tables as they are printed, and the goals they are held against."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TextIO

from tests.quality import sets
from tests.quality.baselines import NAMES, Run
from tests.quality.sets import Task

MEASURES = {"t1": "nDCG@10", "t2": "S@1", "t3": "R@10", "t4": "nDCG@10", "t6": "R@10"}
TITLES = {
    "t1": "t1: the label of a code finds the notices",
    "t2": "t2: a title finds its own description",
    "t3": "t3: an English or Polish title finds the German text",
    "t4": "t4: a notice finds those of other buyers (match)",
    "t5": "t5: codes from text (suggest-codes)",
    "t6": "t6: names of waste and codes in another language (suggest-codes)",
}
GOALS: dict[str, dict[str, float]] = {
    "t1": {"lang=de": 0.45, "lang=en": 0.40, "lang=pl": 0.40},
    "t2": {"variant=orig": 0.85, "variant=typo": 0.85, "variant=umlaut_ascii": 0.85, "variant=lower": 0.85},
    "t3": {"lang=en": 0.85, "lang=pl": 0.75},
    "t4": {"lang=de": 0.35, "lang=en": 0.20, "lang=pl": 0.20},
    "t5": {"division": 0.75, "among five": 0.50},
    "t6": {"kind=waste en": 0.95, "kind=cpv en": 0.95, "kind=cpv pl": 0.95},
}

Rows = list[Sequence[str]]


def rows(task: Task, product: Run, plain: Mapping[str, Run]) -> tuple[Rows, int]:
    """One row a language or variant: baselines, the product, its two halves, the goal. Also the goals missed."""
    measure = MEASURES[task.name]
    ours = sets.evaluate(task, product)
    halves = {half: sets.evaluate(task.part(half), product) for half in ("tune", "report") if task.part(half).queries}
    others = {name: sets.evaluate(task, run) for name, run in plain.items()}
    found: Rows = []
    missed = 0
    for group, values in ours.items():
        value = values[measure]
        best = max((other[group][measure] for other in others.values()), default=0.0)
        goal = GOALS[task.name].get(group)
        good = value >= max(goal or 0.0, best)
        missed += group != "all" and not good
        found.append(
            (
                group.partition("=")[2] or group,
                str(int(values["queries"])),
                *(_figure(others[name][group][measure]) if name in others else "" for name in NAMES),
                f"**{value:.3f}**",
                *(_figure(halves[half][group][measure]) if _has(halves, half, group) else "" for half in HALVES),
                "" if goal is None else f"{goal:.2f}",
                ("reached" if good else "missed") if goal is not None else ("best" if good else "beaten"),
            )
        )
    return found, missed


HALVES = ("tune", "report")


def _has(halves: Mapping[str, Mapping[str, object]], half: str, group: str) -> bool:
    return group in halves.get(half, {})


def _figure(value: float) -> str:
    return f"{value:.3f}"


def classes(measured: Mapping[str, Mapping[str, float]]) -> tuple[Rows, int]:
    """t5: shares by language. Also the goals missed."""
    found: Rows = []
    for group, values in measured.items():
        shares = [f"{values[name]:.3f}" for name in ("division", "group", "code", "among five")]
        found.append((group.partition("=")[2] or group, str(int(values["queries"])), *shares))
    goals = GOALS["t5"]
    missed = sum(measured["all"][name] < goal for name, goal in goals.items())
    found.append(("goal", "", f"{goals['division']:.2f}", "", "", f"{goals['among five']:.2f}"))
    return found, missed


def show(out: TextIO, title: str, heads: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
    """A Markdown table with even columns."""
    table = [tuple(heads), *(tuple(line) for line in lines)]
    widths = [max(len(line[place]) for line in table) for place in range(len(heads))]
    written = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in table
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    print(f"\n### {title}\n", written[0], rule, *written[1:], sep="\n", file=out, flush=True)


HEADS = ("", "n", *NAMES, "market", *HALVES, "goal", "")
CLASS_HEADS = ("", "n", "division", "group", "code", "among five")
