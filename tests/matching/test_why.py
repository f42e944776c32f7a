"""Every hit of the search says why it stands where it stands, without a script."""

import re
from html import unescape

from starlette.testclient import TestClient


def orders(client: TestClient, path: str) -> list[str]:
    page = unescape(client.get(path).text)
    return [re.sub(r"<[^>]+>", " ", one) for one in re.findall(r'<details class="rank">(.*?)</details>', page, re.S)]


def test_each_card_names_the_fields_and_the_relevance(seeded: TestClient) -> None:
    found = orders(seeded, "/search?q=Schweißer")
    assert len(found) == 10
    assert all("Warum an dieser Stelle?" in one for one in found)
    assert "Gefunden in: Titel" in found[0]
    assert "Alle Ihre Wörter stehen in Titel, Stichwörtern oder Gewerk" in found[0]
    values = [int(re.search(r"Treffgenauigkeit: (\d+) von 100", one)[1]) for one in found]  # type: ignore[index]
    assert values == sorted(values, reverse=True)


def test_a_forgiven_slip_is_told(seeded: TestClient) -> None:
    assert "1 Tippfehler verziehen." in orders(seeded, "/search?q=Gerüstbua")[0]


def test_an_own_order_is_named_with_its_figure(seeded: TestClient) -> None:
    (first, *_) = orders(seeded, "/pl/search?q=spawanie&near=Guben&sort=distance")
    assert "Według odległości, najbliższe najpierw." in first
    assert re.search(r"[\d,]+ km od podanego miejsca", first)


def test_without_words_all_entries_count_the_same(seeded: TestClient) -> None:
    assert "named no words" in orders(seeded, "/en/search")[0]
