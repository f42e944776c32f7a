from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.words import enrich, fold, joints, split, stop_words, translit_of
from tests.search.conftest import document

COMPOUNDS = Path(__file__).parent / "compounds.tsv"


def test_compounds_split_as_listed() -> None:
    """491 words with the expected stems; the list promises at least 95 %."""
    lines = [line for line in COMPOUNDS.read_text().splitlines() if line and not line.startswith("#")]
    right: Counter[str] = Counter()
    for line in lines:
        word, expected, group = line.split("\t")
        got = "|".join(split(word.lower())) or word.lower()
        right[group] += got == expected
    assert sum(right.values()) / len(lines) >= 0.95, right


@pytest.mark.parametrize(
    ("text", "folded"),
    [("Schweißer", "schweisser"), ("Eisenhüttenstadt", "eisenhuettenstadt"), ("Słubice", "slubice"), ("ŁÓDŹ", "lodz")],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text(max_size=60))
def test_splitting_never_fails_and_covers_the_word(text: str) -> None:
    for stem in split(text.lower()):
        assert fold(stem) in fold(text)


@pytest.mark.parametrize(
    ("word", "pieces"),
    [
        ("Durchstrahlungsprüfung", "Durchstrahlungs prüfung"),
        ("Güterkraftverkehrserlaubnis", "Güter kraftverkehrs erlaubnis"),
        ("SCHWEIẞERPRÜFUNGEN", "SCHWEIẞER PRÜFUNGEN"),
        ("nieszczęśliwego", "nieszczęśliwego"),
    ],
)
def test_compounds_are_taken_apart_where_their_parts_begin(word: str, pieces: str) -> None:
    places = [0, *joints(word), len(word)]
    assert " ".join(word[start:end] for start, end in pairwise(places)) == pieces


@given(st.text(max_size=60))
def test_places_between_parts_lie_inside_the_word(text: str) -> None:
    assert all(0 < place < len(text) for place in joints(text))


def test_stop_words_of_three_languages() -> None:
    assert {"und", "the", "oraz"} <= set(stop_words())


def test_helper_fields() -> None:
    rich = enrich(document("a", title="Schweißerprüfung in Słubice", town="Słubice", lat=52.35, lng=14.56))
    assert {"schweißer", "prüfung", "schweisser"} <= set(rich["parts"])
    assert rich["translit"] == ["schweisserpruefung", "slubice"]
    assert rich["translit_names"] == ["slubice"]
    assert rich["point"] == "52.35,14.56"
    assert len(rich["cells"]) == 10
    assert rich["titles"] == {"de": "", "en": "", "pl": ""}


def test_words_without_marks_need_no_transliteration() -> None:
    assert translit_of(["Rohrbau Guben"]) == []
