import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import synonyms
from search.wording import MAX_WORDS, looser, telling, wording
from search.words import stop_words


@pytest.mark.parametrize(
    ("typed", "sent", "strategy"),
    [
        ("Rohrleitungsbau", "rohr leitung bau Rohrleitungsbau", "last"),  # parts first: the last word stays last
        ("Kranprüfung Gub", "kran prüfung Kranprüfung Gub", "last"),
        ("Prüfung für Krane", "Prüfung Krane", "frequency"),  # a generic word stands first
        ("remont torów", "remont torów", "frequency"),
        ("Rohr, Pumpe (Guben)", "Rohr Pumpe Guben", "frequency"),
        ("für die", "für die", "last"),  # nothing telling: what was typed
        ('"EN 1090" Stahl', '"EN 1090" Stahl', "last"),  # phrases are left alone
        ('Rohr 3/4"', "Rohr 3/4", "last"),  # an inch is no phrase
        ("Kran -Guben", "Kran -Guben", "last"),
        ("!?", "", "frequency"),
        ("", "", "frequency"),
    ],
)
def test_how_a_query_is_asked(typed: str, sent: str, strategy: str) -> None:
    said = wording(typed)
    assert (said.text, said.strategy) == (sent, strategy)


def test_every_word_is_wanted_where_the_order_is_chosen() -> None:
    """A compound as its parts: documents that hold the compound hold the parts, and others count too."""
    said = wording("Kranprüfung Guben", every=True)
    assert (said.text, said.strategy) == ("kran prüfung Guben", "all")
    assert wording("Kranprüfung", every=True, plain=True).text == "Kranprüfung"


def test_of_a_long_text_the_telling_words_are_asked() -> None:
    text = "Wir suchen für den Umbau der Halle 3 eine Firma für Stahlbau nach EN 1090-2 mit Montage, Kran, Gerüst, "
    text += "Statik, Korrosionsschutz, Brandschutzbeschichtung und Dokumentation auf Deutsch und Polnisch"
    words = telling(text)
    assert len(words) == MAX_WORDS
    assert {"1090-2", "Korrosionsschutz", "Brandschutzbeschichtung", "Dokumentation"} <= set(words)
    assert words == [word for word in text.replace(",", "").split() if word in words]  # in their order


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("Kanalspülung", "kanal spülung"),
        ("Kantinenessen", "kantine essen"),
        ("Abwasseranlyse", "abwasser anlyse"),
        ("Ersthelferausbildung", "ersthelfer ausbildung"),
        ("Photovoltaiganlage Guben", "photovoltaig anlage Guben"),
        ("Kranprüfung", None),  # known as it is
        ("Guben", None),
        ("Kran", None),
        ("", None),
    ],
)
def test_unknown_compounds_are_cut_at_a_known_part(typed: str, sent: str | None) -> None:
    others = looser(typed)
    assert (sent in [other.text for other in others]) is (sent is not None)


def test_the_first_words_go_when_nothing_else_is_found() -> None:
    assert [other.text for other in looser("Hebebühne leihen")] == [
        "bühne Hebebühne leihen",
        "Hebebühne leihen",
        "leihen",
    ]
    assert looser("für") == []
    assert looser('"Hebebühne leihen"') == []


@given(st.text(max_size=300))
def test_any_text_can_be_asked(text: str) -> None:
    for said in (wording(text), wording(text, every=True), wording(text, plain=True), *looser(text)):
        if '"' not in text:
            assert len(said.text.split()) <= MAX_WORDS


def test_synonyms_are_well_formed() -> None:
    found = synonyms.synonyms()
    assert len(found) > 150
    for word, others in found.items():
        assert word == word.lower()
        assert word not in others
        assert len(set(others)) == len(others) <= 10  # every one of them costs time
        assert word not in stop_words()
    assert found["mieten"] == ["vermietung", "verleih", "miete"]
    assert "mieten" not in found["vermietung"]  # one way
    assert "fork lift" in found["forklift"]
    assert "mieten" in synonyms.one_way()


@pytest.mark.parametrize("line", ["word", "word = ", " > word", "word > ", "= =", "word > a,,b"])
def test_a_bad_line_of_synonyms_is_named(line: str) -> None:
    with pytest.raises(ValueError, match=r"de\.txt:7"):
        synonyms._pairs(line, "de.txt:7")
