"""The run in two processes: every test once, what fails is read at the end, Ctrl-C takes down what was started."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.support.town import until

ROOT = Path(__file__).parents[1]
SLEEPER = """
import os, pathlib, time, pytest
@pytest.fixture(scope="session")
def server():
    pathlib.Path(f"up-{os.getpid()}").touch()
    yield
    pathlib.Path(f"down-{os.getpid()}").touch()
def test_waits(server): time.sleep(60)
"""


def start(folder: Path, **files: str) -> subprocess.Popen[str]:
    for name, text in files.items():
        (folder / f"test_{name}.py").write_text(text)
    return subprocess.Popen(
        [sys.executable, "-m", "tests", "-q", "--rootdir=."],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_every_test_is_run_once_and_what_fails_is_read(tmp_path: Path) -> None:
    log = "def log(n): open('log', 'a').write(f'{n}\\n')\n"
    files = {name: log + f"def test_1(): log('{name}1')\ndef test_2(): log('{name}2')\n" for name in "abcde"}
    files["f"] = "def test_wrong(): assert 'the reason' == 'none'\n"
    run = start(tmp_path, **files)
    said, _ = run.communicate(timeout=120)
    assert sorted((tmp_path / "log").read_text().split()) == [f"{name}{n}" for name in "abcde" for n in (1, 2)]
    assert "assert 'the reason' == 'none'" in said
    assert "both processes: 1 failed, 10 passed in" in said
    assert run.returncode == 1


def test_an_interrupt_takes_down_what_both_have_started(tmp_path: Path) -> None:
    run = start(tmp_path, a=SLEEPER, b=SLEEPER)
    until(lambda: len(list(tmp_path.glob("up-*"))) == 2, 60, "both at work")
    run.send_signal(signal.SIGINT)
    said, _ = run.communicate(timeout=60)
    assert len(list(tmp_path.glob("down-*"))) == 2
    assert "both processes: no tests in" in said
    assert run.returncode == 2
