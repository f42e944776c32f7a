"""The browser of the tests: Debian's Chromium without windows, which costs half the time, or the whole one."""

import shutil

PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser")


def program() -> str:
    found = next((path for path in map(shutil.which, PROGRAMS) if path), None)
    assert found, "tools/debian installs it"
    return found
