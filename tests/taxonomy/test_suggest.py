"""Codes and trades from texts, on the lists every installation has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete
from sqlalchemy.orm import Session

from market.taxonomy import codes, suggest, trades
from market.taxonomy.models import Code
from market.taxonomy.suggest import split_head, suggester
from market.taxonomy.suggest_words import everyday, weighed, words
from market.values import LANGUAGES


def test_every_everyday_line_names_a_code_and_has_words_in_three_languages() -> None:
    assert len(everyday()) > 600
    for code, one in everyday().items():
        assert codes.normalise_cpv(code) == code
        assert 0 <= one.usual <= 3
        assert all(one.words[language].strip() for language in LANGUAGES), code


@pytest.mark.parametrize(
    ("text", "trade"),
    [
        ("Dachdecker für Flachdach gesucht", "roofing-facade"),
        ("Zwölf Schweißer für den Sommerstillstand", "welding"),
        ("Spawanie rurociągów ze stali nierdzewnej", "welding"),
        ("Scaffolding for a filter house", "scaffolding"),
        ("Rusztowania przy hali walcowni", "scaffolding"),
        ("Gabelstaplerführerschein für acht Mitarbeiter", "forklift-training"),
        ("Zugversuch nach DIN EN ISO 6892-1", "tensile-test"),
    ],
)
def test_everyday_words_of_three_languages_lead_to_the_trade(session: Session, text: str, trade: str) -> None:
    found = [id_ for id_, _ in suggester(session, "trade").best(text, limit=3)]
    assert trade in found


def test_every_trade_is_found_by_its_own_name_in_every_language(session: Session) -> None:
    ask = suggester(session, "trade")
    missed = [
        (trade.id, name)
        for trade in trades.by_id().values()
        for name in trade.names.values()
        if trade.id not in [id_ for id_, _ in ask.best(name, limit=3)]
    ]
    assert not missed


def test_codes_come_best_first_with_scores_of_one_and_less(session: Session) -> None:
    found = suggester(session, "cpv").best("Gerüstbauarbeiten", "Gerüst für die Fassade, Vorhaltung acht Wochen")
    assert found[0][0] == "45262100"
    scores = [score for _, score in found]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)


def test_the_title_says_more_than_the_description(session: Session) -> None:
    ask = suggester(session, "trade")
    roof, scaffold = "Dachdeckerarbeiten", "Gerüstbauarbeiten"
    titled, described = dict(ask.best(roof, scaffold)), dict(ask.best(scaffold, roof))
    assert titled["roofing-facade"] > 2 * described.get("roofing-facade", 0)


def test_a_slip_of_the_finger_and_missing_umlauts_are_forgiven(session: Session) -> None:
    ask = suggester(session, "cpv")
    assert {ask.best(text)[0][0] for text in ("Gerüstbauarbeiten", "Geruestbauarbeiten", "Gerüstbauarbieten")} == {
        "45262100"
    }


def test_waste_names_of_any_language_lead_to_the_entry(session: Session) -> None:
    wanted = {
        "19 08 12": "Sludges from other treatment other than those mentioned in 19 08 11",
        "19 08 13*": "Sludges containing hazardous substances from other treatment",
        "19 08 14": "Sludges from other treatment other than those mentioned in 19 08 13",
    }
    session.execute(delete(Code).where(Code.code.in_(wanted)))
    session.add_all(Code(scheme="ewc", code=code, label_en=label) for code, label in wanted.items())
    session.flush()
    made = suggest.Suggester(suggest.entries(session, "ewc"), divisions=False)
    text = "Sludges from other treatment other than those mentioned in 19 08 13"
    assert made.best(text)[0][0] == "19 08 14"
    assert made.best("złom stalowy")[0][0] in trades.get("ferrous-scrap").ewc
    assert made.best("Steel scrap")[0][0] in trades.get("ferrous-scrap").ewc


def test_labels_are_given_in_the_language_asked_for(session: Session) -> None:
    ask = suggester(session, "cpv")
    assert {ask.label("45262100", language) for language in LANGUAGES} == {"Gerüstbau", "Scaffolding", "Rusztowania"}


@pytest.mark.parametrize("text", ["", "   ", "der die das", "1234 5678", "!!! ???"])
def test_a_text_that_says_nothing_gets_no_code(session: Session, text: str) -> None:
    assert suggester(session, "cpv").best(text) == []
    assert suggester(session, "cpv").vector(text) == {}


def test_a_changed_list_is_noticed(session: Session) -> None:
    before = suggest.fingerprint(session, "cpv")
    session.add(Code(scheme="cpv", code="03451300", label_de="Sträucher"))
    session.flush()
    assert suggest.fingerprint(session, "cpv") != before


def test_a_text_without_a_title_is_cut_after_its_first_sentence() -> None:
    assert split_head("Rohrleitungsbau. Und mehr davon.") == ("Rohrleitungsbau", " Und mehr davon.")
    assert split_head("Kein Satzende") == ("Kein Satzende", "")
    head, rest = split_head("x" * 500)
    assert (len(head), len(rest)) == (200, 300)


@given(st.text(max_size=400))
def test_any_text_has_countable_words(text: str) -> None:
    said = words(text)
    assert set(weighed(said)) == {word for word in said if not any(map(str.isdigit, word))}
    assert all(0 < weight <= 2 for weight in weighed(said).values())
