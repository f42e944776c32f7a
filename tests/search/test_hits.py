import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.geo import Near
from search.hits import MARK, UNMARK, Hit, likely_words, parts


def hit(formatted: dict[str, object], typos: int = 1, **fields: object) -> Hit:
    raw = {"id": "a", "lang": "de", "_formatted": formatted, **fields}
    return Hit.found(raw | {"_rankingScoreDetails": {"typo": {"typoCount": typos}}}, None, ("word",))


def marked(text: str) -> str:
    return text.replace("[", MARK).replace("]", UNMARK)


def test_marked_text_is_cut_into_pieces() -> None:
    assert parts(marked("Der [Rohr]bau & [Kran]")) == [
        ("Der ", False),
        ("Rohr", True),
        ("bau & ", False),
        ("Kran", True),
    ]
    assert parts("") == []


@given(st.text(alphabet=[MARK, UNMARK, "a", "<", " "], max_size=40))
def test_marks_that_do_not_match_leave_no_mark_behind(text: str) -> None:
    assert "".join(piece for piece, _ in parts(text)) == text.replace(MARK, "").replace(UNMARK, "")


@pytest.mark.parametrize(
    ("typed", "title", "expected"),
    [
        ("rorleitungsbau", "[Rohrleitungsbau] in Stahl", "Rohrleitungsbau"),
        ("Gerustbau Gubem", "[Gerüstbau] [Guben]", "Gerüstbau Guben"),
        ("rohr", "[Rohr]leitungsbau", None),
        ("kran", "[Klan]", None),  # too short to be sure
        ("xyzabc", "[Rohr]", None),
    ],
)
def test_the_likely_words(typed: str, title: str, expected: str | None) -> None:
    assert likely_words(typed, [hit({"title": marked(title)})]) == expected


def test_nothing_is_corrected_where_something_was_spelled_right() -> None:
    found = [hit({"title": marked("[Rohrbau]")}), hit({"title": marked("[Rorbau]")}, typos=0)]
    assert likely_words("rorbau", found) is None
    assert likely_words("rorbau", []) is None


def test_a_hit_names_the_fields_that_matched() -> None:
    found = Hit.found(
        {
            "id": "a",
            "lang": "de",
            "lat": 52.0,
            "lng": 14.0,
            "_rankingScore": 0.5,
            "_formatted": {"title": "Kurs", "titles": {"pl": marked("[kurs]")}, "keywords": ["x", marked("[y]")]},
        },
        Near(52.0, 14.0),
        ("staplerscheine",),
        ("Staplerschein", "Kranschein"),
    )
    assert found.matched == ("titles", "keywords", "trade_words")
    assert found.meant == ("Staplerschein",)
    assert found.marked("keywords") == ["y"]
    assert (found.ref, found.score, found.distance_km, found.typos) == ("a", 0.5, 0.0, 0)


@pytest.mark.parametrize(
    ("word", "everyday", "expected"),
    [
        ("Gabelstablerschein", "Gabelstaplerschein", True),
        ("schweisser", "Schweißer", True),
        ("Rangier", "Rangierlok", True),
        ("spawacz", "spawacz TIG", True),
        ("welder", "Halter", False),
        ("kran", "klan", False),
        ("ab", "abc", False),
    ],
)
def test_everyday_words_a_query_means(word: str, everyday: str, expected: bool) -> None:
    found = Hit.found({"id": "a", "lang": "de"}, None, (word,), (everyday,))
    assert bool(found.meant) is expected


def test_a_hit_of_the_database_has_no_marks() -> None:
    found = Hit.plain({"id": "a", "lang": "de", "title": "Rohr", "summary": "", "titles": {"pl": "Rury"}}, 3.5)
    assert found.title_in("de") == ([("Rohr", False)], "de")
    assert found.title_in("pl") == ([("Rury", False)], "pl")
    assert found.summary_in("en") == ([], "de")
    assert (found.distance_km, found.matched, found.score) == (3.5, (), None)
