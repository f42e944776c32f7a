"""The page that explains the order cannot drift from the weights: it is made of them."""

import re
from html import unescape

import pytest
from starlette.testclient import TestClient

from market.i18n import words
from market.matching.weights import DAYS, HARD, SIGNALS, SINKING
from market.values import LANGUAGES, Language


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_and_every_weight_is_on_the_page(seeded: TestClient, language: Language) -> None:
    prefix = "" if language == "de" else f"/{language}"
    page = unescape(seeded.get(f"{prefix}/legal/ranking").text)
    w = words(language)
    for signal in SIGNALS:
        line = next(line for line in page.split("<li>") if w(signal.text) in line)
        assert w(signal.name) in line
        assert re.search(rf"\b{signal.points}\b", line)
    assert w(SINKING, **DAYS) in page
    assert all(w(text) in page for _, text in HARD)
