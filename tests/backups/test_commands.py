"""`market backup` and `market restore`, as the command line runs them."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from market import cli
from market.backups import manifest
from market.db import Sessions
from tests import factories

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path) -> Path:
    """Where the settings of a call point to."""
    monkeypatch.setenv("MARKET_DATABASE_URL", database_url)
    monkeypatch.setenv("MARKET_VAR", str(tmp_path / "var"))
    return tmp_path


def test_there_and_back(
    here: Path, sessions: Sessions, now: datetime, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    with sessions.begin() as session:
        factories.offering(session, now)
    folder = str(here / "backup")
    assert cli.main(["backup", folder]) == 0
    told = capsys.readouterr()
    assert "rows of" in told.out
    assert "MARKET_SEALING_KEY are not in it" in told.out
    assert cli.main(["backup", folder]) == 1
    assert capsys.readouterr().err == f"market backup: {folder} is not empty; a backup wants a folder of its own.\n"
    assert cli.main(["restore", folder]) == 1
    assert capsys.readouterr().err.startswith("market restore: The database holds data already (table ")
    monkeypatch.setenv("MARKET_DATABASE_URL", f"sqlite:///{here / 'new' / 'market.db'}")
    assert cli.main(["restore", folder]) == 0
    told = capsys.readouterr()
    assert "journal whole: 0 entries sealed" in told.out
    assert told.err == ""
    assert cli.main(["export", "offerings"]) == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_no_backup_is_one_line_and_touches_nothing(
    here: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    folder = here / "backup"
    assert cli.main(["restore", str(folder)]) == 1
    assert capsys.readouterr().err == f"market restore: {folder} is no whole backup: it has no manifest.json.\n"
    assert cli.main(["backup", str(folder)]) == 0
    new = here / "new" / "market.db"
    monkeypatch.setenv("MARKET_DATABASE_URL", f"sqlite:///{new}")
    place = manifest.table_file(folder, "needs")
    place.write_bytes(place.read_bytes()[:-1])
    capsys.readouterr()
    assert cli.main(["restore", str(folder)]) == 1
    assert capsys.readouterr().err == "market restore: tables/needs.jsonl.gz is not as it was written\n"
    found = manifest.read(folder)
    found.revision = "9999"
    found.write(folder)
    assert cli.main(["restore", str(folder)]) == 1
    assert "a newer one made it" in capsys.readouterr().err
    assert not new.exists()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_database_without_tables_and_a_folder_that_cannot_be(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    (here / "file").write_text("")
    assert cli.main(["backup", str(here / "file" / "backup")]) == 1
    assert "cannot be written: Not a directory" in capsys.readouterr().err
    monkeypatch.setenv("MARKET_DATABASE_URL", f"sqlite:///{here / 'none.db'}")
    assert cli.main(["backup", str(here / "backup")]) == 1
    assert "holds nothing of ours" in capsys.readouterr().err
