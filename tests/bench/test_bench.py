"""`make bench` runs through, at a size that says nothing about speed, and prints everything it promises."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.writing import CHANGES

ROOT = Path(__file__).parents[2]
SMALL = (
    "--sizes 100 --rounds 1 --imported 10 --table 81 --changes 1 --rushes 1 --bookings 20 --bids 2 --workers 1"
    " --firms 100 --searches 20 --needs 2".split()
)


@pytest.mark.bench
def test_the_program_prints_every_row() -> None:
    """On one database: the other has the same rows from the same code, and each starts a dozen processes of its own."""
    database = "PostgreSQL"
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", *SMALL, "--databases", database],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    for kind in ("one word", "full"):
        for way in (
            "raw",
            "raw, all requests of the page",
            "API",
            "HTML fragment",
            "HTML page",
            "PostgreSQL full text",
        ):
            assert re.search(
                rf"^\| 100 \| {kind} \| {way} \| [\d.]+ \| [\d.]+ \| [\d.]+ \| [+-][\d.]+ \|$", done.stdout, re.M
            )
    for process in ("serve", "relay", "meilisearch"):
        assert re.search(rf"^\| {process} \| \d+ \| \d+ \|$", done.stdout, re.M), process
    assert re.search(rf"^\| {database} \| 10 \| [\d.]+ \| [\d,]+ \| [\d.]+ \| [\d,]+ \|$", done.stdout, re.M)
    for change in CHANGES:
        assert f"| {database} | {change} | " in done.stdout
        assert re.search(rf"^\| (reached|MISSED) \| {change} offering seen in search, {database}", done.stdout, re.M)
    assert re.search(rf"^\| {database} \| 81 \|( [\d.]+ \|){{5}}$", done.stdout, re.M)
    for way in ("raw, one word", "need -> offerings", "offering -> 100 needs"):
        assert re.search(rf"^\| 100 \| {way} \| [\d.]+ \| [\d.]+ \| [\d.]+ \|$", done.stdout, re.M), way
    assert re.search(rf"^\| {database} \| 1 \| 1 \| 0 \| [\d.]+ \| [\d.]+ \|$", done.stdout, re.M)
    for hung in ("nothing", "scanner", "store", "provider", "mail"):
        assert len(re.findall(rf"^\| \w+ \| {hung} \| [\w ]+ \| [\d.]+ \| [\d.]+ \|$", done.stdout, re.M)) == 3, hung
    for page in ("without a cookie", "with an old cookie", "signed in", "without the layer"):
        assert len(re.findall(rf"^\| \w+ \| {page} \| [\d.]+ \| [\d.]+ \| [+-][\d.]+ \|$", done.stdout, re.M)) == 1
    assert re.search(rf"^\| {database} \| \d+ \| \d+ \| \d+ \| \d+ \| 0 \| [\d.]+ \| [\d.]+ \|$", done.stdout, re.M)
    assert re.search(rf"^\| {database} \| 2 \| 2 \| \d+ \|( [\d.]+ \|){{4}}$", done.stdout, re.M)
    goals = re.findall(r"^\| (reached|MISSED) \| ", done.stdout, re.M)
    said = re.search(r"^(\d+) of (\d+) goals reached$", done.stdout, re.M)
    assert said
    assert (goals.count("reached"), len(goals)) == (int(said[1]), int(said[2]))
    assert len(goals) >= 24
