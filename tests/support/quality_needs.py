"""Turns the real notices of the quality set into our need records.

The texts are borrowed: they stand beside the checkout, are read from there and never copied into it.
`python -m tests.support.quality_needs CORPUS [LABELS] > needs.jsonl`; with LABELS the buyers' own codes go along.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[3] / "shared" / "quality" / "dev"
CORPUS = FOLDER / "corpus.jsonl"
LABELS = FOLDER / "labels.jsonl"


def lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from (json.loads(line) for line in file)


def needs(corpus: Path = CORPUS, labels: Path | None = None) -> Iterator[dict[str, Any]]:
    """A need record for each notice; with codes only where the labels are given, because search is judged without."""
    codes = {one["id"]: [one["cpv_main"], *one["cpv_additional"]] for one in lines(labels)} if labels else {}
    for notice in lines(corpus):
        record = {
            "external_id": notice["id"],
            "organisation": notice["buyer"],
            "title": notice["title"],
            "description": notice["description"],
            "lang": notice["lang"],
            "place": notice["town"],
            "country": {"UK": "GB"}.get(notice["country"], notice["country"]),
        }
        yield record | ({"cpv": codes[notice["id"]]} if notice["id"] in codes else {})


def main(arguments: list[str]) -> int:
    for record in needs(*(Path(name) for name in arguments)):
        print(json.dumps(record, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
