"""The search page says what was asked for, and offers what leads somewhere."""

import re

import pytest
from starlette.testclient import TestClient

CALENDAR = "Kurstermine in den Kalender"


def test_a_radius_of_the_address_stands_among_the_others_in_their_order(seeded: TestClient) -> None:
    page = seeded.get("/search?near=Guben&radius_km=30").text
    assert re.findall(r'<option value="(\d+)"( selected)?>', page) == [
        ("10", ""),
        ("25", ""),
        ("30", " selected"),
        ("50", ""),
        ("100", ""),
    ]


def test_words_somebody_typed_are_not_named_as_included_too(seeded: TestClient) -> None:
    page = seeded.get("/search?q=Ger%C3%BCst").text
    also = re.search(r"Auch einbezogen: ([^<]*)\. ", page)
    assert also
    assert "Gerüst" not in also[1].split(", ")


@pytest.mark.parametrize("asked", ["q=Rohrleitung&kind=service", "q=nosuchword"])
def test_dates_of_courses_are_offered_where_courses_are_found(seeded: TestClient, asked: str) -> None:
    assert CALENDAR not in seeded.get(f"/search?{asked}").text
    assert CALENDAR in seeded.get("/search?kind=training").text
