"""Longer questions, where no title and no name holds their words."""

from collections.abc import Callable
from typing import Any

from search import query
from search.criteria import Criteria
from tests.search.conftest import TODAY, document

ASKED = "Public service concession for receiving visa applications in North America"
DOCUMENTS = [
    document("trains", title="Betrieb", text="Public Relations für die Eisenbahn, im Service der Fahrgäste"),
    document("gravel", title="Lieferung", text="Kies und Sand für den Straßenbau", kinds=["goods"]),
    document("centres", title="Betrieb", text="Visumantragsannahmezentren in der Region Nordamerika"),
]


def test_a_longer_question_finds_a_text_that_shares_only_parts_of_words(
    fill: Callable[..., None], ask: Callable[..., Any]
) -> None:
    fill(offerings=DOCUMENTS)
    found, _ = ask(lambda c: query.find(c, "offerings", Criteria(q=ASKED), TODAY))
    refs = [hit.ref for hit in found.hits]
    assert "centres" in refs
    assert "gravel" not in refs


def test_what_stands_beside_the_candidates_keeps_to_the_filters(
    fill: Callable[..., None], ask: Callable[..., Any]
) -> None:
    fill(offerings=[*DOCUMENTS, document("far", title="Anderes", text="Zentren in Nordamerika", kinds=["goods"])])
    found, _ = ask(lambda c: query.find(c, "offerings", Criteria(q=ASKED, kinds=("service",)), TODAY))
    refs = [hit.ref for hit in found.hits]
    assert "centres" in refs
    assert "far" not in refs
