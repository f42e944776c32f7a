"""How the levels of certificates read."""

import re

from market.certificates.labels import chip, level_name, wanted
from market.i18n import words
from market.taxonomy import certificates as catalogue

GERMAN = {"Unterrichtung", "Sachkundeprüfung", "Geprüfte Schutz- und Sicherheitskraft"}
"""Levels of German law, which have no other name."""


def test_a_level_that_is_words_has_them_in_german_and_polish() -> None:
    levels = {level for kind in catalogue.types().values() for level in (*kind.levels, *kind.variants)}
    spoken = {level for level in levels if re.search("[a-z]{3}", level)} - GERMAN
    assert len(spoken) > 90
    untold = [level for level in spoken for code in ("de", "pl") if level_name(words(code), level) == level]
    assert not untold
    assert level_name(words("de"), "EXC3") == "EXC3", "a sign stays"


def test_what_is_wanted_names_its_level_in_the_language_of_the_page() -> None:
    assert wanted(words("pl"), "dguv-308-001:Stage 2").endswith(", stopień 2")
    assert chip(words("de"), "dguv-308-001:Stage 2").endswith(" Stufe 2")
