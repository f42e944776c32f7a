"""Three languages: every text is there, every plural form, every place in a sentence."""

import re
from pathlib import Path

import pytest
from babel.messages.plurals import get_plural

from market import i18n
from market.i18n import LOCALE, Words, missing, translations
from market.values import Language

_PLACES = re.compile(r"%\((\w+)\)")


def catalogue(language: Language) -> dict[object, str]:
    found: dict[object, str] = translations(language)._catalog  # type: ignore[attr-defined]
    return found


def test_no_text_is_without_its_translation() -> None:
    assert missing() == []


@pytest.mark.parametrize("language", ["de", "pl"])
def test_translations_keep_the_places_of_the_sentence(language: Language) -> None:
    """A place that is missing or new would break the page that shows it."""
    wrong = []
    for key, text in catalogue(language).items():
        source = key[0] if isinstance(key, tuple) else key
        said, meant = set(_PLACES.findall(text)), set(_PLACES.findall(str(source)))
        # One thing may be counted without a number: "ein Treffer".
        if source and not (said == meant or (isinstance(key, tuple) and said <= meant | {"num", "count"})):
            wrong.append((source, text))
    assert wrong == []


@pytest.mark.parametrize(("language", "forms"), [("de", 2), ("pl", 3)])
def test_every_plural_has_all_its_forms(language: Language, forms: int) -> None:
    assert get_plural(language).num_plurals in (forms, forms + 1)
    counted: dict[str, set[int]] = {}
    for key, text in catalogue(language).items():
        if isinstance(key, tuple):
            assert text, key
            counted.setdefault(str(key[0]), set()).add(key[1])
    assert counted
    assert {source: found for source, found in counted.items() if not found >= set(range(forms))} == {}


def test_polish_counts_as_poles_do() -> None:
    plurals = [key for key in catalogue("pl") if isinstance(key, tuple) and key[1] == 0]
    source = next(str(key[0]) for key in plurals if len({catalogue("pl")[key[0], n] for n in range(3)}) == 3)
    forms = [catalogue("pl")[source, n] for n in range(3)]
    choose = translations("pl").ngettext
    for number, form in ((1, 0), (2, 1), (4, 1), (5, 2), (11, 2), (12, 2), (21, 2), (22, 1), (25, 2), (112, 2)):
        assert choose(source, source, number) == forms[form], number


@pytest.mark.parametrize(
    ("language", "number", "money"),
    [("de", "1.234,5", "1.234,50\xa0€"), ("en", "1,234.5", "€1,234.50"), ("pl", "1\xa0234,5", "1\xa0234,50\xa0€")],
)
def test_numbers_and_money_are_written_as_in_the_language(language: Language, number: str, money: str) -> None:
    w = Words(language)
    assert (w.number(1234.5), w.money(123450)) == (number, money)


def test_a_catalogue_that_is_broken_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pl").mkdir()
    (tmp_path / "pl" / "broken.po").write_text("this is no catalogue\n")
    monkeypatch.setattr(i18n, "LOCALE", tmp_path)
    translations.cache_clear()
    try:
        with pytest.raises(ValueError, match=r"broken\.po \(pl\)"):
            translations("pl")
    finally:
        monkeypatch.setattr(i18n, "LOCALE", LOCALE)
        translations.cache_clear()
