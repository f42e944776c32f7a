import json
from pathlib import Path

import pytest

from market.cli import parser
from market.commands import suggest_codes
from market.config import Settings


def run(settings: Settings, file: Path, *more: str) -> int:
    return suggest_codes.run(settings, parser("suggest-codes").parse_args(["suggest-codes", str(file), *more]))


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    file = tmp_path / "texts.jsonl"
    lines = [
        {"external_id": "a", "text": "Gerüstbauarbeiten. Fassade der Halle 4."},
        {"external_id": "b", "title": "Scaffolding", "description": "For the filter house.", "cpv_main": "45262100"},
    ]
    file.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    return file


def test_each_text_is_answered_with_its_codes(
    settings: Settings, texts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(settings, texts, "--limit", "3") == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [answer["external_id"] for answer in answers] == ["a", "b"]
    for answer in answers:
        assert len(answer["codes"]) <= 3
        assert answer["codes"][0]["code"] == "45262100"
        assert answer["codes"][0]["label"] == "Gerüstbau"
        assert 0 < answer["codes"][0]["score"] <= 1


def test_labels_and_schemes_are_chosen(settings: Settings, texts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    texts.write_text('{"external_id": "w", "text": "Stahlschrott aus der Werkstatt"}', encoding="utf-8")
    assert run(settings, texts, "--scheme", "ewc", "--language", "pl") == 0
    (answer,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert answer["codes"]
    assert all(len(code["code"].replace("*", "")) == 8 for code in answer["codes"])


def test_a_bad_record_is_named_by_its_line_and_stops_nothing(
    settings: Settings, texts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = texts.read_text(encoding="utf-8").splitlines()[0]
    texts.write_text(f'{{"external_id": "x"}}\nnonsense\n{good}\n', encoding="utf-8")
    assert run(settings, texts) == 1
    told = capsys.readouterr()
    assert [json.loads(line)["external_id"] for line in told.out.splitlines()] == ["a"]
    assert "line 1: there is no text" in told.err
    assert "line 2: the line is no JSON object" in told.err
