"""Style sheets, fonts and icons: sent small, complete, and as they are vendored."""

import re
from pathlib import Path

import brotli
import pytest
from fontTools.ttLib import TTFont
from starlette.testclient import TestClient

from market.taxonomy import trades
from market.values import LANGUAGES
from market.web.render import BRIEF, brief, soft
from market.web.static import FOLDER, Static
from tools import vendor

ROOT = Path(__file__).parents[2]
SPRITE = (FOLDER.parent / "web" / "icons.svg").read_text()


@pytest.mark.parametrize("name", ["core.css", "vendor/htmx.min.js", "js/site.js"])
def test_texts_are_sent_as_small_as_they_get(probe: TestClient, name: str) -> None:
    url = Static().url(name)
    answer = probe.get(url, headers={"accept-encoding": "gzip, deflate, br, zstd"})
    assert answer.headers["content-encoding"] == "br"
    assert answer.content == (FOLDER / name).read_bytes()
    assert int(answer.headers["content-length"]) == len(brotli.compress(answer.content, mode=brotli.MODE_TEXT))
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["vary"].lower() == "accept-encoding"


@pytest.mark.parametrize("encoding", ["identity", "gzip", ""])
def test_who_takes_no_brotli_gets_the_same_file(probe: TestClient, encoding: str) -> None:
    answer = probe.get(Static().url("core.css"), headers={"accept-encoding": encoding})
    assert answer.headers.get("content-encoding", "identity") == (encoding or "identity")
    assert answer.content == (FOLDER / "core.css").read_bytes()


def test_a_part_and_an_unchanged_file_are_answered_as_such(probe: TestClient) -> None:
    url, takes = Static().url("core.css"), {"accept-encoding": "br"}
    whole = probe.get(url, headers=takes)
    again = probe.get(url, headers=takes | {"if-none-match": whole.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    part = probe.get(url, headers=takes | {"range": "bytes=0-9"})
    assert (part.status_code, part.content) == (206, whole.content[:10])
    head = probe.head(url, headers=takes)
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize("font", sorted((FOLDER / "fonts").glob("*.woff2")), ids=lambda font: font.stem)
def test_fonts_hold_every_letter_of_our_texts(font: Path) -> None:
    """Else a letter comes from another face, in the middle of a word."""
    files = [*ROOT.glob("market/locale/*/*.po"), *ROOT.glob("templates/**/*.html"), *ROOT.glob("seeds/data/**/*.yaml")]
    texts = [file.read_text() for file in files]
    texts += [trade.names[language] for trade in trades.by_id().values() for language in LANGUAGES]
    letters = {letter for text in texts for letter in text if letter.isalpha()}
    assert {"ß", "ł", "Ż"} <= letters
    assert letters <= {chr(code) for code in TTFont(font).getBestCmap()}


def test_style_sheets_and_layout_name_fonts_that_are_there() -> None:
    named = set(re.findall(r"fonts/[\w.-]+\.woff2", (FOLDER / "core.css").read_text()))
    assert named == {f"fonts/{font.name}" for font in (FOLDER / "fonts").glob("*.woff2")}
    assert set(re.findall(r"fonts/[\w.-]+\.woff2", (ROOT / "templates/_layout/base.html").read_text())) == named


def test_every_icon_asked_for_is_in_the_sprite() -> None:
    held = set(re.findall(r'id="([\w-]+)"', SPRITE))
    asked = {group.icon for group in trades.groups()}
    for file in ROOT.glob("templates/**/*.html"):
        asked |= set(re.findall(r'\bicon\("([\w-]+)"', file.read_text()))
    assert len(asked) > 30
    assert asked <= held


def test_vendored_files_are_those_of_the_packages() -> None:
    assert vendor.sprite() == SPRITE
    for source, target in vendor.COPIES.items():
        assert (FOLDER / target).read_bytes() == (vendor.MODULES / source).read_bytes()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("**Rohre**, *Ventile*:\n\n* Stahl\n* Guss & <b>mehr</b>", "Rohre, Ventile: Stahl Guss & <b>mehr</b>"),
        ("Rohr " * 40, "Rohr " * 30 + "Rohr …"),
        ("x" * 200, "x" * BRIEF + " …"),
        ("", ""),
    ],
)
def test_search_engines_get_the_words_of_a_text_without_its_marks(text: str, said: str) -> None:
    assert brief(text) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Wiederholungsprüfung <b>", "Wiederholungs\u00adprüfung &lt;b&gt;"),
        ("Kranprüfung", "Kranprüfung"),
        ("przeprowadzenie", "przeprowadzenie"),
    ],
)
def test_long_compounds_may_be_broken_between_their_parts(text: str, said: str) -> None:
    assert soft(text) == said
