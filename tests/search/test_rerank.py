"""Candidates in order by what of the question their texts hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.rerank import relevance, relevances

TEXTS = [
    "Lieferung von Büromöbeln für das Rathaus",
    "Erneuerung der Beleuchtung von Straßen und Plätzen",
    "Wartung der Heizungsanlage in der Grundschule",
]


@pytest.mark.parametrize(
    "asked", ["Straßenbeleuchtungsanlage", "strassenbeleuchtung", "Strassen Beleuchtnug", "STRASSENBELEUCHTUNG"]
)
def test_parts_of_words_and_other_spellings_count(asked: str) -> None:
    found = relevance(asked, TEXTS)
    assert found.index(max(found)) == 1


def test_words_of_another_language_that_look_alike_count() -> None:
    found = relevance("modernizacja transportu", [*TEXTS, "Modernisierung des Transports"])
    assert found.index(max(found)) == 3


def test_what_stands_in_every_text_hardly_counts() -> None:
    texts = ["Lieferung von Kies", "Lieferung von Sand", "Lieferung von Rohren"]
    found = relevance("Lieferung Rohre", texts)
    assert found[2] > 2 * max(found[:2])


def test_nothing_to_compare_is_nothing() -> None:
    assert relevance("Kran", []) == []
    assert relevance("", TEXTS) == relevance("!?", TEXTS) == [0, 0, 0]
    assert relevance("Kran", ["", "-", "Kran"])[:2] == [0, 0]


@given(st.text(max_size=60), st.lists(st.text(max_size=200), max_size=6))
def test_any_text_gives_a_share(asked: str, texts: list[str]) -> None:
    found = relevance(asked, texts)
    assert len(found) == len(texts)
    assert all(0 <= share <= 1 for share in found)


def test_the_same_text_gives_the_same_share_wherever_it_stands() -> None:
    assert relevance("Heizung warten", TEXTS)[::-1] == pytest.approx(relevance("Heizung warten", TEXTS[::-1]))


def test_several_questions_at_once_are_answered_as_one_by_one() -> None:
    questions = ["Straßenbeleuchtungsanlage", "", "Wartung der Heizung im Rathaus"]
    assert relevances(questions, TEXTS) == [relevance(question, TEXTS) for question in questions]
    assert relevances(questions, []) == [[], [], []]
