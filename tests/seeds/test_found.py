"""What people of the region type finds the right firms of the demo data among the first five."""

import re
from html import unescape
from typing import Any

import pytest
from starlette.testclient import TestClient

FIRST = 5

WELDERS = {"Funkenflug Schweißmontagen GmbH"}
WANTED = [
    ("schweisser", WELDERS | {"Schlaubetal Schweißtechnik"}),
    ("Schweißer", WELDERS | {"Schlaubetal Schweißtechnik"}),
    ("Staplerschein", {"QualifizierungsCentrum der Wirtschaft GmbH (QCW)", "Nurogęś Szkolenia Techniczne sp. z o.o."}),
    ("Rangierlok", {"Niederungsbahn Ziltendorf GmbH", "Lubstbogen Rangierdienst GmbH", "Żurawia Kolej sp. z o.o."}),
    ("Zugversuch", {"FQZ Oderbrücke", "Kerbtal Prüflabor GmbH", "Labor-Ilanka sp. z o.o."}),
    ("spawacz", {"Instal-Kormoran sp. z o.o.", "Nurogęś Szkolenia Techniczne sp. z o.o."}),
    ("welder", WELDERS | {"Instal-Kormoran sp. z o.o."}),
    ("rorleitungsbau", {"Oderadler Rohrbau GmbH", "Instal-Kormoran sp. z o.o."}),
]
"""Typed -> firms which all have to stand among the first five."""

PLACES = [
    ("Eisenhuettenstadt", "Eisenhüttenstadt", 3),
    ("Słubice", "Słubice", 4),
    ("slubice", "Słubice", 4),
]
"""Typed -> town, and how many of the first five sit there; the others serve it and say so."""


def _hits(seeded: TestClient, typed: str) -> list[dict[str, Any]]:
    answer = seeded.get("/api/v1/search/offerings", params={"q": typed})
    assert answer.status_code == 200
    hits: list[dict[str, Any]] = answer.json()["hits"]
    return hits[:FIRST]


def _cards(seeded: TestClient, typed: str) -> list[str]:
    """Text of the first cards of the page a browser without JavaScript gets."""
    page = seeded.get("/search", params={"q": typed})
    assert page.status_code == 200
    cards = re.findall(r'<article class="card".*?</article>', page.text, re.DOTALL)
    return [unescape(re.sub(r"<[^>]*>", "", card)) for card in cards[:FIRST]]


@pytest.mark.parametrize(("typed", "wanted"), WANTED)
def test_the_right_firms_come_first(typed: str, wanted: set[str], seeded: TestClient) -> None:
    found = [hit["organisation"] for hit in _hits(seeded, typed)]
    assert wanted <= set(found), found


@pytest.mark.parametrize(("typed", "wanted"), WANTED)
def test_the_page_shows_the_right_firms_first(typed: str, wanted: set[str], seeded: TestClient) -> None:
    cards = _cards(seeded, typed)
    assert not {firm for firm in wanted if not any(firm in card for card in cards)}


@pytest.mark.parametrize(("typed", "town", "number"), PLACES)
def test_a_town_finds_the_firms_that_sit_there(typed: str, town: str, number: int, seeded: TestClient) -> None:
    found = [hit["place"] for hit in _hits(seeded, typed)]
    assert found.count(town) >= number, found
    assert sum(f", {town}" in card for card in _cards(seeded, typed)) >= number
