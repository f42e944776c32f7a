"""Questions to a real Meilisearch, compared with what a plain look at the documents says."""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from search import query
from search.criteria import Criteria
from search.errors import SearchUnavailable
from search.geo import Near
from tests.search.conftest import TODAY, document

EISENHUETTENSTADT = Near(52.1458, 14.6313)


def refs(found: tuple[query.Hits, Any]) -> list[str]:
    return [hit.ref for hit in found[0].hits]


def some_documents(count: int, seed: int) -> list[dict[str, Any]]:
    r = random.Random(seed)
    made = []
    for n in range(count):
        held = r.sample(["iso-9001", "scc", "en-1090-2", "efbv"], r.randint(0, 3))
        until = {type_: r.choice([20260101, 20270115, 20280101, 99991231]) for type_ in held}
        made.append(
            document(
                f"d{n}",
                title=r.choice(["Rohrbau", "Stahlbau", "Kranprüfung", "Gerüstbau"]) + f" {n}",
                kinds=[r.choice(["service", "training", "rail"])],
                languages=r.sample(["de", "pl", "en"], r.randint(1, 3)),
                district=r.choice(["DE40C", "DE403", "PL431"]),
                employees=r.choice(["1-9", "10-49", "50-249", ""]),
                verified_on=r.choice([None, 20260301]),
                certificates=[type_ for type_ in held if until[type_] >= TODAY],
                certificate_until=until,
                certificate_from=dict.fromkeys(held, 20250101),
                cpv_prefixes=r.choice([["45", "452", "4523"], ["50", "505"]]),
                available_on=r.choice([0, 20261201, 20270601]),
                price_cents=r.choice([None, 4500, 5800, 9900]),
                lat=52.1458 + r.gauss(0, 0.35),
                lng=14.6313 + r.gauss(0, 0.55),
            )
        )
    return made


@pytest.fixture(scope="module")
def crowd() -> list[dict[str, Any]]:
    return some_documents(600, seed=4)


def holds(d: dict[str, Any], type_: str, day: int) -> bool:
    return type_ in d["certificate_until"] and d["certificate_from"][type_] <= day <= d["certificate_until"][type_]


def fits(d: dict[str, Any], c: Criteria) -> bool:
    near = c.near
    return (
        (not c.kinds or bool(set(c.kinds) & set(d["kinds"])))
        and (not c.languages or bool(set(c.languages) & set(d["languages"])))
        and (not c.districts or d["district"] in c.districts)
        and (not c.employees or d["employees"] in c.employees)
        and (not c.verified or d["verified_on"] is not None)
        and (not c.cpv or any(code in d["cpv_prefixes"] for code in c.cpv))
        and (not c.available_by or d["available_on"] <= c.available_by)
        and all(holds(d, type_, c.valid_on or TODAY) for type_ in c.certificates)
        and (near is None or not c.radius_km or near.km(d["lat"], d["lng"]) <= c.radius_km)
    )


def random_criteria(r: random.Random) -> Criteria:
    def some(values: list[str], chance: float = 0.4) -> tuple[str, ...]:
        return tuple(r.sample(values, r.randint(1, 2))) if r.random() < chance else ()

    around = r.random() < 0.6
    return Criteria(
        kinds=some(["service", "training", "rail"]),
        languages=some(["de", "pl", "en"]),
        districts=some(["DE40C", "DE403", "PL431"]),
        employees=some(["1-9", "10-49", "50-249"], 0.2),
        verified=r.random() < 0.3,
        certificates=some(["iso-9001", "scc"], 0.4)[:1],
        valid_on=r.choice([None, 20270601]),
        cpv=("452",) if r.random() < 0.2 else (),
        available_by=20261231 if r.random() < 0.3 else None,
        near=Near(52.1458 + r.gauss(0, 0.2), 14.6313 + r.gauss(0, 0.2)) if around else None,
        radius_km=r.choice([5, 12.5, 30, 60, 100]) if around else None,
        per_page=100,
    )


def test_totals_hits_and_facets_equal_a_plain_count(
    fill: Callable[..., None], ask: Callable[..., Any], crowd: list[dict[str, Any]]
) -> None:
    """60 random questions: the circle is exact, each group is counted without its own choice."""
    fill(offerings=crowd)
    r = random.Random(11)
    for _ in range(60):
        c = random_criteria(r)
        found, counts = ask(lambda client, c=c: query.find(client, "offerings", c, TODAY))
        expected = [d["id"] for d in crowd if fits(d, c)]
        assert found.total == counts["offerings"] == len(expected), c
        assert {hit.ref for hit in found.hits} <= set(expected), c
        assert len(found.hits) == min(100, len(expected))
        for group, field in (("kinds", "kinds"), ("languages", "languages"), ("districts", "district")):
            plain: Counter[str] = Counter()
            for d in crowd:
                if fits(d, c.without(group)):
                    plain.update(d[field] if isinstance(d[field], list) else [d[field]])
            assert found.facets[group] == dict(plain), (group, c)
            for value in getattr(c, group):
                assert found.facets[group].get(value, 0) <= len(crowd)
        held = found.facets["certificates"]
        for type_, number in held.items():
            day = c.valid_on or TODAY
            assert number == sum(holds(d, type_, day) and fits(d, c.without("certificates")) for d in crowd), (type_, c)


def test_a_single_choice_never_counts_fewer_than_its_hits(
    fill: Callable[..., None], ask: Callable[..., Any], crowd: list[dict[str, Any]]
) -> None:
    fill(offerings=crowd)
    for kind in ("service", "training", "rail"):
        found, _ = ask(lambda c, kind=kind: query.find(c, "offerings", Criteria(kinds=(kind,)), TODAY))
        assert found.total == found.facets["kinds"][kind]


def test_sorting_by_distance_is_exact(
    fill: Callable[..., None], ask: Callable[..., Any], crowd: list[dict[str, Any]]
) -> None:
    fill(offerings=crowd)
    c = Criteria(near=EISENHUETTENSTADT, sort="distance", per_page=50)
    first, _ = ask(lambda client: query.find(client, "offerings", c, TODAY))
    nearest = sorted(crowd, key=lambda d: (EISENHUETTENSTADT.km(d["lat"], d["lng"]), d["id"]))
    assert [hit.ref for hit in first.hits] == [d["id"] for d in nearest[:50]]
    assert first.hits[0].distance_km == pytest.approx(EISENHUETTENSTADT.km(nearest[0]["lat"], nearest[0]["lng"]))


def test_sorting_by_price_and_availability(
    fill: Callable[..., None], ask: Callable[..., Any], crowd: list[dict[str, Any]]
) -> None:
    fill(offerings=crowd)
    for order, field in (("price", "price_cents"), ("available", "available_on")):
        found, _ = ask(lambda c, o=order: query.find(c, "offerings", Criteria(sort=o, per_page=100), TODAY))
        values = [hit.document[field] for hit in found.hits if hit.document[field] is not None]
        assert values == sorted(values)


PAIRS = [
    ("Schweisserpruefung", "Schweißerprüfung nach EN ISO 9606-1"),
    ("schweißerprüfung", "Schweisserpruefung nach EN ISO 9606-1"),
    ("Prüfung", "Schweißerprüfung"),
    ("Kranprüfung", "Prüfung von Kranen"),
    ("rorleitungsbau", "Rohrleitungsbau in Stahl"),
    ("Rohrleitungen", "Rohrleitungsbau in Stahl"),
    ("Słubice", "Transport Slubice"),
    ("slubice", "Transport Słubice"),
    ("9606-1", "Prüfung nach EN ISO 9606-1"),
    ("gerust", "Gerüstbau"),
    ("GERÜSTBAU", "gerüstbau"),
]


@pytest.mark.parametrize(("typed", "title"), PAIRS)
def test_spellings_meet(typed: str, title: str, fill: Callable[..., None], ask: Callable[..., Any]) -> None:
    others = [
        document(f"x{n}", title=t) for n, t in enumerate(["Winterdienst", "Kantine", "Wachschutz", "Elektroprobe"])
    ]
    fill(offerings=[document("wanted", title=title), *others])
    found = ask(lambda c: query.find(c, "offerings", Criteria(q=typed), TODAY))
    assert refs(found)[:1] == ["wanted"]


def test_everyday_words_of_trades_are_found_named_and_can_be_left_out(
    fill: Callable[..., None], ask: Callable[..., Any]
) -> None:
    trained = document("t", title="Flurförderzeuge", trade_names=["Ausbildung"], trade_words=["Staplerschein"])
    fill(offerings=[trained, document("u")])
    found, _ = ask(lambda c: query.find(c, "offerings", Criteria(q="Staplerschein"), TODAY))
    assert [hit.ref for hit in found.hits] == ["t"]
    assert found.synonyms_used == ("Staplerschein",)
    exact, _ = ask(lambda c: query.find(c, "offerings", Criteria(q="Staplerschein", exact=True), TODAY))
    assert exact.total == 0


def test_a_typo_is_answered_with_the_likely_word(fill: Callable[..., None], ask: Callable[..., Any]) -> None:
    fill(offerings=[document("a", title="Rohrleitungsbau in Stahl")])
    found, _ = ask(lambda c: query.find(c, "offerings", Criteria(q="rorleitungsbau"), TODAY))
    assert found.did_you_mean == "Rohrleitungsbau"
    right, _ = ask(lambda c: query.find(c, "offerings", Criteria(q="rohrleitungsbau"), TODAY))
    assert right.did_you_mean is None


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


def test_paging_goes_through_all_once(
    fill: Callable[..., None], ask: Callable[..., Any], crowd: list[dict[str, Any]]
) -> None:
    fill(offerings=crowd[:45])
    pages = [
        refs(ask(lambda c, n=n: query.find(c, "offerings", Criteria(page=n, per_page=20), TODAY))) for n in (1, 2, 3, 4)
    ]
    assert [len(page) for page in pages] == [20, 20, 5, 0]
    assert len({ref for page in pages for ref in page}) == 45


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
