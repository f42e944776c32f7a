import json
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from market.cli import parser
from market.commands import match
from market.config import Settings
from market.db import Sessions
from market.values import local_day
from tests import factories

NEED = {"external_id": "n1", "organisation": "Probewerk", "title": "Rohrleitungen schweißen", "place": "Guben"}


def run(settings: Settings, file: Path, *more: str) -> int:
    return match.run(settings, parser("match").parse_args(["match", str(file), *more]))


def firms(session: Session, now: datetime) -> None:
    day = local_day(now)
    for number, title in enumerate(("Rohrleitungsbau und Schweißen", "Schweißen von Rohren"), start=1):
        firm = factories.organisation(session, now, name=f"Musterrohr {number} GmbH", verified_on=day)
        factories.offering(session, now, firm, title=title, external_id=f"o{number}", radius_km=60)
    unchecked = factories.organisation(session, now, name="Ungeprüft GmbH")
    factories.offering(session, now, unchecked, title="Rohrleitungen schweißen", external_id="o3")
    session.commit()


@pytest.fixture
def filled(sessions: Sessions, deliver: object, now: datetime) -> None:
    with sessions() as session:
        firms(session, now)
    assert callable(deliver)
    deliver()


def answers(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.usefixtures("filled")
def test_needs_in_ranked_offerings_out(settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "needs.jsonl"
    second = NEED | {"external_id": "n2", "exclude": ["o1"]}
    file.write_text(f"{json.dumps(NEED)}\n{json.dumps(second)}\n", encoding="utf-8")
    assert run(settings, file, "--limit", "5") == 0
    one, other = answers(capsys)
    assert set(one) == {"external_id", "matches"}
    assert [found["external_id"] for found in one["matches"]] == ["o1", "o2"]  # type: ignore[index, attr-defined]
    assert [found["external_id"] for found in other["matches"]] == ["o2"]  # type: ignore[index, attr-defined]
    for found in one["matches"]:  # type: ignore[attr-defined]
        assert set(found) == {"external_id", "score", "reasons", "missing"}
        assert 0 < found["score"] <= 1
        assert abs(sum(reason["points"] for reason in found["reasons"]) - found["score"]) < 1e-9
        assert all(set(reason) == {"criterion", "points", "text"} for reason in found["reasons"])


@pytest.mark.usefixtures("filled")
def test_near_misses_and_languages_are_options(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "needs.csv"
    file.write_text("external_id;title;place\nn1;Rohrleitungen schweißen;Guben\n", encoding="utf-8")
    assert run(settings, file, "--near", "--language", "pl") == 0
    (answer,) = answers(capsys)
    (near,) = answer["near"]  # type: ignore[misc]
    assert near["external_id"] == "o3"
    assert near["criterion"] == "verified"
    assert near["text"] == "Operator jeszcze nie sprawdził tej firmy"


def test_a_bad_need_is_named_and_stops_nothing(
    settings: Settings, relay: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "needs.jsonl"
    file.write_text(f'{{"external_id": "x"}}\n{json.dumps(NEED)}\n', encoding="utf-8")
    assert run(settings, file) == 1
    told = capsys.readouterr()
    assert "line 1: 'title' is missing" in told.err
    assert json.loads(told.out)["external_id"] == "n1"
