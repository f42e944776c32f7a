"""Questions to a real Meilisearch, compared with what a plain look at the documents says."""

from collections.abc import Callable
from typing import Any

import pytest

from search import query
from search.criteria import Criteria
from search.errors import SearchUnavailable
from tests.search.conftest import TODAY, document


def refs(found: tuple[query.Hits, Any]) -> list[str]:
    return [hit.ref for hit in found[0].hits]


def test_matches_are_marked_without_html(fill: Callable[..., None], ask: Callable[..., Any]) -> None:
    fill(offerings=[document("a", title="Rohrbau <b>fett</b> & mehr", summary="Alles mit Rohrbau")])
    found, _ = ask(lambda c: query.find(c, "offerings", Criteria(q="rohrbau"), TODAY))
    parts, lang = found.hits[0].title_in("de")
    assert (parts, lang) == ([("Rohrbau", True), (" <b>fett</b> & mehr", False)], "de")


def test_titles_come_in_the_readers_language(fill: Callable[..., None], ask: Callable[..., Any]) -> None:
    fill(offerings=[document("a", title="Schweißen", titles={"pl": "Spawanie rur"})])
    found, _ = ask(lambda c: query.find(c, "offerings", Criteria(q="spawanie"), TODAY))
    assert found.hits[0].title_in("pl") == ([("Spawanie", True), (" rur", False)], "pl")
    assert found.hits[0].title_in("en") == ([("Schweißen", False)], "de")


@pytest.mark.parametrize("nasty", ['a" OR kind = "rail', "\\", '"', "]", "x' OR 1=1", "\0", "a\nb"])
def test_values_cannot_break_out_of_a_filter(nasty: str, fill: Callable[..., None], ask: Callable[..., Any]) -> None:
    fill(offerings=[document("a"), document("b", kinds=["rail"])])
    for c in (Criteria(kinds=(nasty,)), Criteria(q=nasty), Criteria(certificates=(nasty,)), Criteria(cpv=(nasty,))):
        found, _ = ask(lambda client, c=c: query.find(client, "offerings", c, TODAY))
        assert found.total in (0, 1, 2)


@pytest.mark.parametrize("value", ['a"b', "a\\b", "a\\", '"', '\\"', "a' OR b", "ü ß", "1-9, 10"])
def test_values_are_found_whatever_letters_they_hold(
    value: str, fill: Callable[..., None], ask: Callable[..., Any]
) -> None:
    fill(offerings=[document("a", employees=value), document("b", employees="1-9")])
    assert refs(ask(lambda c: query.find(c, "offerings", Criteria(employees=(value,)), TODAY))) == ["a"]


def test_certificate_levels(fill: Callable[..., None], ask: Callable[..., Any]) -> None:
    high = {"certificates": ["en-1090-2"], "certificate_levels": ["en-1090-2:EXC1", "en-1090-2:EXC2"]}
    days = {"certificate_until": {"en-1090-2": 20280101}, "certificate_from": {"en-1090-2": 0}}
    low = {**high, "certificate_levels": ["en-1090-2:EXC1"]}
    fill(offerings=[document("high", **high, **days), document("low", **low, **days), document("none")])
    found = ask(lambda c: query.find(c, "offerings", Criteria(certificates=("en-1090-2:EXC2",)), TODAY))
    assert refs(found) == ["high"]


def test_an_empty_index_says_so(fill: Callable[..., None], server: Any, ask: Callable[..., Any]) -> None:
    fill(offerings=[document("a")])
    server.wait_for_task(server.index("offerings").delete_all_documents().task_uid)
    with pytest.raises(SearchUnavailable):
        ask(lambda c: query.find(c, "offerings", Criteria(q="rohr"), TODAY))


def test_suggestions_name_firms_first(fill: Callable[..., None], ask: Callable[..., Any]) -> None:
    fill(
        offerings=[document("o", title="Rohrbau Stahl")],
        providers=[document("p", title="Rohradler GmbH")],
        needs=[document("n", title="Rohrbruch")],
    )
    found = ask(lambda c: query.suggest(c, "rohr"))
    assert [(s.index, s.ref) for s in found] == [("providers", "p"), ("offerings", "o"), ("needs", "n")]
